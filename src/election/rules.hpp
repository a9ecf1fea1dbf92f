// What differs between releases in Fast Leader Election. Each rule names the release that brought
// it and the issue. How votes are compared is in quorum/vote.hpp; how bytes are read in wire.
#pragma once

#include "base/release.hpp"

namespace zkprobe::election {

struct Rules {
  // 3.3: votes have no peerEpoch. It is taken from the zxid, so that one order fits all.
  bool knows_peer_epoch;
  // 3.3: a round in which every voter has voted is over at once.
  bool all_voted_ends_the_round;
  // 3.3: somebody who leads in our round is followed without a quorum.
  bool trusts_leading_in_round;
  // Until 3.4.14: a sender without a vote is answered before a byte of its message is read.
  bool answers_strangers_unread;
  // Until 3.4.5: an answer carries the clock; later the round in which the vote was decided.
  bool answers_with_clock;
  // 3.5.0 to 3.5.4: the round of the decided vote is lost; answers carry -1.
  bool forgets_round;
  // 3.4.6 to 3.4.14: a sender of version 0 gets the vote as it was before the epoch was settled.
  bool answers_old_versions_with_old_epoch;
  // 3.4.6 and 3.5.0: the vote speaks for the epoch that was settled on (ZOOKEEPER-1732).
  bool settles_epoch;
  // 3.4.13 and 3.5.4: the candidate must be a voter too (ZOOKEEPER-2988).
  bool checks_candidate;
  // 3.4.4: votes of a past round do not make oneself the leader (ZOOKEEPER-1514).
  bool checks_own_round;
  // 3.6.0: a zxid of -1, one's own or in the message, has no voice (ZOOKEEPER-261).
  bool ignores_unknown_zxid;
  // 3.6.0: an answer counts in the round with its state, and the leader's own word is looked for
  // there; before, among the votes from outside the round (ZOOKEEPER-3537).
  bool keeps_state_in_round;
  // 3.5.0 to 3.5.4: outside the round zxid and round are not compared at all.
  bool blanks_numbers_outside_round;
  // 3.5.0: configurations travel with votes (ZOOKEEPER-107).
  bool exchanges_configs;
  // 3.5.1: only while LOOKING (ZOOKEEPER-2212).
  bool takes_configs_only_looking;
  // 3.5.4: only where reconfig is enabled (ZOOKEEPER-2819).
  bool asks_reconfig_enabled;
  // 3.5.9 and 3.6.2: no last-seen configuration where reconfig is disabled (ZOOKEEPER-3829).
  bool last_seen_needs_reconfig;
  // 3.8.0: the oracle (ZOOKEEPER-3922).
  bool knows_oracle;
};

Rules rules_of(Release release);

}  // namespace zkprobe::election
