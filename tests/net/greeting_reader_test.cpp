#include "net/greeting_reader.hpp"

#include <gtest/gtest.h>

#include "net/loopback.hpp"

namespace zkprobe::net::test {
namespace {

// A reader at one end of a socket, a raw peer at the other.
struct Reading {
  explicit Reading(Loop& loop, wire::Dialect dialect = {},
                   Duration timeout = std::chrono::seconds(10)) {
    RawListener here(loop);
    tcp::socket socket(loop.io);
    socket.connect({asio::ip::address_v4::loopback(), here.port()});
    peer = here.accept();
    reader = std::make_shared<GreetingReader>(loop.io, make_tcp_stream(std::move(socket), false),
                                              dialect);
    reader->start(timeout, [this](GreetingReader::Result done) { result = std::move(done); });
  }
  std::unique_ptr<RawPeer> peer;
  std::shared_ptr<GreetingReader> reader;
  std::optional<GreetingReader::Result> result;
};

TEST(GreetingReader, ReadsAGreetingAndKeepsWhatFollows) {
  Loop loop;
  Reading reading(loop);
  reading.peer->write(v1_greeting(3, "127.0.0.1:3888") + text_bytes("rest"));
  ASSERT_TRUE(loop.run_until([&] { return reading.result.has_value(); }));
  ASSERT_TRUE(*reading.result);
  const GreetingReader::Greeted& greeted = **reading.result;
  EXPECT_EQ(greeted.message.sid, Sid(3));
  EXPECT_EQ(greeted.message.addresses, (std::vector<wire::HostPort>{{"127.0.0.1", 3888}}));
  EXPECT_EQ(greeted.size, 34u);
  EXPECT_EQ(greeted.rest, text_bytes("rest"));
  EXPECT_NE(reading.reader->release(), nullptr);
  EXPECT_FALSE(reading.peer->closed_by_peer());
}

TEST(GreetingReader, ReadsAsTheEmulatedRelease) {
  Loop loop;
  Reading reading(loop, {.release = {3, 4, 5}});
  reading.peer->write(v1_greeting(3, "a:1"));
  ASSERT_TRUE(loop.run_until([&] { return reading.result.has_value(); }));
  ASSERT_TRUE(*reading.result);
  EXPECT_EQ((**reading.result).message.sid, Sid(-65536));
}

TEST(GreetingReader, AnErrorShowsTheBytesAndClosesTheSocket) {
  Loop loop;
  Reading reading(loop);
  reading.peer->write(Bytes(200, 0xff));
  ASSERT_TRUE(loop.run_until([&] { return reading.result.has_value(); }));
  ASSERT_FALSE(*reading.result);
  EXPECT_NE(
      reading.result->error().find("; 200 bytes read: " + hex_encode(Bytes(32, 0xff)) + "..."),
      std::string::npos)
      << reading.result->error();
  EXPECT_TRUE(loop.run_until([&] { return reading.peer->closed_by_peer(); }));
}

TEST(GreetingReader, AnEndInsideTheGreetingIsAnError) {
  Loop loop;
  Reading reading(loop);
  reading.peer->write(Bytes{0, 0, 1});
  reading.peer->close();
  ASSERT_TRUE(loop.run_until([&] { return reading.result.has_value(); }));
  ASSERT_FALSE(*reading.result);
  EXPECT_EQ(reading.result->error(), "closed inside the greeting; 3 bytes read: 000001");
}

TEST(GreetingReader, TheTimeIsLimited) {
  Loop loop;
  Reading reading(loop, {}, std::chrono::milliseconds(20));
  reading.peer->write(Bytes{7});
  ASSERT_TRUE(loop.run_until([&] { return reading.result.has_value(); }));
  ASSERT_FALSE(*reading.result);
  EXPECT_EQ(reading.result->error(), "no whole greeting in 20 ms; 1 bytes read: 07");
}

TEST(GreetingReader, NothingIsCalledAfterClose) {
  Loop loop;
  Reading reading(loop);
  reading.peer->write(bare_greeting(3));
  reading.reader->close();
  ASSERT_TRUE(loop.run_until([&] { return reading.peer->closed_by_peer(); }));
  EXPECT_FALSE(reading.result);
}

}  // namespace
}  // namespace zkprobe::net::test
