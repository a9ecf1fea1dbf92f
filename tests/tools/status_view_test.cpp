// What `status` concludes from answers.
#include "status_view.hpp"

#include <gtest/gtest.h>

namespace zkprobe::tool {
namespace {

using peer::QueryFailure;
using peer::VoteAnswer;
using wire::NotificationForm;
using wire::ServerState;

VoteAnswer answer(ServerState state, std::int64_t leader) {
  VoteAnswer result;
  result.notification.state = state;
  result.notification.leader = Sid(leader);
  result.notification.zxid = Zxid(0x100000002);
  result.notification.election_epoch = ElectionRound(4);
  result.notification.peer_epoch = PeerEpoch(2);
  result.form = NotificationForm::kConfig;
  result.took = Duration(1234);
  result.config = wire::QuorumConfig{};
  result.config->version = ConfigVersion(0x100000000);
  result.config->servers.push_back({Sid(3),
                                    {{"::1", 2888, 3888}},
                                    wire::LearnerType::kParticipant,
                                    wire::HostPort{"h", 2181},
                                    std::nullopt});
  result.config->servers.push_back(
      {Sid(4), {{"zk4", 2888, 3888}}, wire::LearnerType::kObserver, std::nullopt, std::nullopt});
  return result;
}

StatusEntry entry(std::uint16_t port, VoteAnswer a) { return {{"h", port}, std::move(a)}; }
StatusEntry failed(std::uint16_t port) {
  return {{"h", port},
          tl::unexpected<QueryFailure>(QueryFailure{QueryFailure::Kind::kSilent, "no answer"})};
}
StatusEntry follows(std::uint16_t port, std::int64_t leader) {
  return entry(port, answer(ServerState::kFollowing, leader));
}
StatusEntry leads(std::uint16_t port, std::int64_t leader) {
  return entry(port, answer(ServerState::kLeading, leader));
}
StatusEntry looks(std::uint16_t port) { return entry(port, answer(ServerState::kLooking, 1)); }

TEST(StatusView, ARecordHasTheKeysOfTheContract) {
  EXPECT_EQ(to_line(status_record(follows(1, 3))),
            "{\"address\":\"h:1\",\"reachable\":true,\"state\":\"FOLLOWING\",\"leader\":3,"
            "\"zxid\":\"0x100000002\",\"election_epoch\":\"0x4\",\"peer_epoch\":\"0x2\","
            "\"format\":\"v2\",\"config_version\":\"0x100000000\",\"servers\":["
            "{\"sid\":3,\"role\":\"participant\",\"addresses\":[{\"host\":\"::1\","
            "\"quorum_port\":2888,\"election_port\":3888}],\"client\":\"h:2181\"},"
            "{\"sid\":4,\"role\":\"observer\",\"addresses\":[{\"host\":\"zk4\","
            "\"quorum_port\":2888,\"election_port\":3888}]}],\"rtt_ms\":1.234}\n");
  EXPECT_EQ(to_line(status_record(failed(2))),
            "{\"address\":\"h:2\",\"reachable\":false,\"error\":\"no answer\"}\n");
}

TEST(StatusView, AConfigurationThatCannotBeReadIsAnError) {
  VoteAnswer a = answer(ServerState::kFollowing, 3);
  a.config.reset();
  a.config_error = "version at byte 3: expected hex, found x";
  const Json record = status_record(entry(1, a));
  EXPECT_TRUE(record["reachable"]);
  EXPECT_EQ(record["error"], "configuration: version at byte 3: expected hex, found x");
  EXPECT_FALSE(record.contains("servers"));
  EXPECT_EQ(status_code({entry(1, a)}), ExitCode::kDoesNotHold);
}

struct Case {
  std::vector<StatusEntry> entries;
  ExitCode code;
  std::string verdict;
};

TEST(StatusView, TheVerdictAndTheExitCodeGoTogether) {
  VoteAnswer other_epoch = answer(ServerState::kFollowing, 3);
  other_epoch.notification.peer_epoch = PeerEpoch(1);
  VoteAnswer other_config = answer(ServerState::kFollowing, 3);
  other_config.config->version = ConfigVersion(5);
  const Case cases[] = {
      {{leads(1, 3)}, ExitCode::kHolds, "Server 3 leads in epoch 0x2."},
      {{follows(1, 3), leads(2, 3)}, ExitCode::kHolds, "Server 3 leads in epoch 0x2; all 2 agree."},
      {{follows(1, 3), entry(2, answer(ServerState::kObserving, 3))},
       ExitCode::kHolds,
       "Server 3 leads in epoch 0x2; all 2 agree."},
      {{follows(1, 3), failed(2)},
       ExitCode::kDoesNotHold,
       "Server 3 leads in epoch 0x2; 1 of 2 did not answer."},
      {{follows(1, 3), looks(2)},
       ExitCode::kDoesNotHold,
       "Server 3 leads in epoch 0x2; 1 of 2 is LOOKING."},
      {{follows(1, 3), looks(2), looks(3), failed(4)},
       ExitCode::kDoesNotHold,
       "Server 3 leads in epoch 0x2; 2 of 4 are LOOKING; 1 of 4 did not answer."},
      {{looks(1)}, ExitCode::kDoesNotHold, "No leader: 1 server is LOOKING."},
      {{looks(1), looks(2), failed(3)},
       ExitCode::kDoesNotHold,
       "No leader: 2 servers are LOOKING; 1 of 3 did not answer."},
      {{failed(1), failed(2)}, ExitCode::kUnreachable, "No server answered."},
      {{StatusEntry{{"h", 1}, std::nullopt}}, ExitCode::kUnreachable, "No server answered."},
      {{leads(1, 3), leads(2, 2)},
       ExitCode::kDoesNotHold,
       "2 servers say that they lead; different leaders: 2 (h:2); 3 (h:1)."},
      {{follows(1, 3), follows(2, 2), follows(3, 3)},
       ExitCode::kDoesNotHold,
       "The servers disagree: different leaders: 2 (h:2); 3 (h:1, h:3)."},
      {{follows(1, 3), entry(2, other_epoch)},
       ExitCode::kDoesNotHold,
       "The servers disagree: different epochs: 0x1 (h:2); 0x2 (h:1)."},
      {{follows(1, 3), entry(2, other_config)},
       ExitCode::kDoesNotHold,
       "The servers disagree: different configurations: 0x5 (h:2); 0x100000000 (h:1)."},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(status_verdict(c.entries), c.verdict);
    EXPECT_EQ(status_code(c.entries), c.code) << c.verdict;
  }
}

// The same process twice in the list (by two names) is one leader, not two.
TEST(StatusView, OneLeaderAskedByTwoNamesIsOneLeader) {
  EXPECT_EQ(status_code({leads(1, 3), leads(2, 3)}), ExitCode::kHolds);
  EXPECT_EQ(status_verdict({leads(1, 3), leads(2, 3)}),
            "Server 3 leads in epoch 0x2; all 2 agree.");
}

// Two ensembles whose leaders have one id and one epoch.
TEST(StatusView, LeadersOfDifferentMemberListsAreTwo) {
  VoteAnswer other = answer(ServerState::kLeading, 3);
  other.config->servers[0].addresses[0].election_port = 3889;
  const std::vector<StatusEntry> both = {leads(1, 3), follows(2, 3), entry(3, other)};
  EXPECT_EQ(status_code(both), ExitCode::kDoesNotHold);
  const std::string differ =
      "different configurations of version 0x100000000: server 3 is "
      "[::1]:2888:3888:participant;h:2181 (h:1, h:2); "
      "[::1]:2888:3889:participant;h:2181 (h:3)";
  EXPECT_EQ(status_verdict(both), "2 servers say that they lead; " + differ + ".");
  EXPECT_EQ(status_verdict({follows(1, 3), follows(2, 3), entry(3, other)}),
            "The servers disagree: " + differ + ".");
  const std::string list = "Configuration: 1 participant (3), 1 observer (4), majority, version ";
  EXPECT_NE(status_text(both, Style(false))
                .find(list + "0x100000000 (h:1, h:2)\n" + list + "0x100000000 (h:3)\n"),
            std::string::npos);
  other = answer(ServerState::kFollowing, 3);
  other.config->servers.pop_back();
  EXPECT_EQ(status_verdict({leads(1, 3), entry(2, other)}),
            "The servers disagree: different configurations of version 0x100000000: server 4 is "
            "zk4:2888:3888:observer (h:1); no member (h:2).");
}

// What zoo.cfg gives a server for itself: a wildcard, and its client port.
TEST(StatusView, AWildcardAndAClientAddressAreNoOtherList) {
  VoteAnswer other = answer(ServerState::kLeading, 3);
  other.config->servers[0].addresses[0].host = "0.0.0.0";
  other.config->servers[1].client = wire::HostPort{"0.0.0.0", 2181};
  EXPECT_EQ(status_code({follows(1, 3), entry(2, other)}), ExitCode::kHolds);
}

// Java pairs the ports of several addresses of one host as a hash has them.
TEST(StatusView, TheOrderAndThePairsOfSeveralAddressesAreNoOtherList) {
  VoteAnswer one = answer(ServerState::kLeading, 3);
  one.config->servers[0].addresses = {{"h", 2888, 3888}, {"h", 2889, 3889}};
  VoteAnswer other = one;
  other.config->servers[0].addresses = {{"h", 2889, 3888}, {"h", 2888, 3889}};
  EXPECT_EQ(status_code({entry(1, one), entry(2, other)}), ExitCode::kHolds);
  other.config->servers[0].addresses = {{"h", 2889, 3888}, {"h", 2888, 3890}};
  EXPECT_EQ(status_code({entry(1, one), entry(2, other)}), ExitCode::kDoesNotHold);
}

// 3.4 and older say no member list.
TEST(StatusView, LeadersThatWereElectedWithDifferentVotesAreTwo) {
  VoteAnswer old = answer(ServerState::kLeading, 3);
  old.form = NotificationForm::kBytes40;
  old.config.reset();
  VoteAnswer other = old;
  EXPECT_EQ(status_code({entry(1, old), entry(2, other)}), ExitCode::kHolds);
  other.notification.zxid = Zxid(0x100000003);
  EXPECT_EQ(status_verdict({entry(1, old), entry(2, other)}),
            "2 servers say that they lead; elected with different votes: "
            "zxid 0x100000002 in round 0x4 (h:1); zxid 0x100000003 in round 0x4 (h:2).");
  EXPECT_EQ(status_code({entry(1, old), entry(2, other)}), ExitCode::kDoesNotHold);
}

// 3.4.5 and older keep the epoch that was voted on.
TEST(StatusView, EpochsOfOldReleasesAreNotCompared) {
  VoteAnswer old = answer(ServerState::kFollowing, 3);
  old.form = NotificationForm::kBytes36;
  old.config.reset();
  old.notification.peer_epoch = PeerEpoch(1);
  EXPECT_EQ(status_code({follows(1, 3), entry(2, old)}), ExitCode::kHolds);
  EXPECT_EQ(status_verdict({entry(2, old)}), "Server 3 leads.");
}

TEST(StatusView, WatchSeesEveryFieldButTheTime) {
  const StatusEntry nothing{{"h", 1}, std::nullopt};
  EXPECT_TRUE(status_changed(nothing, follows(1, 3)));
  EXPECT_TRUE(status_changed(nothing, failed(1)));
  EXPECT_TRUE(status_changed(follows(1, 3), failed(1)));
  EXPECT_TRUE(status_changed(failed(1), follows(1, 3)));
  EXPECT_FALSE(status_changed(failed(1), failed(1)));
  EXPECT_TRUE(status_changed(follows(1, 3), follows(1, 2)));
  EXPECT_TRUE(status_changed(follows(1, 3), looks(1)));
  VoteAnswer slower = answer(ServerState::kFollowing, 3);
  slower.took = Duration(9);
  EXPECT_FALSE(status_changed(follows(1, 3), entry(1, slower)));
  VoteAnswer reconfigured = answer(ServerState::kFollowing, 3);
  reconfigured.config->servers.pop_back();
  EXPECT_TRUE(status_changed(follows(1, 3), entry(1, reconfigured)));
  StatusEntry refused = failed(1);
  refused.result->error().kind = QueryFailure::Kind::kUnreachable;
  EXPECT_TRUE(status_changed(failed(1), refused));
}

TEST(StatusView, TheTableNamesWhoDidNotAnswerAndTheConfigurationOnce) {
  EXPECT_EQ(status_text({follows(1, 3), leads(2, 3), failed(3)}, Style(false)),
            "ADDRESS  STATE      LEADER  ZXID         ROUND  EPOCH  CONFIG       FORM  MS\n"
            "h:1      FOLLOWING  3       0x100000002  0x4    0x2    0x100000000  v2    1.2\n"
            "h:2      LEADING    3       0x100000002  0x4    0x2    0x100000000  v2    1.2\n"
            "h:3      no answer\n"
            "\n"
            "No answer: h:3: no answer\n"
            "Configuration: 1 participant (3), 1 observer (4), majority, version 0x100000000\n"
            "Server 3 leads in epoch 0x2; 1 of 3 did not answer.\n");
}

TEST(StatusView, ALineOfAWatchIsAligned) {
  EXPECT_EQ(status_line(looks(1), "T", 6, Style(false)),
            "T  h:1     LOOKING    leader 1  zxid 0x100000002  round 0x4  epoch 0x2  "
            "config 0x100000000\n");
  EXPECT_EQ(status_line(failed(1), "T", 6, Style(false)), "T  h:1     no answer  no answer\n");
}

}  // namespace
}  // namespace zkprobe::tool
