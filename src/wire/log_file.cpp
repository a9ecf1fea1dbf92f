#include "wire/log_file.hpp"

#include "wire/adler32.hpp"
#include "wire/txn.hpp"

namespace zkprobe::wire {

void write_log_header(Writer& writer, const LogHeader& header) {
  writer.i32(static_cast<std::int32_t>(kLogMagic));
  writer.i32(header.version);
  writer.i64(header.dbid);
}

Decoded<LogHeader> decode_log_header(BytesView bytes) {
  Reader reader(bytes);
  const auto magic = static_cast<std::uint32_t>(reader.i32("magic"));
  if (reader.ok() && magic != kLogMagic) {
    reader.fail(DecodeFault::kMalformed, "magic", 0, "5a4b4c47 (ZKLG)", hex_encode(bytes.first(4)));
  }
  LogHeader header;
  header.version = reader.i32("version");
  header.dbid = reader.i64("dbid");
  return reader.finish(header);
}

void write_log_entry(Writer& writer, BytesView payload) {
  writer.i64(adler32(payload));
  writer.i32(static_cast<std::int32_t>(payload.size()));
  writer.raw(payload);
  writer.u8(kLogEntryEnd);
}

Decoded<LogEntryHead> decode_log_entry_head(BytesView bytes, std::int32_t limit,
                                            std::size_t base_offset) {
  Reader reader(bytes, base_offset);
  LogEntryHead head;
  head.checksum = reader.i64("checksum");
  const std::size_t at = reader.offset();
  const std::int32_t length = reader.i32("length");
  if (reader.ok() && (length < 0 || length > limit)) {
    reader.fail(DecodeFault::kOutOfRange, "length", at, "0.." + std::to_string(limit),
                std::to_string(length));
  }
  if (reader.ok()) head.length = static_cast<std::size_t>(length);
  return reader.finish(head);
}

Decoded<std::optional<BytesView>> read_log_payload(const LogEntryHead& head, BytesView entry,
                                                   std::size_t base_offset) {
  Reader reader(entry, base_offset);
  reader.take(kLogEntryHeadSize, "head");
  const BytesView payload = reader.take(head.length, "payload");
  const std::uint8_t end = reader.u8("end byte");
  if (reader.ok() && end != kLogEntryEnd) return std::optional<BytesView>();
  const auto sum = static_cast<std::int64_t>(adler32(payload));
  if (reader.ok() && sum != head.checksum) {
    reader.fail(DecodeFault::kMalformed, "checksum", base_offset, to_hex(sum),
                to_hex(head.checksum));
  }
  return reader.finish(std::optional<BytesView>(payload));
}

std::optional<Zxid> zxid_of_payload(BytesView payload) {
  if (payload.size() < kTxnHeaderSize) return std::nullopt;
  return Zxid(Reader(payload.subspan(12)).i64("zxid"));
}

}  // namespace zkprobe::wire
