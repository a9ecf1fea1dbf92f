// Whom an audit asks: everybody whom somebody names, once, and not the whole world.
#include "audit/walk.hpp"

#include <gtest/gtest.h>

#include "survey_of.hpp"

namespace zkprobe::audit {
namespace {

using wire::ServerState;

// Everything that is asked from here on, answered with `config`.
std::vector<wire::HostPort> run(Walk& walk, const wire::QuorumConfig& config,
                                const std::string& remote = "10.0.0.1:1") {
  std::vector<wire::HostPort> asked;
  while (!walk.finished()) {
    for (const wire::HostPort& address : walk.next()) {
      asked.push_back(address);
      walk.answered(address, says(ServerState::kFollowing, 1, config), remote);
    }
  }
  return asked;
}

TEST(Walk, FollowsEveryConfiguration) {
  Walk walk({at(101)});
  EXPECT_EQ(walk.next(), std::vector{at(101)});
  EXPECT_TRUE(walk.next().empty()) << "it is under way";
  walk.answered(at(101), says(ServerState::kFollowing, 1, config_of(2)), "10.0.0.1:101");
  EXPECT_EQ(walk.next(), std::vector{at(102)});
  walk.answered(at(102), says(ServerState::kFollowing, 1, config_of(4)), "10.0.0.1:102");
  EXPECT_EQ(walk.next(), (std::vector{at(103), at(104)}));
  walk.answered(at(103),
                tl::unexpected<peer::QueryFailure>(
                    peer::QueryFailure{peer::QueryFailure::Kind::kSilent, "no answer"}),
                "");
  EXPECT_FALSE(walk.finished());
  walk.answered(at(104), says(ServerState::kFollowing, 1, std::nullopt), "");
  EXPECT_TRUE(walk.finished());
  ASSERT_EQ(walk.sightings().size(), 4U);
  EXPECT_TRUE(walk.sightings()[0].seed);
  EXPECT_FALSE(walk.sightings()[1].seed);
  EXPECT_EQ(walk.sightings()[1].named_by, (std::vector{at(101), at(102)}));
  EXPECT_EQ(walk.sightings()[3].named_by, std::vector{at(102)});
}

TEST(Walk, EqualSeedsAreAskedOnce) {
  Walk walk({at(101), at(101)});
  EXPECT_EQ(walk.next().size(), 1U);
}

TEST(Walk, AsksNoWildcardAndNoLoopbackOfOthers) {
  wire::QuorumConfig config = config_of(4);
  config.servers[0].addresses[0].host = "0.0.0.0";
  config.servers[1].addresses[0].host = "127.0.0.1";
  config.servers[2].addresses[0].election_port = 0;
  Walk elsewhere({at(101)});
  EXPECT_EQ(run(elsewhere, config), (std::vector{at(101), at(104)}));
  Walk here({at(101)});
  EXPECT_EQ(run(here, config, "127.0.0.1:101"),
            (std::vector{at(101), at(102, "127.0.0.1"), at(104)}));
}

wire::QuorumConfig crowd(int servers, const std::string& prefix) {
  wire::QuorumConfig config;
  for (int i = 1; i <= servers; ++i) {
    config.servers.push_back({Sid(i),
                              {{prefix + std::to_string(i), 1, 2}},
                              wire::LearnerType::kParticipant,
                              std::nullopt,
                              std::nullopt});
  }
  return config;
}

TEST(Walk, AHostileConfigurationMovesItToALimitedNumberOfAddresses) {
  Walk walk({at(101)});
  std::size_t most = 0;
  std::size_t asked = 0;
  while (!walk.finished()) {
    const auto now = walk.next();
    most = std::max(most, now.size());
    for (const auto& address : now) {
      const auto config = crowd(100, "h" + std::to_string(++asked) + "-");
      walk.answered(address, says(ServerState::kFollowing, 1, config), "");
    }
  }
  EXPECT_EQ(asked, Walk::kMaxAsked);
  EXPECT_LE(most, Walk::kMaxUnderWay);
  EXPECT_GT(walk.beyond_limit(), 3000U);
}

TEST(Walk, AConfigurationLargerThanAnyEnsembleIsNotFollowed) {
  Walk walk({at(101)});
  EXPECT_EQ(run(walk, crowd(static_cast<int>(kMaxMembers) + 1, "h")), std::vector{at(101)});
  EXPECT_EQ(*walk.sightings()[0].answer()->config_error,
            "expected at most 256 servers with 1024 addresses, found 257 with 257");
  EXPECT_FALSE(walk.sightings()[0].answer()->config.has_value());
}

TEST(Walk, AnswersThatNobodyAskedForAreIgnored) {
  Walk walk({at(101), at(102)});
  walk.answered(at(101), says(ServerState::kFollowing, 1), "early");
  EXPECT_FALSE(walk.sightings()[0].result.has_value());
  walk.next();
  walk.answered(at(999), says(ServerState::kFollowing, 1), "");
  walk.answered(at(101), says(ServerState::kFollowing, 1), "first");
  walk.answered(at(101), says(ServerState::kLeading, 2), "second");
  EXPECT_EQ(walk.sightings()[0].remote, "first");
}

}  // namespace
}  // namespace zkprobe::audit
