#include "wire/jute.hpp"

#include <limits>

namespace zkprobe::wire {
namespace {

// A length of -1 (null) to limit; nothing for null and after an error.
std::optional<std::size_t> read_length(Reader& reader, std::string_view field, std::int32_t limit) {
  const std::size_t at = reader.offset();
  const std::int32_t length = reader.i32(field);
  if (!reader.ok() || length == -1) return std::nullopt;
  if (length < 0 || length > limit) {
    reader.fail(DecodeFault::kOutOfRange, field, at, "-1.." + std::to_string(limit),
                std::to_string(length));
    return std::nullopt;
  }
  return static_cast<std::size_t>(length);
}

}  // namespace

bool read_bool(Reader& reader, std::string_view field) { return reader.u8(field) != 0; }

std::optional<Bytes> read_buffer(Reader& reader, std::string_view field, std::int32_t limit) {
  const auto length = read_length(reader, field, limit);
  if (!length) return std::nullopt;
  const BytesView bytes = reader.take(*length, field);
  return Bytes(bytes.begin(), bytes.end());
}

std::optional<std::string> read_ustring(Reader& reader, std::string_view field,
                                        std::int32_t limit) {
  const auto length = read_length(reader, field, limit);
  if (!length) return std::nullopt;
  return reader.text(*length, field);
}

std::int32_t read_vector_count(Reader& reader, std::string_view field, std::size_t min_element) {
  const std::size_t at = reader.offset();
  const std::int32_t count = reader.i32(field);
  if (!reader.ok() || count <= 0) return 0;
  const std::size_t most = min_element == 0 ? std::numeric_limits<std::int32_t>::max()
                                            : reader.remaining() / min_element;
  if (static_cast<std::size_t>(count) > most) {
    reader.fail(DecodeFault::kOutOfRange, field, at, "at most " + std::to_string(most),
                std::to_string(count));
    return 0;
  }
  return count;
}

void write_bool(Writer& writer, bool value) { writer.u8(value ? 1 : 0); }

void write_buffer(Writer& writer, const std::optional<Bytes>& value) {
  if (!value) {
    writer.i32(-1);
    return;
  }
  writer.i32(static_cast<std::int32_t>(value->size()));
  writer.raw(*value);
}

void write_ustring(Writer& writer, const std::optional<std::string>& value) {
  if (!value) {
    writer.i32(-1);
    return;
  }
  writer.i32(static_cast<std::int32_t>(value->size()));
  writer.text(*value);
}

}  // namespace zkprobe::wire
