// A stream of bytes to one peer. Connections are written over this, so that TLS is another stream
// and nothing else.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "net/asio.hpp"

namespace zkprobe::net {

class Stream {
 public:
  using Done = std::function<void(error_code, std::size_t)>;

  virtual ~Stream() = default;

  // One read and one write may be under way at a time. The buffer and the stream must stay until
  // the handler has run, which it does from the loop, never from inside.
  virtual void read_some(asio::mutable_buffer into, Done done) = 0;
  virtual void write_all(asio::const_buffer bytes, Done done) = 0;
  // Bytes that a read would get at once; 0 where that cannot be told.
  virtual std::size_t available() const = 0;
  // The loop is not woken for fewer bytes than these: while no read is under way each arrival would
  // be a switch to this thread for nothing. The end of the connection wakes it as ever.
  virtual void wake_at(std::size_t bytes) = 0;
  // Called when as many bytes as wake_at() says can be read, or the connection has ended.
  virtual void wait_readable(std::function<void(error_code)> done) = 0;
  // What is under way ends with operation_aborted.
  virtual void close() = 0;
  virtual const std::string& remote() const = 0;
};

// Takes a connected socket; sets TCP_NODELAY, and SO_KEEPALIVE if wanted.
std::unique_ptr<Stream> make_tcp_stream(asio::ip::tcp::socket socket, bool keepalive);

// "127.0.0.1:3888", "[::1]:3888"; an IPv4 address inside IPv6 is shown as IPv4.
std::string endpoint_text(const asio::ip::tcp::endpoint& endpoint);

}  // namespace zkprobe::net
