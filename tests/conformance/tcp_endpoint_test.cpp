// Real sockets, blocking calls with a patience.
#include "conformance/tcp_endpoint.hpp"

#include <gtest/gtest.h>

namespace zkprobe::conformance {
namespace {

using What = Endpoint::Event::What;
namespace asio = net::asio;
using asio::ip::tcp;

constexpr Duration kLong = std::chrono::seconds(10);

TEST(TcpEndpoint, BytesGoThereAndBackAndAnEndIsSeen) {
  asio::io_context io;
  tcp::acceptor server(io, {asio::ip::address_v4::loopback(), 0});
  TcpEndpoint endpoint({"127.0.0.1", server.local_endpoint().port()});
  const auto link = endpoint.dial(Place(), kLong);
  ASSERT_TRUE(link.has_value()) << endpoint.failure();
  tcp::socket accepted = server.accept();
  endpoint.write(*link, as_bytes("hello"));
  char text[5];
  asio::read(accepted, asio::buffer(text));
  EXPECT_EQ(std::string(text, 5), "hello");
  EXPECT_EQ(endpoint.wait(*link, std::chrono::milliseconds(20)).what, What::kNothing);
  asio::write(accepted, asio::buffer("back", 4));
  EXPECT_EQ(to_text(endpoint.wait(*link, kLong).bytes), "back");
  accepted.close();
  EXPECT_EQ(endpoint.wait(*link, kLong).what, What::kClosed);
  endpoint.close(*link);
  EXPECT_EQ(endpoint.wait(*link, kLong).what, What::kClosed);
}

TEST(TcpEndpoint, ACallIsTaken) {
  TcpEndpoint endpoint({"127.0.0.1", 1});
  const std::string address = endpoint.listen("a");
  EXPECT_EQ(endpoint.listen("a"), address);
  EXPECT_EQ(endpoint.accept("a", std::chrono::milliseconds(20)), std::nullopt);
  const auto parsed = wire::parse_host_port(address);
  asio::io_context io;
  tcp::socket caller(io);
  caller.connect({asio::ip::make_address(parsed->host), parsed->port});
  const auto link = endpoint.accept("a", kLong);
  ASSERT_TRUE(link.has_value());
  asio::write(caller, asio::buffer("x", 1));
  EXPECT_EQ(to_text(endpoint.wait(*link, kLong).bytes), "x");
}

TEST(TcpEndpoint, WhereADialLedIsKnownUnderOtherNamesToo) {
  asio::io_context io;
  tcp::acceptor server(io, {asio::ip::address_v4::loopback(), 0});
  TcpEndpoint endpoint({"localhost", server.local_endpoint().port()});
  EXPECT_EQ(endpoint.reached(), "");
  ASSERT_TRUE(endpoint.dial(Place(), kLong).has_value()) << endpoint.failure();
  EXPECT_EQ(endpoint.reached(), "127.0.0.1");
  EXPECT_TRUE(endpoint.leads_there("127.0.0.1", kLong));
  EXPECT_TRUE(endpoint.leads_there("localhost", kLong));
  EXPECT_FALSE(endpoint.leads_there("127.0.0.2", kLong));
}

TEST(TcpEndpoint, NobodyListens) {
  asio::io_context io;
  tcp::acceptor free_port(io, {asio::ip::address_v4::loopback(), 0});
  const auto port = free_port.local_endpoint().port();
  free_port.close();
  TcpEndpoint endpoint({"127.0.0.1", port});
  EXPECT_EQ(endpoint.dial(Place(), kLong), std::nullopt);
  EXPECT_EQ(endpoint.failure(), "Connection refused");
}

}  // namespace
}  // namespace zkprobe::conformance
