// Peers that hear each other at once, in a time that this file moves.
#include "peer/peer.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <limits>
#include <memory>
#include <set>

namespace zkprobe::peer {
namespace {

using wire::ServerState;

wire::QuorumConfig members(int voters, int observers = 0) {
  wire::QuorumConfig config;
  for (int i = 1; i <= voters + observers; ++i) {
    wire::QuorumServer server;
    server.sid = Sid(i);
    server.addresses = {
        {"127.0.0.1", static_cast<std::uint16_t>(2880 + i), static_cast<std::uint16_t>(3880 + i)}};
    server.type = i > voters ? wire::LearnerType::kObserver : wire::LearnerType::kParticipant;
    config.servers.push_back(server);
  }
  return config;
}

class Cluster {
 public:
  Cluster(int voters, int observers = 0) : config_(members(voters, observers)) {
    for (int i = 1; i <= voters + observers; ++i) add(i);
  }

  void add(int sid, bool declines = false, bool has_learner = false) {
    PeerSettings settings;
    settings.election.self = Sid(sid);
    settings.election.declines = declines;
    settings.tick = 1s;
    settings.has_learner = has_learner;
    peers_[Sid(sid)] = std::make_unique<Peer>(settings, config_);
    up_.erase(Sid(sid));
  }
  void start(int sid) {
    up_.insert(Sid(sid));
    step(Sid(sid), Start{});
  }
  void stop(int sid) { up_.erase(Sid(sid)); }

  void step(Sid sid, const Input& input) {
    for (Effect& effect : peers_.at(sid)->step(now_, input)) {
      if (auto* send = std::get_if<Send>(&effect)) {
        mail_.push_back({sid, send->to, send->payload});
      } else if (const auto* changed = std::get_if<StateChanged>(&effect)) {
        changes_[sid].push_back(*changed);
      } else if (const auto* established = std::get_if<Established>(&effect)) {
        epochs_[sid].push_back(established->epoch);
      } else if (std::holds_alternative<RestartLinks>(effect)) {
        ++restarts_[sid];
      }
    }
  }

  // Delivers and moves time until nothing more happens before `end`.
  void run_until(Instant end) {
    while (true) {
      while (!mail_.empty()) {
        const Mail mail = mail_.front();
        mail_.pop_front();
        if (up_.contains(mail.from) && up_.contains(mail.to) && !cut_.contains(mail.to)) {
          step(mail.to, Received{mail.from, mail.payload});
        }
      }
      std::optional<Instant> next;
      Sid whose;
      for (const Sid sid : up_) {
        const auto deadline = peers_.at(sid)->deadline();
        if (deadline && (!next || *deadline < *next)) {
          next = deadline;
          whose = sid;
        }
      }
      if (!next || *next > end) break;
      now_ = std::max(now_, *next);
      step(whose, TimePassed{});
    }
    now_ = end;
  }
  void run_for(Duration duration) { run_until(now_ + duration); }

  Peer& peer(int sid) { return *peers_.at(Sid(sid)); }
  ServerState state(int sid) { return peer(sid).state(); }
  std::vector<StateChanged>& changes(int sid) { return changes_[Sid(sid)]; }
  std::vector<PeerEpoch>& epochs(int sid) { return epochs_[Sid(sid)]; }
  int restarts(int sid) { return restarts_[Sid(sid)]; }
  Instant now() const { return now_; }
  void cut_off(int sid) { cut_.insert(Sid(sid)); }

 private:
  struct Mail {
    Sid from;
    Sid to;
    Bytes payload;
  };
  wire::QuorumConfig config_;
  std::map<Sid, std::unique_ptr<Peer>> peers_;
  quorum::SidSet up_;
  quorum::SidSet cut_;  // hears nothing
  std::deque<Mail> mail_;
  std::map<Sid, std::vector<StateChanged>> changes_;
  std::map<Sid, std::vector<PeerEpoch>> epochs_;
  std::map<Sid, int> restarts_;
  Instant now_;
};

Cluster running(int voters, int observers = 0) {
  Cluster cluster(voters, observers);
  for (int sid = 1; sid <= voters + observers; ++sid) cluster.start(sid);
  cluster.run_for(3s);
  return cluster;
}

TEST(Peer, ThreePeersElectTheLargestAndStay) {
  Cluster cluster = running(3);
  cluster.run_for(60s);
  EXPECT_EQ(cluster.state(1), ServerState::kFollowing);
  EXPECT_EQ(cluster.state(2), ServerState::kFollowing);
  EXPECT_EQ(cluster.state(3), ServerState::kLeading);
  EXPECT_EQ(cluster.peer(1).leader(), Sid(3));
  EXPECT_EQ(cluster.changes(1).size(), 1U) << "nobody changes its mind later";
}

TEST(Peer, AVoterAloneIsAQuorum) {
  Cluster cluster = running(1);
  EXPECT_EQ(cluster.state(1), ServerState::kLeading);
  ASSERT_EQ(cluster.epochs(1).size(), 1U);
  EXPECT_EQ(cluster.epochs(1)[0], PeerEpoch(1));
  cluster.run_for(60s);
  EXPECT_EQ(cluster.state(1), ServerState::kLeading);
}

TEST(Peer, AnObserverFollowsWithoutAVoice) {
  Cluster cluster = running(3, 1);
  EXPECT_EQ(cluster.state(4), ServerState::kObserving);
  EXPECT_EQ(cluster.peer(4).leader(), Sid(3));
}

TEST(Peer, TheNewEpochIsSettledWhenAQuorumAsks) {
  Cluster cluster = running(3);
  ASSERT_EQ(cluster.epochs(3).size(), 1U);
  EXPECT_EQ(cluster.epochs(3)[0], PeerEpoch(1));
  ASSERT_EQ(cluster.epochs(1).size(), 2U) << "first the epoch voted on, then the new one";
  EXPECT_EQ(cluster.epochs(1).back(), PeerEpoch(1));
  EXPECT_EQ(cluster.peer(1).current_vote().vote.peer_epoch, PeerEpoch(1));
}

TEST(Peer, ALeaderThatIsSilentIsGivenUpAfterSyncLimitTicks) {
  Cluster cluster = running(3);
  const Instant killed = cluster.now();
  cluster.stop(3);
  cluster.run_for(4s);
  EXPECT_EQ(cluster.state(2), ServerState::kFollowing);
  cluster.run_until(killed + 8s);
  EXPECT_EQ(cluster.state(2), ServerState::kLeading);
  EXPECT_EQ(cluster.state(1), ServerState::kFollowing);
  EXPECT_EQ(cluster.epochs(2).back(), PeerEpoch(2)) << "one more than the epoch before";
}

Received looking_vote(int from, std::int64_t round) {
  wire::Notification vote;
  vote.state = ServerState::kLooking;
  vote.leader = Sid(from);
  vote.election_epoch = ElectionRound(round);
  vote.peer_epoch = PeerEpoch(1);
  return {Sid(from), wire::encode(vote, wire::NotificationForm::kConfig)};
}

// Java's followers notice at once that their leader's connection is gone, and look before we do.
TEST(Peer, AVoteOfTheNextElectionIsNotForgottenByWhoStillFollows) {
  for (const std::int64_t round : {2, 0}) {
    Cluster cluster = running(3);
    cluster.stop(3);
    cluster.stop(2);
    cluster.run_for(3s);
    ASSERT_EQ(cluster.state(1), ServerState::kFollowing);
    cluster.step(Sid(1), looking_vote(2, round));
    EXPECT_EQ(cluster.state(1), ServerState::kFollowing);
    cluster.run_for(3s);
    // Its vote and ours are a quorum. A question whether we still lead, of round 0, is no vote.
    EXPECT_EQ(cluster.state(1), round == 2 ? ServerState::kFollowing : ServerState::kLooking);
    EXPECT_EQ(cluster.peer(1).current_vote().vote.leader, Sid(round == 2 ? 2 : 1));
  }
}

TEST(Peer, AVoteOfALongGoneElectionIsForgotten) {
  Cluster cluster = running(3);
  cluster.step(Sid(1), looking_vote(2, 2));
  cluster.run_for(60s);  // 2 follows, and says nothing
  cluster.stop(3);
  cluster.stop(2);
  cluster.run_for(8s);
  ASSERT_EQ(cluster.changes(1).back().to, ServerState::kLooking);
  EXPECT_EQ(cluster.peer(1).current_vote().vote.leader, Sid(1));
}

TEST(Peer, AServerThatComesBackFollowsTheEstablishedLeader) {
  Cluster cluster = running(3);
  cluster.stop(3);
  cluster.run_for(10s);
  ASSERT_EQ(cluster.state(2), ServerState::kLeading);
  cluster.add(3);
  cluster.start(3);
  cluster.run_for(3s);
  EXPECT_EQ(cluster.state(3), ServerState::kFollowing);
  EXPECT_EQ(cluster.peer(3).leader(), Sid(2));
}

TEST(Peer, ALeaderWithoutItsQuorumLooksAgain) {
  Cluster cluster = running(3);
  cluster.stop(1);
  cluster.stop(2);
  cluster.run_for(4s);
  EXPECT_EQ(cluster.state(3), ServerState::kLeading);
  cluster.run_for(3s);
  EXPECT_EQ(cluster.state(3), ServerState::kLooking);
  EXPECT_EQ(cluster.changes(3).back().why, "no quorum asks for this leader");
}

TEST(Peer, ALeaderThatRestartsIsFollowedIntoTheNextElection) {
  Cluster cluster = running(3);
  cluster.stop(3);
  cluster.add(3);
  cluster.start(3);
  cluster.run_for(10s);
  int leaders = 0;
  for (int sid = 1; sid <= 3; ++sid) {
    leaders += cluster.state(sid) == ServerState::kLeading ? 1 : 0;
    EXPECT_NE(cluster.state(sid), ServerState::kLooking) << sid;
  }
  EXPECT_EQ(leaders, 1);
}

// Server 3 is said to lead by everybody, itself included in the votes, and never answers.
TEST(Peer, AttemptsThatFailAreSpaced) {
  Cluster cluster(3);
  const auto vote = [](ServerState state, int leader, int round) {
    wire::Notification made;
    made.state = state;
    made.leader = Sid(leader);
    made.election_epoch = ElectionRound(round);
    made.version = 2;
    made.config = "";
    return wire::encode(made, wire::NotificationForm::kConfig);
  };
  cluster.start(1);
  std::vector<Instant> decided;
  for (int round = 1; round <= 8; ++round) {
    const auto before = cluster.changes(1).size();
    while (cluster.changes(1).size() == before) {
      cluster.step(Sid(1), Received{Sid(2), vote(ServerState::kFollowing, 3, 100)});
      cluster.step(Sid(1), Received{Sid(3), vote(ServerState::kLeading, 3, 100)});
      cluster.run_for(10ms);
    }
    decided.push_back(cluster.now());
    while (cluster.state(1) != ServerState::kLooking) cluster.run_for(10ms);
    EXPECT_EQ(cluster.changes(1).back().why, "server 3 does not say that it leads");
  }
  const auto pause = [&decided](std::size_t i) { return decided[i + 1] - decided[i] - 5s; };
  // Time moves in steps of 10 ms here.
  EXPECT_GE(pause(0), 80ms);
  EXPECT_LE(pause(0), 150ms);
  EXPECT_GE(pause(3), 780ms);
  EXPECT_GE(pause(6), 4980ms);
  EXPECT_LE(pause(6), 5100ms);
}

TEST(Peer, WhatComesInAPauseCountsAfterIt) {
  Cluster cluster(3);
  cluster.start(1);
  cluster.start(2);
  cluster.run_for(600ms);
  ASSERT_EQ(cluster.state(2), ServerState::kLeading);
  cluster.stop(2);
  cluster.run_for(5s);  // server 1 had no answer yet: it failed, and pauses
  ASSERT_EQ(cluster.state(1), ServerState::kLooking);
  cluster.add(2);
  cluster.start(2);
  cluster.run_for(1s);
  EXPECT_EQ(cluster.state(1), ServerState::kFollowing);
}

TEST(Peer, AVoterThatDeclinesFollowsAndKeepsItsOwnEpoch) {
  Cluster cluster(3);
  cluster.add(3, true);
  for (int sid = 1; sid <= 3; ++sid) cluster.start(sid);
  cluster.run_for(5s);
  EXPECT_EQ(cluster.state(2), ServerState::kLeading);
  EXPECT_EQ(cluster.state(3), ServerState::kFollowing);
  EXPECT_EQ(cluster.peer(3).current_vote().vote.peer_epoch, PeerEpoch(1));
}

TEST(Peer, WithALearnerTheCallerSaysHowTheLeaderFares) {
  Cluster cluster(3, 1);
  cluster.add(4, false, true);
  for (int sid = 1; sid <= 4; ++sid) cluster.start(sid);
  cluster.run_for(3s);
  ASSERT_EQ(cluster.state(4), ServerState::kObserving);
  EXPECT_FALSE(cluster.peer(4).deadline()) << "nothing to ask, nothing to wait for";
  cluster.step(Sid(4), Synced{PeerEpoch(1)});
  EXPECT_EQ(cluster.epochs(4).back(), PeerEpoch(1));
  cluster.step(Sid(4), LeaderLost{"the connection was closed"});
  EXPECT_EQ(cluster.state(4), ServerState::kLooking);
  cluster.run_for(2s);
  EXPECT_EQ(cluster.state(4), ServerState::kObserving) << "at once, as it had been in sync";
}

// ZOOKEEPER-2212, and QuorumPeer's shuttingDownLE.
TEST(Peer, ANewerConfigurationWithOtherMembersRestartsTheLinks) {
  PeerSettings settings;
  settings.election.self = Sid(1);
  settings.election.reconfig_enabled = true;
  Peer peer(settings, members(3));
  peer.step(Instant{}, Start{});
  wire::QuorumConfig newer = members(4);
  newer.version = ConfigVersion(0x100000000);
  wire::Notification vote;
  vote.leader = Sid(2);
  vote.election_epoch = ElectionRound(1);
  vote.version = 2;
  vote.config = wire::to_text(newer);
  const Received received{Sid(2), wire::encode(vote, wire::NotificationForm::kConfig)};
  bool restarted = false;
  for (const Effect& effect : peer.step(Instant{}, received)) {
    if (const auto* links = std::get_if<RestartLinks>(&effect)) {
      restarted = true;
      EXPECT_EQ(links->committed, newer);
    }
  }
  EXPECT_TRUE(restarted);
  EXPECT_EQ(peer.config(), newer);
  EXPECT_FALSE(peer.deadline()) << "until Start";
  peer.step(Instant{}, Start{});
  EXPECT_TRUE(peer.deadline());
}

TEST(Peer, AnEpochAtTheEndOfTheRangeWraps) {
  Cluster cluster(3);
  for (int sid = 1; sid <= 3; ++sid) cluster.start(sid);
  cluster.run_for(600ms);
  ASSERT_EQ(cluster.state(3), ServerState::kLeading);
  wire::Notification question;
  question.leader = Sid(1);
  question.peer_epoch = PeerEpoch(std::numeric_limits<std::int64_t>::max());
  question.version = 2;
  question.config = "";
  cluster.step(Sid(3), Received{Sid(1), wire::encode(question, wire::NotificationForm::kConfig)});
  ASSERT_EQ(cluster.epochs(3).size(), 1U);
  EXPECT_EQ(cluster.epochs(3)[0], PeerEpoch::min());
}

}  // namespace
}  // namespace zkprobe::peer
