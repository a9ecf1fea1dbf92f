#include "peer/leader_search.hpp"

#include <gtest/gtest.h>

namespace zkprobe::peer {
namespace {

using wire::HostPort;
using wire::ServerState;

// Servers 1 to 3 on h1 to h3, learner port 2888, election port 3888.
wire::QuorumConfig three(std::int64_t version = 0) {
  wire::QuorumConfig config;
  for (const char id : {'1', '2', '3'}) {
    wire::QuorumServer server;
    server.sid = Sid(id - '0');
    server.addresses = {{std::string("h") + id, 2888, 3888}};
    config.servers.push_back(server);
  }
  config.version = ConfigVersion(version);
  return config;
}

VoteAnswer says(ServerState state, std::int64_t leader, std::int64_t epoch = 1) {
  VoteAnswer answer;
  answer.notification.state = state;
  answer.notification.leader = Sid(leader);
  answer.notification.peer_epoch = PeerEpoch(epoch);
  answer.notification.election_epoch = ElectionRound(7);
  answer.form = wire::NotificationForm::kConfig;
  answer.config = three();
  return answer;
}

HostPort election(const std::string& host) { return {host, 3888}; }

struct Search : LeaderSearch {
  Search() : LeaderSearch({election("h1")}) {
    EXPECT_EQ(begin_round(), std::vector<HostPort>{election("h1")});
  }
};

TEST(LeaderSearch, AServerThatLeadsIsBelievedAtOnce) {
  Search search;
  search.answered(election("h1"), says(ServerState::kLeading, 1));
  EXPECT_FALSE(search.round_over());
  const auto found = search.found();
  ASSERT_TRUE(found);
  EXPECT_EQ(*found,
            (FoundLeader{Sid(1), {{"h1", 2888}}, ElectionRound(7), PeerEpoch(1), "h1:3888"}));
}

TEST(LeaderSearch, MembersThatAnAnswerNamesAreAskedOnce) {
  Search search;
  EXPECT_EQ(search.answered(election("h1"), says(ServerState::kFollowing, 3)),
            (std::vector<HostPort>{election("h2"), election("h3")}));
  EXPECT_TRUE(search.answered(election("h2"), says(ServerState::kFollowing, 3)).empty());
  EXPECT_FALSE(search.round_over());
  // The next round asks all of them from the start, each once.
  EXPECT_EQ(search.begin_round(),
            (std::vector<HostPort>{election("h1"), election("h2"), election("h3")}));
}

TEST(LeaderSearch, AQuorumOfFollowersIsBelievedAtOnce) {
  Search search;
  search.answered(election("h1"), says(ServerState::kFollowing, 3));
  EXPECT_FALSE(search.found()) << "the leader itself may still answer";
  search.answered(election("h2"), says(ServerState::kFollowing, 3));
  EXPECT_FALSE(search.round_over());
  ASSERT_TRUE(search.found());
  EXPECT_EQ(search.found()->sid, Sid(3));
  search.begin_round();
  EXPECT_FALSE(search.found()) << "that was the last round";
}

TEST(LeaderSearch, ALeaderThatAnswersBesideAQuorumOfFollowersIsBelieved) {
  Search search;
  search.answered(election("h1"), says(ServerState::kFollowing, 3, 1));
  search.answered(election("h2"), says(ServerState::kFollowing, 3, 1));
  search.answered(election("h3"), says(ServerState::kLeading, 3, 2));
  EXPECT_EQ(search.found()->peer_epoch, PeerEpoch(2));
}

TEST(LeaderSearch, FollowersOfDifferentEpochsOrLeadersAreNoQuorum) {
  Search search;
  search.answered(election("h1"), says(ServerState::kFollowing, 3, 1));
  search.answered(election("h2"), says(ServerState::kFollowing, 3, 2));
  EXPECT_FALSE(search.found());
  Search other;
  other.answered(election("h1"), says(ServerState::kFollowing, 3));
  other.answered(election("h2"), says(ServerState::kFollowing, 1));
  EXPECT_FALSE(other.found());
}

TEST(LeaderSearch, AServerCountsOnceAndUnderAnAddressOfTheConfiguration) {
  for (const char* again : {"h1", "alias"}) {
    Search search;
    search.answered(election("h1"), says(ServerState::kFollowing, 3));
    search.answered(election(again), says(ServerState::kFollowing, 3));
    EXPECT_FALSE(search.round_over());
    EXPECT_FALSE(search.found()) << again;
  }
}

TEST(LeaderSearch, AQuorumIsWhatTheConfigurationCallsOne) {
  LeaderSearch search({election("h1")});
  search.begin_round();
  VoteAnswer answer = says(ServerState::kFollowing, 3);
  answer.config->groups = {{1, {Sid(1), Sid(2), Sid(3)}}};
  answer.config->weights = {{Sid(1), 1}, {Sid(2), 1}, {Sid(3), 5}};
  search.answered(election("h1"), answer);
  search.answered(election("h2"), answer);
  EXPECT_FALSE(search.found()) << "2 of 7";
}

TEST(LeaderSearch, AFollowerIsBelievedWhenAllHaveAnsweredOrFailed) {
  Search search;
  search.answered(election("h1"), says(ServerState::kFollowing, 3));
  search.failed(election("h2"), {QueryFailure::Kind::kSilent, "no answer"});
  EXPECT_FALSE(search.found());
  search.failed(election("h3"), {QueryFailure::Kind::kSilent, "no answer"});
  ASSERT_TRUE(search.found());
  EXPECT_EQ(search.found()->sid, Sid(3));
}

TEST(LeaderSearch, OfTwoThatLeadTheNewerEpochCounts) {
  Search search;
  search.answered(election("h1"), says(ServerState::kLeading, 1, 4));
  search.answered(election("h2"), says(ServerState::kLeading, 2, 5));
  EXPECT_EQ(search.found()->sid, Sid(2));
}

TEST(LeaderSearch, NobodyWhoLooksNamesALeader) {
  Search search;
  search.answered(election("h1"), says(ServerState::kLooking, 3));
  search.failed(election("h2"), {QueryFailure::Kind::kUnreachable, "h2:3888: refused"});
  search.failed(election("h3"), {QueryFailure::Kind::kSilent, "no answer"});
  EXPECT_TRUE(search.round_over());
  EXPECT_FALSE(search.found());
  EXPECT_TRUE(search.anyone_answered());
  EXPECT_EQ(search.why_none(), "h1:3888 is LOOKING, h2:3888: refused, h3:3888: no answer");
}

TEST(LeaderSearch, AVoteForAnIdThatIsNoMemberNamesNoLeader) {
  Search search;
  search.answered(election("h1"), says(ServerState::kLeading, 9));
  EXPECT_FALSE(search.found());
}

TEST(LeaderSearch, ALeaderThatKnowsItselfAsTheWildcardIsWhereItWasAsked) {
  Search search;
  VoteAnswer answer = says(ServerState::kLeading, 1);
  answer.config->servers[0].addresses[0].host = "0.0.0.0";
  const auto more = search.answered(election("h1"), answer);
  EXPECT_EQ(more, (std::vector<HostPort>{election("h2"), election("h3")}));
  EXPECT_EQ(search.found()->learner_addresses, (std::vector<HostPort>{{"h1", 2888}}));
}

TEST(LeaderSearch, AnAnswerWithoutAConfigurationNamesNoMembers) {
  Search search;
  VoteAnswer answer = says(ServerState::kLeading, 1);
  answer.form = wire::NotificationForm::kBytes40;
  answer.config.reset();
  EXPECT_TRUE(search.answered(election("h1"), answer).empty());
  EXPECT_TRUE(search.without_configuration());
  EXPECT_NE(search.why_without_configuration().find("LEADING, in a form of 3.4 or older"),
            std::string::npos);
  EXPECT_FALSE(search.found());
}

TEST(LeaderSearch, AConfigurationThatTheEmulatedReleaseDoesNotReadNamesNoMembersEither) {
  Search search;
  VoteAnswer answer = says(ServerState::kFollowing, 1);
  ASSERT_EQ(answer.form, wire::NotificationForm::kConfig);
  answer.config.reset();
  search.answered(election("h1"), answer);
  EXPECT_TRUE(search.without_configuration());
  EXPECT_NE(search.why_without_configuration().find("FOLLOWING, read as by a release before 3.5"),
            std::string::npos);
  answer.config_error = "what";
  Search unreadable;
  unreadable.answered(election("h1"), answer);
  EXPECT_FALSE(unreadable.without_configuration());
}

TEST(LeaderSearch, AnOldFormDoesNotHelpWhereMembersAreKnownFromBefore) {
  Search search;
  search.answered(election("h1"), says(ServerState::kLeading, 1));
  search.begin_round();
  VoteAnswer old = says(ServerState::kLooking, 1);
  old.form = wire::NotificationForm::kBytes40;
  old.config.reset();
  search.answered(election("h1"), old);
  EXPECT_FALSE(search.without_configuration());
}

TEST(LeaderSearch, WhatConfigurationsNameIsRememberedWithinBounds) {
  Search search;
  wire::QuorumConfig config;
  for (int i = 0; i < 100; ++i) {
    wire::QuorumServer server;
    server.addresses = {{"h", 2888, 3888}};
    config.servers.push_back(server);
  }
  std::int64_t next = 1000;
  const auto note = [&] {
    for (wire::QuorumServer& server : config.servers) {
      server.sid = Sid(++next);
      server.addresses[0].host = "h" + to_string(server.sid);
    }
    search.note_config(config);
  };
  note();
  EXPECT_TRUE(search.seat_of(Sid(1001)));
  for (std::size_t i = 0; i <= LeaderSearch::kMaxSeats / 100; ++i) note();
  EXPECT_FALSE(search.seat_of(Sid(1001)));
  EXPECT_TRUE(search.seat_of(Sid(next)));
  for (std::size_t i = 0; i <= LeaderSearch::kMaxElectionAddresses / 100; ++i) note();
  EXPECT_FALSE(search.sid_at(election("h1001")));
  EXPECT_TRUE(search.sid_at(election("h" + to_string(Sid(next)))));
}

TEST(LeaderSearch, ASeatIsWhatAnyConfigurationNames) {
  Search search;
  search.answered(election("h1"), says(ServerState::kLeading, 1));
  EXPECT_EQ(search.seat_of(Sid(3)), "server.3=h3:2888:3888:participant");
  EXPECT_FALSE(search.seat_of(Sid(4)));
  wire::QuorumConfig newer = three(5);
  newer.servers[2].sid = Sid(4);
  search.note_config(newer);
  EXPECT_TRUE(search.seat_of(Sid(4)));
  EXPECT_TRUE(search.seat_of(Sid(3))) << "an id stays taken";
  EXPECT_EQ(search.sid_at(election("h2")), Sid(2));
}

TEST(LeaderSearch, AnOlderConfigurationDoesNotChangeWhoIsAsked) {
  Search search;
  wire::QuorumConfig newer = three(5);
  newer.servers.pop_back();
  search.note_config(newer);
  search.note_config(three(4));
  EXPECT_EQ(search.begin_round(), (std::vector<HostPort>{election("h1"), election("h2")}));
}

TEST(LeaderSearch, ARoundHasABound) {
  Search search;
  VoteAnswer answer = says(ServerState::kFollowing, 1);
  for (int i = 4; i < 200; ++i) {
    wire::QuorumServer server;
    server.sid = Sid(i);
    server.addresses = {{"h" + std::to_string(i), 2888, 3888}};
    answer.config->servers.push_back(server);
  }
  EXPECT_EQ(search.answered(election("h1"), answer).size(), LeaderSearch::kMaxAsked - 1);
}

}  // namespace
}  // namespace zkprobe::peer
