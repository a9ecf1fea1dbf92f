#include "wire/quorum_packet.hpp"

#include <array>

#include "wire/jute.hpp"

namespace zkprobe::wire {
namespace {

constexpr std::array<std::string_view, 20> kTypeNames = {
    "UNKNOWN",   "REQUEST",      "PROPOSAL",   "ACK",      "COMMIT",
    "PING",      "REVALIDATE",   "SYNC",       "INFORM",   "COMMITANDACTIVATE",
    "NEWLEADER", "FOLLOWERINFO", "UPTODATE",   "DIFF",     "TRUNC",
    "SNAP",      "OBSERVERINFO", "LEADERINFO", "ACKEPOCH", "INFORMANDACTIVATE"};

// The count is checked against kMaxAuthInfo and not against what remains: more may still come.
std::optional<std::vector<AuthId>> read_authinfo(Reader& reader) {
  const std::size_t at = reader.offset();
  const std::int32_t count = reader.i32("authinfo");
  if (!reader.ok() || count == -1) return std::nullopt;
  if (count > kMaxAuthInfo) {
    reader.fail(DecodeFault::kOutOfRange, "authinfo", at, "at most " + std::to_string(kMaxAuthInfo),
                std::to_string(count));
    return std::nullopt;
  }
  std::vector<AuthId> ids;
  for (std::int32_t i = 0; i < count && reader.ok(); ++i) {
    AuthId id;
    id.scheme = read_ustring(reader, "authinfo.scheme");
    id.id = read_ustring(reader, "authinfo.id");
    ids.push_back(std::move(id));
  }
  return ids;
}

}  // namespace

std::string_view to_string(PacketType type) {
  const auto number = static_cast<std::int32_t>(type);
  const bool known = number > 0 && number < static_cast<std::int32_t>(kTypeNames.size());
  return kTypeNames[known ? static_cast<std::size_t>(number) : 0];
}

Bytes encode(const QuorumPacket& packet) {
  Writer writer;
  writer.i32(static_cast<std::int32_t>(packet.type));
  writer.i64(packet.zxid.value);
  write_buffer(writer, packet.data);
  if (!packet.authinfo) {
    writer.i32(-1);
    return writer.take();
  }
  writer.i32(static_cast<std::int32_t>(packet.authinfo->size()));
  for (const AuthId& id : *packet.authinfo) {
    write_ustring(writer, id.scheme);
    write_ustring(writer, id.id);
  }
  return writer.take();
}

Decoded<std::optional<PacketAndSize>> decode_packet(BytesView received) {
  Reader reader(received);
  PacketAndSize result;
  result.packet.type = static_cast<PacketType>(reader.i32("type"));
  result.packet.zxid = Zxid(reader.i64("zxid"));
  result.packet.data = read_buffer(reader, "data");
  if (reader.ok()) result.packet.authinfo = read_authinfo(reader);
  if (const auto& error = reader.error()) {
    if (error->fault == DecodeFault::kTruncated) {
      if (received.size() < kMaxPacket) return std::nullopt;
      return DecodeFailure(DecodeError{DecodeFault::kOutOfRange, "packet", 0,
                                       "at most " + std::to_string(kMaxPacket) + " bytes", "more"});
    }
    return DecodeFailure(*error);
  }
  result.size = reader.offset();
  return result;
}

}  // namespace zkprobe::wire
