// A snapshot file, snapshot.<last zxid when it was begun>.
//
//   header    magic "ZKSN", version:int 2, dbid:long -1                     16 bytes
//   body      sessions, ACL table, nodes: wire/snapshot_stream.hpp, without the signature
//   seal      checksum:long, ustring "/"                                    13 bytes
//   digest    zxid:long version:int digest:long, and a seal    33 bytes     3.6.0 and later
//   last zxid zxid:long, and a seal                            21 bytes     3.9.0 and later
//
// Each seal's checksum is the Adler-32 of everything before it, earlier seals too. The sections
// carry no tags: what there is follows from how many bytes are left behind the first seal. A
// digest whose zxid is 0 says that there is none. Java: FileSnap, SnapStream, DataTree.ZxidDigest.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/release.hpp"
#include "wire/adler32.hpp"
#include "wire/snapshot_stream.hpp"

namespace zkprobe::wire {

inline constexpr std::uint32_t kSnapshotMagic = 0x5a4b534e;  // "ZKSN"
inline constexpr std::size_t kSnapshotHeaderSize = 16;
inline constexpr std::size_t kSealSize = 13;

// The digest of the tree at a zxid. Version 2 is the one that is known (DigestCalculator).
struct ZxidDigest {
  Zxid zxid;
  std::int32_t version = 2;
  std::int64_t digest = 0;

  bool operator==(const ZxidDigest&) const = default;
};

// What stands behind the body.
struct SnapshotSections {
  std::optional<ZxidDigest> digest;
  std::optional<Zxid> last_processed;

  bool operator==(const SnapshotSections&) const = default;
};

// The sections that a server of the release writes: `digest`, or one that says that there is
// none, and `last_processed`. Every release reads those of every other (it stops before the
// section that it does not know, and takes the end of the file for a missing one).
SnapshotSections sections_of(Release release, std::optional<ZxidDigest> digest,
                             Zxid last_processed);

// Writes around a body, keeping the checksum: header(), body() of every chunk, end().
class SnapshotFileEncoder {
 public:
  Bytes header();
  // Counts the chunk into the checksum; the caller writes it as it is.
  void body(BytesView chunk) { sum_.update(chunk); }
  Bytes end(const SnapshotSections& sections);

 private:
  void seal(Writer& writer);

  Adler32 sum_;
};

// Takes a file (uncompressed) in chunks of any size, like SnapshotReader.
class SnapshotFileReader {
 public:
  explicit SnapshotFileReader(SnapshotLimits limits = {}) : body_(file_limits(limits)) {}

  // Takes all of the chunk. Offsets in errors count from the first byte of the file.
  Decoded<void> feed(BytesView chunk, SnapshotSink& sink);
  // The file has ended. kTruncated where a part of it is missing.
  Decoded<SnapshotSections> finish();
  const SnapshotCounts& counts() const { return body_.counts(); }

 private:
  static SnapshotLimits file_limits(SnapshotLimits limits) {
    limits.signature = false;
    return limits;
  }
  Decoded<std::size_t> take_header(BytesView chunk);
  void check_seal(Reader& reader, std::size_t sealed);

  SnapshotReader body_;
  Adler32 sum_;    // of header and body
  Bytes pending_;  // the header, later what stands behind the body
  bool header_done_ = false;
  std::optional<DecodeError> error_;
};

// Java's quick look before it reads a file: the last five bytes of at least ten are the end of a
// seal (SnapStream.isValidSnapshot).
bool looks_sealed(std::uint64_t file_size, BytesView last_five);

}  // namespace zkprobe::wire
