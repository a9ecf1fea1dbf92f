// What a scripted peer says and reads on a learner port, as a learner or as a leader: packets by
// their fields. Java: LearnerHandler and Learner, seen from the other side of the link.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "conformance/endpoint.hpp"
#include "conformance/values.hpp"
#include "wire/quorum_packet.hpp"
#include "wire/snapshot_stream.hpp"

namespace zkprobe::conformance {

// What the packets of all peers told last: the words `seen` and `synced` of a scenario.
struct PacketMemory {
  Zxid seen;    // of the last packet that was read, PING aside
  Zxid synced;  // of the last DIFF, TRUNC or SNAP
};

class LearnerPeer {
 public:
  using IdOf = std::function<Sid(const std::string& word)>;

  LearnerPeer(Endpoint& endpoint, Endpoint::Link link, PacketMemory& memory, IdOf id_of);

  // `send TYPE [zxid=] [epoch=] ...`: the bytes of that packet. A mistake throws
  // std::invalid_argument.
  Bytes packet(const std::vector<std::string>& words, const Options& options) const;
  // The smallest data tree, as it follows SNAP: the root, and /zookeeper with its quota.
  static Bytes snapshot();
  // Whether a PING that is met while something else is waited for is answered. It is by default,
  // from UPTODATE on, as learners do (Java: Learner.syncWithLeader passes over it).
  void answer_pings(bool answer) { answers_pings_ = answer; }

  // Answers what PINGs came while somebody else was looked at; what else came is kept.
  void serve();

  // `expect packet|snapshot|closed|open|silence ...`. A PING in between is no packet. A snapshot
  // that nobody expects is passed over.
  Seen look(const std::vector<std::string>& words, const Options& options, Duration patience);

 private:
  // The next packet; nothing once the time is over, the link closed, or nonsense came.
  std::optional<wire::QuorumPacket> next(Instant until, bool pings);
  std::optional<wire::QuorumPacket> take(Instant until);
  void answer(const wire::QuorumPacket& ping);
  bool pass_snapshot(Instant until);
  bool read_more(Instant until);
  Seen look_for_packet(const std::vector<std::string>& words, const Options& options,
                       Instant until);
  Seen look_for_snapshot(Instant until);
  Seen look_for_end(Instant until, Duration patience);
  Seen still_open(Instant until, bool silent);
  bool fits(const wire::QuorumPacket& packet, const Options& options) const;
  Zxid zxid_of(const std::string& text) const;
  std::string ended(const std::string& otherwise) const;

  Endpoint& endpoint_;
  const Endpoint::Link link_;
  PacketMemory& memory_;
  const IdOf id_of_;
  Bytes received_;
  std::deque<wire::QuorumPacket> kept_;
  std::optional<wire::SnapshotReader> snapshot_;  // what follows SNAP, until it is read
  std::optional<std::uint64_t> nodes_;            // of the last snapshot that was read
  bool closed_ = false;
  bool answers_pings_ = true;
  bool up_to_date_ = false;  // UPTODATE has come
  std::string problem_;      // what came can be no packet
};

}  // namespace zkprobe::conformance
