// Which server an observer attaches to: the leader, or with observerMasterPort (3.6.0 and later)
// one voter after the other, who passes on what the leader says. Java:
// QuorumPeer.findLearnerMaster, updateObserverMasterList, nextObserverMaster.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.hpp"
#include "base/random.hpp"
#include "wire/initial_message.hpp"
#include "wire/quorum_config.hpp"

namespace zkprobe::peer {

class LearnerMasters {
 public:
  // `port`: observerMasterPort, 0 is off. `random` decides the order of the voters.
  LearnerMasters(std::int32_t port, SeededRandom random) : port_(port), random_(random) {}

  // Where the next attempt goes: all learner addresses of the leader, or the first host of the next
  // voter with the port. Empty where the configuration does not say. Java asks which of a voter's
  // hosts can be reached; here it is the first.
  std::vector<wire::HostPort> next(const wire::QuorumConfig& config, Sid leader);

 private:
  void list_voters(const wire::QuorumConfig& config);

  std::int32_t port_;
  SeededRandom random_;
  std::optional<wire::QuorumConfig> listed_;
  std::vector<wire::HostPort> voters_;  // in random order
  std::size_t next_ = 0;
};

}  // namespace zkprobe::peer
