// One link after its greeting: frames in both directions, one payload being written at a time.
// Java: QuorumCnxManager.SendWorker and RecvWorker.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "net/asio.hpp"
#include "net/stream.hpp"
#include "wire/framer.hpp"

namespace zkprobe::net {

// Payloads are handed on from the read that brought them, so there is no receive queue: a consumer
// that is slow makes the peer wait, and at most one frame and one read of it are held here.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  struct Callbacks {
    std::function<void(Bytes payload)> on_payload;
    std::function<void()> on_sent;  // the payload of send() is with the kernel
    // The link is closed by the peer, by an error, or by a length that is refused (`garbage`: the
    // peer speaks no such protocol). Never after close().
    std::function<void(const std::string& why, bool garbage)> on_closed;
  };

  Connection(std::unique_ptr<Stream> stream, std::size_t max_frame);

  // `received` came behind the greeting, whose size is added to the offsets in error lines.
  void start(Bytes received, std::size_t greeting_size, Callbacks callbacks);
  // Only while sending() is false.
  void send(const Bytes& payload);
  bool sending() const { return !sending_.empty(); }
  // Closes the socket; no callback comes afterwards.
  void close();
  const std::string& remote() const { return stream_->remote(); }

 private:
  void read();
  void received(BytesView bytes);
  void fail(const std::string& why, bool garbage = false);
  std::string refusal(DecodeError error, BytesView bytes) const;

  std::unique_ptr<Stream> stream_;
  wire::Framer framer_;
  Callbacks callbacks_;
  Bytes sending_;
  std::size_t received_size_ = 0;  // since the greeting
  std::size_t greeting_size_ = 0;
  bool closed_ = false;
  std::array<std::uint8_t, 16'384> buffer_{};
};

}  // namespace zkprobe::net
