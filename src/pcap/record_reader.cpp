#include "pcap/record_reader.hpp"

#include <pcap/pcap.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <utility>

namespace zkprobe::pcap {
namespace {

constexpr std::size_t kFileHeader = 24;
constexpr std::size_t kRecordHeader = 16;
constexpr std::uint32_t kMicroseconds = 0xa1b2c3d4;
constexpr std::uint32_t kNanoseconds = 0xa1b23c4d;
constexpr std::uint32_t kSecond = 1'000'000'000;
// What every libpcap takes, whatever the file's header says.
constexpr std::uint32_t kMostKept = RecordReader::kPiece - kRecordHeader;

std::uint32_t number_at(const std::uint8_t* bytes) {
  std::uint32_t value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

// Version 2.4 in this machine's order. 2.3 and earlier had the two lengths the other way round.
bool is_plain(::pcap* opened, std::uint32_t magic) {
  return (magic == kMicroseconds || magic == kNanoseconds) && pcap_is_swapped(opened) == 0 &&
         pcap_major_version(opened) == 2 && pcap_minor_version(opened) == 4 &&
         pcap_snapshot(opened) > 0;
}

}  // namespace

RecordReader::RecordReader(::pcap* opened, bool nanoseconds)
    : most_(std::min(static_cast<std::uint32_t>(pcap_snapshot(opened)), kMostKept)),
      fraction_(nanoseconds ? 1 : 1'000) {}

std::optional<RecordReader> RecordReader::of_file(::pcap* opened) {
  std::FILE* const file = pcap_file(opened);
  const int fd = file == nullptr ? -1 : ::fileno(file);
  std::uint8_t magic[4];
  if (fd < 0 || ::pread(fd, magic, sizeof magic, 0) != sizeof magic) return std::nullopt;
  if (!is_plain(opened, number_at(magic))) return std::nullopt;
  RecordReader reader(opened, number_at(magic) == kNanoseconds);
  reader.fd_ = fd;
  reader.buffer_.resize(kPiece);
  reader.begin_ = kFileHeader;
  return reader;
}

std::optional<RecordReader> RecordReader::of_memory(::pcap* opened, BytesView file) {
  if (file.size() < kFileHeader || !is_plain(opened, number_at(file.data()))) return std::nullopt;
  RecordReader reader(opened, number_at(file.data()) == kNanoseconds);
  reader.piece_ = file;
  reader.at_ = kFileHeader;
  return reader;
}

bool RecordReader::want(std::size_t bytes) {
  if (piece_.size() - at_ >= bytes) return true;
  if (fd_ < 0) return false;
  const std::size_t left = piece_.size() - at_;
  if (left > 0) std::memmove(buffer_.data(), piece_.data() + at_, left);
  begin_ += at_;
  at_ = 0;
  std::size_t have = left;
  while (have < bytes) {
    const ssize_t got = ::pread(fd_, buffer_.data() + have, buffer_.size() - have,
                                static_cast<off_t>(begin_ + have));
    if (got <= 0) break;
    have += static_cast<std::size_t>(got);
  }
  piece_ = BytesView(buffer_).first(have);
  return have >= bytes;
}

bool RecordReader::next(capture::Packet& packet) {
  if (!want(kRecordHeader)) return false;
  const std::uint8_t* const header = piece_.data() + at_;
  const std::uint32_t seconds = number_at(header);
  const std::uint32_t fraction = number_at(header + 4);
  const std::uint32_t kept = number_at(header + 8);
  const std::uint32_t wire = number_at(header + 12);
  if (seconds >> 31 != 0 || fraction >= kSecond / fraction_ || kept > most_) return false;
  if (!want(kRecordHeader + kept)) return false;
  packet.time = std::chrono::nanoseconds(std::int64_t{seconds} * kSecond +
                                         std::int64_t{fraction} * fraction_);
  packet.bytes = piece_.subspan(at_ + kRecordHeader, kept);
  packet.wire_length = std::max(wire, kept);
  at_ += kRecordHeader + kept;
  return true;
}

}  // namespace zkprobe::pcap
