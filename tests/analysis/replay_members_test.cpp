#include "analysis/replay_members.hpp"

#include <gtest/gtest.h>

#include "replay_fixture.hpp"

namespace zkprobe::analysis {
namespace {

std::vector<Script> scripts_of(const Tape& tape) {
  std::vector<Script> scripts;
  for (const Sid sid : servers_of(tape)) scripts.push_back(script_of(tape, sid));
  return scripts;
}

TEST(ReplayMembers, WhoVotesIsAVoterAndWhoObservesIsNone) {
  const Tape tape = test::tape_of("3.4.5-c-observer");
  const wire::QuorumConfig config = seen_members(tape, scripts_of(tape));
  EXPECT_EQ(config.voters(), (std::vector<Sid>{Sid(1), Sid(2), Sid(3)}));
  EXPECT_EQ(config.observers(), std::vector<Sid>{Sid(4)});
}

TEST(ReplayMembers, WhoOnlyAsksIsNoMember) {
  const Tape tape = test::tape_of("outages/asked");
  const wire::QuorumConfig config = seen_members(tape, scripts_of(tape));
  EXPECT_EQ(config.voters(), (std::vector<Sid>{Sid(1), Sid(2), Sid(3)}));
  EXPECT_TRUE(config.observers().empty());
}

TEST(ReplayMembers, AVoteCarriesItsConfigurationOrNone) {
  const auto of = [](const char* name) {
    for (const TapeEvent& event : test::tape_of(name).events) {
      if (event.kind == TapeEvent::Kind::kVote) return config_of(event);
    }
    return std::optional<wire::QuorumConfig>();
  };
  ASSERT_TRUE(of("3.9.3-a-cold"));
  EXPECT_EQ(of("3.9.3-a-cold")->servers.size(), 3U);
  EXPECT_FALSE(of("3.4.13-a-cold"));
  TapeEvent broken;
  broken.vote.config = "server.x=1";
  EXPECT_FALSE(config_of(broken));
}

}  // namespace
}  // namespace zkprobe::analysis
