// Discovery: the learner says who it is, and learns the leader's epoch.
//
//   learner                                   leader, 3.4 and later
//   OBSERVERINFO acceptedEpoch, LearnerInfo ->
//                                          <- LEADERINFO newEpoch, protocol version
//   ACKEPOCH last zxid, currentEpoch       ->
//
// A leader of 3.3 answers NEWLEADER instead, and that ends the discovery; so does every leader that
// is shown the eight bytes of a 3.3 learner. Java: Learner.registerWithLeader, LearnerHandler.run.
#pragma once

#include "learner/types.hpp"

namespace zkprobe::learner {

class Handshake {
 public:
  explicit Handshake(const Settings& settings) : settings_(settings) {}

  // The first packet.
  wire::QuorumPacket info() const;
  // The leader's answer. Ends with done(), or with a Leave.
  void receive(const Incoming& incoming, Effects& out);

  bool done() const { return done_; }
  PeerEpoch epoch() const { return epoch_; }
  // What the ACK of NEWLEADER says.
  Zxid new_leader_zxid() const { return new_leader_zxid_; }
  // NEWLEADER came here already: there is one ACK, after UPTODATE.
  bool before_zab_1() const { return before_zab_1_; }

 private:
  void leader_info(const Incoming& incoming, Effects& out);
  void new_leader(const Incoming& incoming, Effects& out);

  const Settings& settings_;
  bool done_ = false;
  bool before_zab_1_ = false;
  PeerEpoch epoch_;
  Zxid new_leader_zxid_;
};

}  // namespace zkprobe::learner
