#include "store/log_file_reader.hpp"

#include <algorithm>
#include <cstring>

namespace zkprobe::store {
namespace {

constexpr std::size_t kReadSize = 262'144;

}  // namespace

Stored<LogFileReader> LogFileReader::open(FileSystem& files, const std::string& path,
                                          std::int32_t limit) {
  auto file = files.open(path, OpenMode::kRead);
  if (!file) return StorageFailure(file.error());
  LogFileReader reader(std::move(*file), limit);
  const auto header = reader.look_ahead(wire::kLogHeaderSize);
  if (!header) return StorageFailure(header.error());
  if (header->size() < wire::kLogHeaderSize) {
    reader.ended_ = true;
    reader.torn_ = true;
    return reader;
  }
  const auto decoded = wire::decode_log_header(*header);
  if (!decoded) return corrupt(path, decoded.error());
  reader.offset_ = wire::kLogHeaderSize;
  return reader;
}

Stored<BytesView> LogFileReader::look_ahead(std::size_t size) {
  const auto ahead = static_cast<std::size_t>(offset_ - buffer_offset_);
  if (offset_ >= buffer_offset_ && ahead + size <= buffer_size_) {
    return BytesView(buffer_).subspan(ahead, size);
  }
  buffer_.resize(std::max(size, kReadSize));
  const auto n = file_->read_at(offset_, buffer_);
  if (!n) return StorageFailure(n.error());
  buffer_offset_ = offset_;
  buffer_size_ = *n;
  return BytesView(buffer_).first(std::min(size, *n));
}

Stored<std::optional<LogFileReader::Entry>> LogFileReader::next() {
  const std::optional<Entry> nothing;
  if (ended_) return nothing;
  const auto front = look_ahead(wire::kLogEntryHeadSize);
  if (!front) return StorageFailure(front.error());
  if (front->size() < wire::kLogEntryHeadSize) {
    ended_ = true;
    torn_ = std::any_of(front->begin(), front->end(), [](std::uint8_t b) { return b != 0; });
    return nothing;
  }
  const auto head = wire::decode_log_entry_head(*front, limit_, offset_);
  if (!head) return corrupt(path(), head.error());
  if (head->length > 0) return take_entry(*head);
  ended_ = true;
  // A checksum whose entry was not written further is a torn end; what follows must be zeros.
  torn_ = head->checksum != 0;
  const auto zeros = expect_zeros(offset_ + wire::kLogEntryHeadSize);
  if (!zeros) return StorageFailure(zeros.error());
  return nothing;
}

Stored<std::optional<LogFileReader::Entry>> LogFileReader::take_entry(
    const wire::LogEntryHead& head) {
  const auto bytes = look_ahead(head.entry_size());
  if (!bytes) return StorageFailure(bytes.error());
  if (bytes->size() < head.entry_size()) {
    ended_ = true;
    torn_ = true;
    return std::optional<Entry>();
  }
  const auto payload = wire::read_log_payload(head, *bytes, offset_);
  if (!payload) return corrupt(path(), payload.error());
  if (!*payload) {
    ended_ = true;
    torn_ = true;
    const auto alone = expect_no_entry_at(offset_ + head.entry_size());
    if (!alone) return StorageFailure(alone.error());
    return std::optional<Entry>();
  }
  const auto zxid = wire::zxid_of_payload(**payload);
  if (!zxid) {
    return corrupt(
        path(), offset_,
        "transaction of " + std::to_string((*payload)->size()) + " bytes, shorter than its header");
  }
  Entry entry{*zxid, **payload, offset_, offset_ + head.entry_size()};
  offset_ = entry.end;
  return std::optional<Entry>(entry);
}

Stored<void> LogFileReader::expect_zeros(std::uint64_t offset) {
  Bytes part(kReadSize);
  while (true) {
    const auto n = file_->read_at(offset, part);
    if (!n) return StorageFailure(n.error());
    const auto bytes = BytesView(part).first(*n);
    // A comparison with itself, one byte on: the quick way over megabytes of padding.
    const bool zero = bytes.empty() || (bytes[0] == 0 && std::memcmp(bytes.data(), bytes.data() + 1,
                                                                     bytes.size() - 1) == 0);
    if (!zero) {
      const auto found =
          std::find_if(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b != 0; });
      return corrupt(path(), offset + static_cast<std::uint64_t>(found - bytes.begin()),
                     "data behind the end of the log at byte " + std::to_string(offset_) +
                         ": the file was damaged there");
    }
    if (*n < part.size()) return {};
    offset += *n;
  }
}

Stored<void> LogFileReader::expect_no_entry_at(std::uint64_t offset) {
  Bytes front(wire::kLogEntryHeadSize);
  const auto n = file_->read_at(offset, front);
  if (!n) return StorageFailure(n.error());
  if (*n < front.size()) return {};
  const auto head = wire::decode_log_entry_head(front, limit_, offset);
  if (!head || head->length == 0) return {};
  Bytes entry(head->entry_size());
  const auto got = file_->read_at(offset, entry);
  if (!got) return StorageFailure(got.error());
  if (*got < entry.size()) return {};
  const auto payload = wire::read_log_payload(*head, entry, offset);
  if (!payload || !*payload) return {};
  return corrupt(path(), offset_,
                 "end byte: expected 42, and a whole entry follows at byte " +
                     std::to_string(offset) + ": the file was damaged here");
}

}  // namespace zkprobe::store
