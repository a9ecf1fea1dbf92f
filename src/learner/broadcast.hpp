// Broadcast, for an observer: the leader informs, and asks now and then whether we are there.
//
//   PING                 -> PING with the sessions touched since (none here: empty data)
//   INFORM               a committed transaction
//   INFORMANDACTIVATE    a committed reconfig, and who leads from then on
//   REVALIDATE, SYNC     answers to what a learner with clients asked
//   PROPOSAL, COMMIT     passed over by an observer
//
// Java: Observer.processPacket.
#pragma once

#include "learner/types.hpp"

namespace zkprobe::learner {

class Broadcast {
 public:
  // `keeps`: an Append comes before each transaction.
  explicit Broadcast(Zxid last_zxid, bool keeps = false) : keeps_(keeps), last_zxid_(last_zxid) {}

  void receive(const Incoming& incoming, Effects& out);
  Zxid last_zxid() const { return last_zxid_; }

 private:
  void ping(const Incoming& incoming, Effects& out);
  void inform(const Incoming& incoming, Effects& out);

  const bool keeps_;
  Zxid last_zxid_;
};

}  // namespace zkprobe::learner
