// Frames of the election port: length:int, then so many bytes.
// Java: QuorumCnxManager.SendWorker.send, QuorumCnxManager.RecvWorker.run.
#pragma once

#include <optional>

#include "base/bytes.hpp"
#include "wire/dialect.hpp"

namespace zkprobe::wire {

// QuorumCnxManager.PACKETMAXSIZE.
inline constexpr std::size_t kMaxFrame = 524'288;  // 3.4.6 and later
inline constexpr std::size_t kMaxFrameUntil345 = 1'048'576;

// The payload is not checked: a sender that stays below the receiver's limit is the caller's task.
Bytes frame(BytesView payload);

// Cuts a stream of bytes into payloads. A length of zero, below zero or above the limit is an
// error, after which nothing more comes out: the reader closes the connection. A caller that asks
// for frames until there is none after each append holds at most max_frame + 3 bytes in here.
class Framer {
 public:
  explicit Framer(std::size_t max_frame = kMaxFrame) : max_frame_(max_frame) {}

  // Bytes that come after an error are dropped.
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
  std::size_t dropped_ = 0;  // bytes of the stream that are no longer in buffer_
  std::optional<DecodeError> error_;
};

}  // namespace zkprobe::wire
