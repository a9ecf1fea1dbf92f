// Jute, the record encoding of the learner port and of ZooKeeper's files: big-endian, no tags.
//   int 4, long 8, byte 1, boolean 1; buffer and ustring: int n, n bytes, -1 for null;
//   vector: int n, elements, -1 for null (any n <= 0 reads as empty).
// Java: BinaryInputArchive, BinaryOutputArchive.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace zkprobe::wire {

// jute.maxbuffer's default and zookeeper.jute.maxbuffer.extrasize's: the longest buffer or string.
inline constexpr std::int32_t kJuteMaxBuffer = 1'048'575;
inline constexpr std::int32_t kJuteMaxField = 2 * kJuteMaxBuffer;

// Each reads one field; a length out of bounds is recorded as kOutOfRange before anything is
// allocated.
bool read_bool(Reader& reader, std::string_view field);
std::optional<Bytes> read_buffer(Reader& reader, std::string_view field,
                                 std::int32_t limit = kJuteMaxField);
std::optional<std::string> read_ustring(Reader& reader, std::string_view field,
                                        std::int32_t limit = kJuteMaxField);
// The number of elements, 0 for null; each element takes at least `min_element` bytes, so a count
// that cannot fit in what remains is kOutOfRange.
std::int32_t read_vector_count(Reader& reader, std::string_view field, std::size_t min_element);

void write_bool(Writer& writer, bool value);
void write_buffer(Writer& writer, const std::optional<Bytes>& value);
void write_ustring(Writer& writer, const std::optional<std::string>& value);

}  // namespace zkprobe::wire
