// What a configuration that came into force means for a server that follows a leader.
// Java: QuorumPeer.processReconfig, updateLearnerType.
#pragma once

#include <optional>

#include "base/ids.hpp"
#include "wire/quorum_config.hpp"

namespace zkprobe::peer {

struct Reconfig {
  // The own learner type is another one now. A server that no list names is a participant without a
  // vote.
  bool role_changes = false;
  // Another server leads from now on, or the leader has another quorum address or none.
  bool leader_changes = false;
  wire::LearnerType type = wire::LearnerType::kParticipant;

  // The leader is left and an election begun.
  bool leaves() const { return role_changes || leader_changes; }
};

// `designated`: of COMMITANDACTIVATE and INFORMANDACTIVATE; nothing where the configuration came
// with NEWLEADER.
Reconfig judge_reconfig(const wire::QuorumConfig& before, const wire::QuorumConfig& after, Sid self,
                        wire::LearnerType type, Sid leader, std::optional<Sid> designated);

}  // namespace zkprobe::peer
