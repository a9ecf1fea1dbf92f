// What bytes are: how a stream is told from others, and where a message begins when the place in
// the stream was lost. Nothing here needs more than kMaxEvidence bytes to decide.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace zkprobe::capture {

// A PING's answer with a hundred sessions; all else needs less.
inline constexpr std::size_t kMaxEvidence = 16 + 1'200 + 4;

enum class Match {
  kNo,
  kPartial,  // so far; more bytes decide
  kYes,
};

// A frame with a notification of any generation, judged by its lengths, state, version and text.
Match match_frame(BytesView bytes);
// A packet of the learner port, judged by its type and what stands in packets of that type.
Match match_packet(BytesView bytes);
// The first packet of a learner: FOLLOWERINFO or OBSERVERINFO.
Match match_learner_info(BytesView bytes);
// A greeting with a version. (A bare sid is eight bytes of anything.)
Match match_greeting(BytesView bytes);
// A TLS handshake or alert record.
Match match_tls(BytesView bytes);
// A packet of the SASL exchange.
Match match_sasl(BytesView bytes);

// A packet of the SASL exchange (QuorumAuth): magic:long status:int token:buffer.
inline constexpr std::uint64_t kSaslMagic = 0x5f2435013501edccULL;
inline constexpr std::size_t kSaslHeader = 16;
inline constexpr std::int32_t kMaxSaslToken = 1'048'576;

// The first place in `bytes` where `match` says yes, or else the first where it says partial, or
// else the end.
struct Found {
  Match match = Match::kNo;
  std::size_t at = 0;
};
Found search(BytesView bytes, Match (*match)(BytesView));

}  // namespace zkprobe::capture
