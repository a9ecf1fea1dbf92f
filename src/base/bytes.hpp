// Reading and writing big-endian bytes (Java: DataInputStream, DataOutputStream, ByteBuffer).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace zkprobe {

using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<const std::uint8_t>;

// The number whose bytes stand at `at`, all of them. Written so that compilers make one load of it.
inline std::uint32_t u32_at(const std::uint8_t* at) {
  return static_cast<std::uint32_t>(at[0]) << 24 | static_cast<std::uint32_t>(at[1]) << 16 |
         static_cast<std::uint32_t>(at[2]) << 8 | static_cast<std::uint32_t>(at[3]);
}
inline std::uint64_t u64_at(const std::uint8_t* at) {
  return static_cast<std::uint64_t>(u32_at(at)) << 32 | u32_at(at + 4);
}

// Reads from the front of a view. The first failure sticks: later reads return zeros, and the
// caller checks once, with error() or finish(). Nothing is ever read past the view's end.
class Reader {
 public:
  // base_offset is added to the offsets in errors: the place of the view in its message.
  explicit Reader(BytesView bytes, std::size_t base_offset = 0)
      : bytes_(bytes), base_offset_(base_offset) {}

  std::uint8_t u8(std::string_view field) {
    const BytesView one = take(1, field);
    return one.empty() ? std::uint8_t{0} : one[0];
  }
  std::int32_t i32(std::string_view field) {
    const BytesView four = take(4, field);
    return four.empty() ? 0 : static_cast<std::int32_t>(u32_at(four.data()));
  }
  std::int64_t i64(std::string_view field) {
    const BytesView eight = take(8, field);
    return eight.empty() ? 0 : static_cast<std::int64_t>(u64_at(eight.data()));
  }
  // Exactly n bytes of the underlying view; empty after a failure.
  BytesView take(std::size_t n, std::string_view field) {
    if (!want(n, field)) return {};
    const BytesView taken = bytes_.subspan(position_, n);
    position_ += n;
    return taken;
  }
  std::string text(std::size_t n, std::string_view field);

  std::size_t offset() const { return base_offset_ + position_; }
  std::size_t remaining() const { return bytes_.size() - position_; }
  BytesView rest() const { return bytes_.subspan(position_); }
  bool ok() const { return !error_.has_value(); }
  const std::optional<DecodeError>& error() const { return error_; }

  // Records a failure that the caller found, unless one is recorded already.
  void fail(DecodeFault fault, std::string_view field, std::size_t offset, std::string expected,
            std::string found);

  // The value, or the recorded error.
  template <class T>
  Decoded<T> finish(T value) const {
    if (error_) return DecodeFailure(*error_);
    return value;
  }

 private:
  bool want(std::size_t n, std::string_view field) {
    if (error_) return false;
    if (remaining() >= n) return true;
    truncated(n, field);
    return false;
  }
  void truncated(std::size_t wanted, std::string_view field);

  BytesView bytes_;
  std::size_t base_offset_ = 0;
  std::size_t position_ = 0;
  std::optional<DecodeError> error_;
};

// Appends to a growing buffer.
class Writer {
 public:
  void u8(std::uint8_t value) { bytes_.push_back(value); }
  void i32(std::int32_t value);
  void i64(std::int64_t value);
  void raw(BytesView bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  void text(std::string_view text) { bytes_.insert(bytes_.end(), text.begin(), text.end()); }
  // Overwrites the four bytes at `offset`, which were written before.
  void patch_i32(std::size_t offset, std::int32_t value);

  std::size_t size() const { return bytes_.size(); }
  const Bytes& bytes() const { return bytes_; }
  Bytes take() { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

inline BytesView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string to_text(BytesView bytes) { return {bytes.begin(), bytes.end()}; }

// "0001ff": two lower-case digits a byte.
std::string hex_encode(BytesView bytes);
// Accepts digits of either case; spaces and line ends between bytes are skipped. Nothing where a
// digit is missing or something else stands.
std::optional<Bytes> hex_decode(std::string_view text);

}  // namespace zkprobe
