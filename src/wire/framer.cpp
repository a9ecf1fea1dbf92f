#include "wire/framer.hpp"

namespace zkprobe::wire {

namespace {
constexpr std::size_t kLengthSize = 4;
}

Bytes frame(BytesView payload) {
  Writer writer;
  writer.i32(static_cast<std::int32_t>(payload.size()));
  writer.raw(payload);
  return writer.take();
}

void Framer::append(BytesView bytes) {
  if (error_) return;
  if (consumed_ > 0) {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(consumed_));
    dropped_ += consumed_;
    consumed_ = 0;
  }
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

Decoded<std::optional<Bytes>> Framer::next() {
  if (error_) return DecodeFailure(*error_);
  Reader in(BytesView(buffer_).subspan(consumed_), dropped_ + consumed_);
  if (in.remaining() < kLengthSize) return std::optional<Bytes>();
  const std::int32_t length = in.i32("length");
  if (length <= 0 || static_cast<std::size_t>(length) > max_frame_) {
    in.fail(DecodeFault::kOutOfRange, "length", dropped_ + consumed_,
            "1.." + std::to_string(max_frame_), std::to_string(length));
    error_ = in.error();
    buffer_.clear();
    consumed_ = 0;
    return DecodeFailure(*error_);
  }
  const auto size = static_cast<std::size_t>(length);
  if (in.remaining() < size) return std::optional<Bytes>();
  const BytesView payload = in.take(size, "payload");
  consumed_ += kLengthSize + size;
  return Bytes(payload.begin(), payload.end());
}

}  // namespace zkprobe::wire
