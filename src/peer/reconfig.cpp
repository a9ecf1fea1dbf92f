#include "peer/reconfig.hpp"

namespace zkprobe::peer {
namespace {

const wire::QuorumServer* voter(const wire::QuorumConfig& config, Sid sid) {
  const wire::QuorumServer* server = config.find(sid);
  const bool votes = server && server->type == wire::LearnerType::kParticipant;
  return votes ? server : nullptr;
}

}  // namespace

Reconfig judge_reconfig(const wire::QuorumConfig& before, const wire::QuorumConfig& after, Sid self,
                        wire::LearnerType type, Sid leader, std::optional<Sid> designated) {
  Reconfig result;
  const wire::QuorumServer* own = after.find(self);
  result.type = own ? own->type : wire::LearnerType::kParticipant;
  result.role_changes = result.type != type;
  if (designated) {
    result.leader_changes = *designated != leader;
  } else {
    const wire::QuorumServer* old_leader = voter(before, leader);
    const wire::QuorumServer* new_leader = voter(after, leader);
    result.leader_changes =
        !old_leader || !new_leader || old_leader->addresses != new_leader->addresses;
  }
  return result;
}

}  // namespace zkprobe::peer
