#include "net/stream.hpp"

namespace zkprobe::net {
namespace {

using asio::ip::tcp;

class TcpStream final : public Stream {
 public:
  TcpStream(tcp::socket socket, bool keepalive) : socket_(std::move(socket)) {
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    if (keepalive) socket_.set_option(asio::socket_base::keep_alive(true), ignored);
    error_code unknown;
    const tcp::endpoint remote = socket_.remote_endpoint(unknown);
    if (!unknown) remote_ = endpoint_text(remote);
  }

  void read_some(asio::mutable_buffer into, Done done) override {
    socket_.async_read_some(into, std::move(done));
  }
  void write_all(asio::const_buffer bytes, Done done) override {
    asio::async_write(socket_, bytes, std::move(done));
  }
  std::size_t available() const override {
    error_code unknown;
    const std::size_t bytes = socket_.available(unknown);
    return unknown ? 0 : bytes;
  }
  void wake_at(std::size_t bytes) override {
    error_code ignored;
    socket_.set_option(asio::socket_base::receive_low_watermark(static_cast<int>(bytes)), ignored);
  }
  void wait_readable(std::function<void(error_code)> done) override {
    socket_.async_wait(tcp::socket::wait_read, std::move(done));
  }
  void close() override {
    error_code ignored;
    socket_.close(ignored);
  }
  const std::string& remote() const override { return remote_; }

 private:
  tcp::socket socket_;
  std::string remote_;
};

}  // namespace

std::unique_ptr<Stream> make_tcp_stream(tcp::socket socket, bool keepalive) {
  return std::make_unique<TcpStream>(std::move(socket), keepalive);
}

std::string endpoint_text(const tcp::endpoint& endpoint) {
  asio::ip::address address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  const std::string port = std::to_string(endpoint.port());
  if (address.is_v6()) return "[" + address.to_string() + "]:" + port;
  return address.to_string() + ":" + port;
}

}  // namespace zkprobe::net
