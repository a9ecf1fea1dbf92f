// A transaction log, log.<zxid of its first transaction>.
//
//   header   magic "ZKLG", version:int 2, dbid:long 0                       16 bytes
//   entry    checksum:long n:int payload[n] 0x42                            n + 13 bytes
//            the checksum is the Adler-32 of the payload alone; the payload is a transaction
//            (wire/txn.hpp), as PROPOSAL carries it
//   padding  zeros: an entry of length 0 is the end
//
// The same in every release. Java: FileTxnLog, FileHeader, Util.readTxnBytes, writeTxnBytes.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "wire/jute.hpp"

namespace zkprobe::wire {

inline constexpr std::uint32_t kLogMagic = 0x5a4b4c47;  // "ZKLG"
inline constexpr std::size_t kLogHeaderSize = 16;
inline constexpr std::size_t kLogEntryHeadSize = 12;
inline constexpr std::size_t kLogEntryOverhead = 13;
inline constexpr std::uint8_t kLogEntryEnd = 0x42;

struct LogHeader {
  std::int32_t version = 2;
  std::int64_t dbid = 0;

  bool operator==(const LogHeader&) const = default;
};
void write_log_header(Writer& writer, const LogHeader& header = {});
// Version and dbid may be anything, as in Java.
Decoded<LogHeader> decode_log_header(BytesView bytes);

void write_log_entry(Writer& writer, BytesView payload);

struct LogEntryHead {
  std::int64_t checksum = 0;
  std::size_t length = 0;  // of the payload; 0: the end of the log

  std::size_t entry_size() const { return length + kLogEntryOverhead; }
  bool operator==(const LogEntryHead&) const = default;
};
// The twelve bytes at the front of `bytes`. A length below 0 or above `limit` is kOutOfRange.
Decoded<LogEntryHead> decode_log_entry_head(BytesView bytes, std::int32_t limit = kJuteMaxField,
                                            std::size_t base_offset = 0);

// The payload of the entry, entry_size() bytes: nothing where its end byte is another (the server
// died while it wrote it), kMalformed where the checksum is wrong.
Decoded<std::optional<BytesView>> read_log_payload(const LogEntryHead& head, BytesView entry,
                                                   std::size_t base_offset = 0);

// The zxid in the header of a transaction; nothing where the payload is shorter than a header.
std::optional<Zxid> zxid_of_payload(BytesView payload);

}  // namespace zkprobe::wire
