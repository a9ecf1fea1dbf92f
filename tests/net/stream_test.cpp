#include "net/stream.hpp"

#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "net/loopback.hpp"

namespace zkprobe::net::test {
namespace {

int option(int descriptor, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  return getsockopt(descriptor, level, name, &value, &size) == 0 ? value : -1;
}

struct Pair {
  explicit Pair(Loop& loop) : here(loop), socket(loop.io) {
    socket.connect({asio::ip::address_v4::loopback(), here.port()});
    descriptor = socket.native_handle();
    peer = here.accept();
  }
  RawListener here;
  tcp::socket socket;
  int descriptor = -1;
  std::unique_ptr<RawPeer> peer;
};

TEST(Stream, SendsWithoutDelayAndKeepsAliveOnlyIfAsked) {
  Loop loop;
  for (const bool keepalive : {false, true}) {
    Pair pair(loop);
    const auto stream = make_tcp_stream(std::move(pair.socket), keepalive);
    EXPECT_EQ(option(pair.descriptor, IPPROTO_TCP, TCP_NODELAY), 1);
    EXPECT_EQ(option(pair.descriptor, SOL_SOCKET, SO_KEEPALIVE), keepalive ? 1 : 0);
  }
}

TEST(Stream, CarriesBytesBothWaysAndKnowsItsPeer) {
  Loop loop;
  Pair pair(loop);
  ASSERT_NE(pair.peer, nullptr);
  const auto stream = make_tcp_stream(std::move(pair.socket), false);
  EXPECT_EQ(stream->remote(), "127.0.0.1:" + std::to_string(pair.here.port()));
  const Bytes out = text_bytes("out");
  stream->write_all(asio::buffer(out), [](error_code error, std::size_t) { EXPECT_FALSE(error); });
  pair.peer->write(text_bytes("in"));
  Bytes in(10);
  std::size_t size = 0;
  stream->read_some(asio::buffer(in), [&](error_code, std::size_t n) { size = n; });
  ASSERT_TRUE(loop.run_until([&] { return size > 0 && pair.peer->received() == out; }));
  in.resize(size);
  EXPECT_EQ(in, text_bytes("in"));
}

TEST(Stream, KnowsWhatWaitsToBeRead) {
  Loop loop;
  Pair pair(loop);
  ASSERT_NE(pair.peer, nullptr);
  const auto stream = make_tcp_stream(std::move(pair.socket), false);
  EXPECT_EQ(stream->available(), 0u);
  pair.peer->write(text_bytes("four"));
  Bytes in(3);
  std::size_t size = 0;
  stream->read_some(asio::buffer(in), [&](error_code, std::size_t n) { size = n; });
  ASSERT_TRUE(loop.run_until([&] { return size > 0; }));
  EXPECT_EQ(size, 3u);
  EXPECT_EQ(stream->available(), 1u);
  stream->close();
  EXPECT_EQ(stream->available(), 0u);
}

TEST(Stream, CloseEndsAReadThatIsUnderWay) {
  Loop loop;
  Pair pair(loop);
  const auto stream = make_tcp_stream(std::move(pair.socket), false);
  Bytes in(10);
  error_code ended;
  stream->read_some(asio::buffer(in), [&](error_code error, std::size_t) { ended = error; });
  stream->close();
  EXPECT_FALSE(ended);
  ASSERT_TRUE(loop.run_until([&] { return static_cast<bool>(ended); }));
  EXPECT_EQ(ended, asio::error::operation_aborted);
  EXPECT_TRUE(loop.run_until([&] { return pair.peer->closed_by_peer(); }));
}

TEST(Stream, EndpointsAreWrittenAsInAConfiguration) {
  const auto text = [](const char* address) {
    return endpoint_text(tcp::endpoint(asio::ip::make_address(address), 3888));
  };
  EXPECT_EQ(text("127.0.0.1"), "127.0.0.1:3888");
  EXPECT_EQ(text("::1"), "[::1]:3888");
  EXPECT_EQ(text("::ffff:10.0.0.1"), "10.0.0.1:3888");
}

}  // namespace
}  // namespace zkprobe::net::test
