// Frames of the election port: length:int, then so many bytes. Java: QuorumCnxManager.RecvWorker.
#pragma once

#include <optional>

#include "base/bytes.hpp"
#include "wire/dialect.hpp"

namespace zkprobe::wire {

// QuorumCnxManager.PACKETMAXSIZE.
inline constexpr std::size_t kMaxFrame = 524'288;         // 3.4.6 and later
inline constexpr std::size_t kMaxFrameUntil345 = 1'048'576;

Bytes frame(BytesView payload);

// Cuts a stream of bytes into payloads. A length of zero, below zero or above the limit is an
// error, after which nothing more comes out: the reader closes the connection. At most
// max_frame + 4 bytes are held, however much arrives.
class Framer {
 public:
  explicit Framer(std::size_t max_frame = kMaxFrame) : max_frame_(max_frame) {}

  void append(BytesView bytes);
  // The next whole payload; nothing while it is incomplete; an error when the length is refused.
  // Offsets in errors count from the first byte ever appended.
  Decoded<std::optional<Bytes>> next();
  // Bytes that wait for the rest of their frame.
  std::size_t pending() const { return buffer_.size() - consumed_; }

 private:
  std::size_t max_frame_;
  Bytes buffer_;
  std::size_t consumed_ = 0;
  std::size_t stream_offset_ = 0;
  std::optional<DecodeError> error_;
};

}  // namespace zkprobe::wire
