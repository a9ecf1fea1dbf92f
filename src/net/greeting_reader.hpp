// Reads the greeting of one accepted socket. Java: the first half of
// QuorumCnxManager.handleConnection; other than there, the greeting may come in any number of
// segments, and a slow one holds up nobody else.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "net/asio.hpp"
#include "net/stream.hpp"
#include "wire/initial_message.hpp"

namespace zkprobe::net {

class GreetingReader : public std::enable_shared_from_this<GreetingReader> {
 public:
  struct Greeted {
    wire::InitialMessage message;
    std::size_t size = 0;  // bytes of the greeting
    Bytes rest;            // what came behind it: the start of the frames
  };
  // Or one line that says what was wrong and which bytes were read.
  using Result = tl::expected<Greeted, std::string>;

  GreetingReader(asio::io_context& io, std::unique_ptr<Stream> stream, wire::Dialect reader);

  // `done` is called once, from the loop. `timeout` is for the whole greeting.
  void start(Duration timeout, std::function<void(Result)> done);
  // Closes the socket; `done` is not called afterwards.
  void close();
  // The stream, once `done` was called with a greeting.
  std::unique_ptr<Stream> release() { return std::move(stream_); }
  const std::string& remote() const { return remote_; }

 private:
  void read();
  void received(std::size_t size);
  void finish(Result result);
  std::string so_far() const;

  std::unique_ptr<Stream> stream_;
  const wire::Dialect reader_;
  const std::string remote_;
  asio::steady_timer timer_;
  std::function<void(Result)> done_;
  Bytes bytes_;
  std::array<std::uint8_t, 4096> buffer_{};
};

}  // namespace zkprobe::net
