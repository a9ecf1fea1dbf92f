// Broadcast, for a follower: the leader proposes, we log and acknowledge, the leader commits.
//
//   PROPOSAL             -> append to the log, ACK once it is on disk
//   COMMIT               the oldest proposal that waits is committed
//   COMMITANDACTIVATE    the same of a reconfig, and who leads from then on
//   PING                 -> PING with the sessions touched since (none here: empty data)
//   REVALIDATE, SYNC     answers to what a learner with clients asked
//
// What Java only logs or ends its process for ends the link here: a proposal that is not the next
// one, or of another epoch, and a COMMIT of anything but the oldest proposal. A follower that went
// on would acknowledge a log with a hole in it.
//
// What a follower holds may end with the counter 0 of an epoch: a leader's snapshot carries it
// until the epoch has a transaction. That is the zxid of none, and members with empty DIFFs do not
// hold it, so that none of them could lead us later ("Follower is ahead of the leader"), though
// nothing is missing. Where nothing of the epoch is proposed by UPTODATE, the leader is asked for
// one transaction, as a Java follower does for a client that connects: a session, which nobody
// keeps alive and which the leader expires.
//
// Java: Follower.processPacket, FollowerZooKeeperServer.logRequest and commit; Learner.request.
#pragma once

#include <deque>

#include "learner/sync.hpp"
#include "learner/types.hpp"

namespace zkprobe::learner {

class Following {
 public:
  // `epoch`: the leader's. Nothing newer than `last_queued` was proposed to us; see Sync::Left.
  Following(PeerEpoch epoch, Zxid last_committed)
      : epoch_(epoch), last_committed_(last_committed) {}

  // What came between the ACK of NEWLEADER and UPTODATE: logged, acknowledged and committed now.
  // Where we stand at the zxid of no transaction after it, one is asked for, in the name of `self`.
  void begin(Sync::Left left, Sid self, Effects& out);
  void receive(const Incoming& incoming, Effects& out);
  // The last transaction known committed.
  Zxid last_zxid() const { return last_committed_; }

 private:
  void ask_for_a_transaction(Sid self, Effects& out) const;
  void proposal(const Incoming& incoming, Effects& out);
  void log(Outstanding next, Effects& out);
  void commit(const Incoming& incoming, Effects& out);
  bool is_next(Zxid zxid) const;

  const PeerEpoch epoch_;
  Zxid last_committed_;
  Zxid last_queued_;
  Zxid held_;  // what a snapshot has already is not logged again
  std::deque<Outstanding> pending_;
  std::size_t pending_bytes_ = 0;
};

}  // namespace zkprobe::learner
