// Payloads of the learner handshake and of the packets that are not transactions.
// Java: LearnerInfo, LearnerHandler.run, Learner.registerWithLeader.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/ids.hpp"

namespace zkprobe::wire {

// The Zab 1.0 handshake: what 3.4.0 and later announce in LearnerInfo and LEADERINFO.
inline constexpr std::int32_t kProtocolVersion = 0x10000;

// Data of FOLLOWERINFO and OBSERVERINFO. 8 bytes: 3.3; 12: 3.4; 20: 3.5.0 and later.
struct LearnerInfo {
  Sid sid;
  std::optional<std::int32_t> protocol_version;
  std::optional<ConfigVersion> config_version;  // only with protocol_version

  bool operator==(const LearnerInfo&) const = default;
};
Bytes encode(const LearnerInfo& info);
Decoded<LearnerInfo> decode_learner_info(BytesView data);

// Data of LEADERINFO: the protocol version. Data of ACKEPOCH: currentEpoch or -1.
Bytes encode_int(std::int32_t value);
Decoded<std::int32_t> decode_int(BytesView data, std::string_view field);

// Data of COMMITANDACTIVATE, and the first 8 bytes of INFORMANDACTIVATE: the designated leader.
Bytes encode_long(std::int64_t value);
Decoded<std::int64_t> decode_long(BytesView data, std::string_view field);

// Data of a PING's answer: the sessions touched since the last one, each sessionId:long
// timeout:int. A length that is no multiple of 12 is an error.
struct SessionTouch {
  std::int64_t session = 0;
  std::int32_t timeout_ms = 0;

  bool operator==(const SessionTouch&) const = default;
};
Bytes encode(const std::vector<SessionTouch>& sessions);
Decoded<std::vector<SessionTouch>> decode_session_touches(BytesView data);

// Data of REVALIDATE. To the leader: sessionId:long timeout:int. Back: sessionId:long valid:bool.
struct RevalidateAnswer {
  std::int64_t session = 0;
  bool valid = false;

  bool operator==(const RevalidateAnswer&) const = default;
};
Decoded<SessionTouch> decode_revalidate_request(BytesView data);
Bytes encode_revalidate_request(const SessionTouch& session);
Decoded<RevalidateAnswer> decode_revalidate_answer(BytesView data);
Bytes encode(const RevalidateAnswer& answer);

// Data of REQUEST: sessionId:long cxid:int type:int, then the client's request.
struct LearnerRequest {
  std::int64_t session = 0;
  std::int32_t cxid = 0;
  std::int32_t type = 0;
  Bytes body;

  bool operator==(const LearnerRequest&) const = default;
};
Bytes encode(const LearnerRequest& request);
Decoded<LearnerRequest> decode_learner_request(BytesView data);

}  // namespace zkprobe::wire
