#include "net/connection.hpp"

#include <gtest/gtest.h>

#include "net/loopback.hpp"

namespace zkprobe::net::test {
namespace {

// A connection at one end of a socket, a raw peer at the other.
struct Linked {
  explicit Linked(Loop& loop, const Bytes& received = {}, std::size_t greeting_size = 0) {
    RawListener here(loop);
    tcp::socket socket(loop.io);
    socket.connect({asio::ip::address_v4::loopback(), here.port()});
    peer = here.accept();
    connection = std::make_shared<Connection>(make_tcp_stream(std::move(socket), false), 100);
    Connection::Callbacks callbacks;
    callbacks.on_payload = [this](const Bytes& payload) {
      payloads.push_back(to_text(payload));
      if (close_on_payload) connection->close();
    };
    callbacks.on_sent = [this] { ++sent; };
    callbacks.on_closed = [this](const std::string& why, bool is_garbage) {
      closed.push_back(why);
      garbage = is_garbage;
    };
    connection->start(received, greeting_size, std::move(callbacks));
  }
  ~Linked() { connection->close(); }
  Linked(const Linked&) = delete;
  Linked& operator=(const Linked&) = delete;

  std::unique_ptr<RawPeer> peer;
  std::shared_ptr<Connection> connection;
  std::vector<std::string> payloads;
  std::vector<std::string> closed;
  bool garbage = false;
  int sent = 0;
  bool close_on_payload = false;
};

using Strings = std::vector<std::string>;

TEST(Connection, FramesComeOutHoweverTheyAreCut) {
  Loop loop;
  Linked linked(loop, framed("came with the greeting") + Bytes{0, 0});
  EXPECT_EQ(linked.payloads, Strings{"came with the greeting"});
  linked.peer->write(Bytes{0, 2, 'a'});
  loop.run_ready();
  linked.peer->write(text_bytes("b") + framed("c") + framed("d"));
  ASSERT_TRUE(loop.run_until([&] { return linked.payloads.size() == 4; }));
  EXPECT_EQ(linked.payloads, (Strings{"came with the greeting", "ab", "c", "d"}));
}

TEST(Connection, WritesFramesAndSaysWhenOneIsWritten) {
  Loop loop;
  Linked linked(loop);
  linked.connection->send(text_bytes("vote"));
  EXPECT_TRUE(linked.connection->sending());
  ASSERT_TRUE(loop.run_until([&] { return linked.sent == 1; }));
  EXPECT_FALSE(linked.connection->sending());
  EXPECT_TRUE(loop.run_until([&] { return linked.peer->received() == framed("vote"); }));
}

TEST(Connection, ThePeersEndIsReportedOnce) {
  Loop loop;
  Linked linked(loop);
  linked.peer->close();
  ASSERT_TRUE(loop.run_until([&] { return !linked.closed.empty(); }));
  loop.run_ready();
  EXPECT_EQ(linked.closed, Strings{"closed by the peer"});
  EXPECT_FALSE(linked.garbage);
}

TEST(Connection, ALengthOutOfBoundsClosesItAndTheOffsetCountsTheGreeting) {
  Loop loop;
  Linked linked(loop, {}, 34);
  linked.peer->write(framed("ok") + Bytes{0x7f, 0xff, 0xff, 0xff, 0xab});
  ASSERT_TRUE(loop.run_until([&] { return !linked.closed.empty(); }));
  EXPECT_EQ(linked.payloads, Strings{"ok"});
  EXPECT_TRUE(linked.garbage);
  EXPECT_NE(linked.closed[0].find("at byte 40"), std::string::npos) << linked.closed[0];
  EXPECT_NE(linked.closed[0].find("bytes there: 7fffffffab"), std::string::npos)
      << linked.closed[0];
  EXPECT_TRUE(loop.run_until([&] { return linked.peer->closed_by_peer(); }));
}

TEST(Connection, ClosedByItsOwnerItSaysNothingMore) {
  Loop loop;
  Linked linked(loop);
  linked.close_on_payload = true;
  linked.peer->write(framed("first") + framed("second"));
  ASSERT_TRUE(loop.run_until([&] { return linked.peer->closed_by_peer(); }));
  EXPECT_EQ(linked.payloads, Strings{"first"});
  EXPECT_TRUE(linked.closed.empty());
}

}  // namespace
}  // namespace zkprobe::net::test
