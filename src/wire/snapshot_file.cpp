#include "wire/snapshot_file.hpp"

#include <algorithm>

#include "wire/snapshot_encoder.hpp"

namespace zkprobe::wire {
namespace {

constexpr std::size_t kDigestSize = 20 + kSealSize;
constexpr std::size_t kLastZxidSize = 8 + kSealSize;
constexpr std::size_t kLongestEnd = kSealSize + kDigestSize + kLastZxidSize;

}  // namespace

SnapshotSections sections_of(Release release, std::optional<ZxidDigest> digest,
                             Zxid last_processed) {
  SnapshotSections sections;
  if (release >= Release{3, 6, 0}) sections.digest = digest.value_or(ZxidDigest{});
  if (release >= Release{3, 9, 0}) sections.last_processed = last_processed;
  return sections;
}

Bytes SnapshotFileEncoder::header() {
  Writer writer;
  writer.i32(static_cast<std::int32_t>(kSnapshotMagic));
  writer.i32(2);
  writer.i64(-1);
  sum_.update(writer.bytes());
  return writer.take();
}

void SnapshotFileEncoder::seal(Writer& writer) {
  Writer seal;
  seal.i64(sum_.value());
  write_nodes_end(seal);
  sum_.update(seal.bytes());
  writer.raw(seal.bytes());
}

Bytes SnapshotFileEncoder::end(const SnapshotSections& sections) {
  Writer writer;
  seal(writer);
  if (sections.digest) {
    Writer digest;
    digest.i64(sections.digest->zxid.value);
    digest.i32(sections.digest->version);
    digest.i64(sections.digest->digest);
    sum_.update(digest.bytes());
    writer.raw(digest.bytes());
    seal(writer);
  }
  if (sections.last_processed) {
    Writer zxid;
    zxid.i64(sections.last_processed->value);
    sum_.update(zxid.bytes());
    writer.raw(zxid.bytes());
    seal(writer);
  }
  return writer.take();
}

Decoded<std::size_t> SnapshotFileReader::take_header(BytesView chunk) {
  const std::size_t n = std::min(kSnapshotHeaderSize - pending_.size(), chunk.size());
  pending_.insert(pending_.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(n));
  if (pending_.size() < kSnapshotHeaderSize) return n;
  Reader reader(pending_);
  const auto magic = static_cast<std::uint32_t>(reader.i32("magic"));
  if (magic != kSnapshotMagic) {
    reader.fail(DecodeFault::kMalformed, "magic", 0, "5a4b534e (ZKSN)",
                hex_encode(BytesView(pending_).first(4)));
  }
  sum_.update(pending_);
  pending_.clear();
  header_done_ = true;
  return reader.finish(n);
}

Decoded<void> SnapshotFileReader::feed(BytesView chunk, SnapshotSink& sink) {
  const auto fail = [this](DecodeError error, std::size_t base) -> Decoded<void> {
    error.offset += base;
    error_ = std::move(error);
    return DecodeFailure(*error_);
  };
  if (error_) return DecodeFailure(*error_);
  if (!header_done_) {
    const auto used = take_header(chunk);
    if (!used) return fail(used.error(), 0);
    chunk = chunk.subspan(*used);
  }
  if (header_done_ && !body_.done() && !chunk.empty()) {
    const auto used = body_.feed(chunk, sink);
    if (!used) return fail(used.error(), kSnapshotHeaderSize);
    sum_.update(chunk.first(*used));
    chunk = chunk.subspan(*used);
  }
  if (pending_.size() + chunk.size() > kLongestEnd && body_.done()) {
    const std::size_t at = kSnapshotHeaderSize + body_.counts().bytes + kLongestEnd;
    return fail({DecodeFault::kMalformed, "end", at, "the end of the file", "more bytes"}, 0);
  }
  pending_.insert(pending_.end(), chunk.begin(), chunk.end());
  return {};
}

// `sealed`: how much of what stands behind the body the seal's checksum covers.
void SnapshotFileReader::check_seal(Reader& reader, std::size_t sealed) {
  const std::size_t at = reader.offset();
  const std::int64_t found = reader.i64("seal");
  const BytesView mark = reader.take(kSealSize - 8, "seal");
  if (!reader.ok()) return;
  Adler32 sum = sum_;
  sum.update(BytesView(pending_).first(sealed));
  const auto expected = static_cast<std::int64_t>(sum.value());
  if (found != expected) {
    reader.fail(DecodeFault::kMalformed, "seal", at, "the checksum " + to_hex(expected),
                to_hex(found));
  } else if (!looks_sealed(10, mark)) {
    reader.fail(DecodeFault::kMalformed, "seal", at + 8, "000000012f", hex_encode(mark));
  }
}

Decoded<SnapshotSections> SnapshotFileReader::finish() {
  if (error_) return DecodeFailure(*error_);
  const std::size_t end = kSnapshotHeaderSize + body_.counts().bytes;
  if (!header_done_ || !body_.done()) {
    return DecodeFailure(DecodeError{DecodeFault::kTruncated, header_done_ ? "nodes" : "header",
                                     header_done_ ? end : pending_.size(), "more bytes", "0"});
  }
  Reader reader(pending_, end);
  SnapshotSections sections;
  check_seal(reader, 0);
  const std::size_t left = pending_.size() - std::min(pending_.size(), kSealSize);
  if (reader.ok() && left != 0 && left != kDigestSize && left != kLastZxidSize &&
      left != kDigestSize + kLastZxidSize) {
    reader.fail(DecodeFault::kTruncated, "sections", reader.offset(), "0, 21, 33 or 54 bytes",
                std::to_string(left));
  }
  if (reader.ok() && left >= kDigestSize) {
    ZxidDigest digest;
    digest.zxid = Zxid(reader.i64("digest.zxid"));
    digest.version = reader.i32("digest.version");
    digest.digest = reader.i64("digest");
    check_seal(reader, reader.offset() - end);
    sections.digest = digest;
  }
  if (reader.ok() && (left == kLastZxidSize || left > kDigestSize)) {
    sections.last_processed = Zxid(reader.i64("lastProcessedZxid"));
    check_seal(reader, reader.offset() - end);
  }
  return reader.finish(sections);
}

bool looks_sealed(std::uint64_t file_size, BytesView last_five) {
  static constexpr std::uint8_t kMark[] = {0, 0, 0, 1, '/'};
  return file_size >= 10 && last_five.size() == 5 &&
         std::equal(last_five.begin(), last_five.end(), std::begin(kMark));
}

}  // namespace zkprobe::wire
