// What is done to members, and who is found to lead.
#include "conformance/member_actions.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "fake_endpoint.hpp"
#include "wire/framer.hpp"
#include "wire/notification.hpp"

namespace zkprobe::conformance {
namespace {

class NotedMembers final : public Members {
 public:
  std::vector<std::string> done;
  std::string trouble;

  std::vector<Sid> voters() const override { return {Sid(1), Sid(2), Sid(3)}; }
  tl::expected<void, std::string> act(Sid member, Deed deed) override {
    const char* const names[] = {"kill", "start", "silence", "wake"};
    return note(std::string(names[static_cast<int>(deed)]) + " " + to_string(member));
  }
  tl::expected<void, std::string> run_all() override { return note("all"); }
  tl::expected<void, std::string> run_alone(Sid member) override {
    return note("alone " + to_string(member));
  }

 private:
  tl::expected<void, std::string> note(const std::string& what) {
    done.push_back(what);
    if (trouble.empty()) return {};
    return tl::unexpected(trouble);
  }
};

Directive directive(const std::string& verb, const std::string& whom, const Options& options = {}) {
  Directive one;
  one.verb = verb;
  one.words = {whom};
  one.options = options;
  return one;
}

Bytes vote(wire::ServerState state, std::int64_t leader) {
  wire::Notification vote;
  vote.state = state;
  vote.leader = Sid(leader);
  const Bytes frame = wire::frame(wire::encode(vote, wire::NotificationForm::kBytes40));
  Bytes twice = frame;
  twice.insert(twice.end(), frame.begin(), frame.end());
  return twice;
}

TEST(MemberActions, MembersAreNamedByIdByNameAndByWhoLeads) {
  FakeEndpoint server;
  NotedMembers members;
  MemberActions actions(server, &members, Sid(1));
  EXPECT_THROW(actions.who("leader"), std::invalid_argument) << "nobody knows yet";
  server.say(vote(wire::ServerState::kFollowing, 3));
  server.say(vote(wire::ServerState::kFollowing, 3));
  server.say(vote(wire::ServerState::kLeading, 3));
  const Seen seen = actions.look_for_leader(std::chrono::seconds(5));
  EXPECT_TRUE(seen.as_expected);
  EXPECT_EQ(seen.what, "server 3 leads, 3 of 3 with it");
  EXPECT_EQ(actions.who("leader"), Sid(3));
  EXPECT_EQ(actions.who("follower"), Sid(1));
  EXPECT_EQ(actions.who("own"), Sid(1));
  EXPECT_EQ(actions.who("2"), Sid(2));
  actions.act(directive("kill", "follower", {{"as", "gone"}}));
  EXPECT_EQ(actions.who("gone"), Sid(1));
  EXPECT_EQ(actions.who("follower"), Sid(2)) << "of those that run";
}

TEST(MemberActions, TheMinorityAndAStaleLeaderDoNotLead) {
  FakeEndpoint server;
  NotedMembers members;
  MemberActions actions(server, &members, Sid(1));
  actions.act(directive("kill", "3"));
  server.say(vote(wire::ServerState::kFollowing, 3));
  server.say(vote(wire::ServerState::kLooking, 2));
  EXPECT_EQ(actions.look_for_leader(std::chrono::seconds(2)).what, "no leader within 2 s");
}

TEST(MemberActions, WhatWasDoneIsUndoneAtTheEnd) {
  FakeEndpoint server;
  NotedMembers members;
  MemberActions actions(server, &members, Sid(1));
  actions.act(directive("kill", "3"));
  actions.act(directive("silence", "2"));
  actions.act(directive("start", "3"));
  actions.act(directive("kill", "1"));
  actions.end();
  actions.end();
  EXPECT_EQ(members.done, (std::vector<std::string>{"kill 3", "silence 2", "start 3", "kill 1",
                                                    "wake 2", "start 1"}));
}

TEST(MemberActions, ABlackHoleIsFullBeforeTheScenarioGoesOn) {
  FakeEndpoint server;
  NotedMembers members;
  MemberActions actions(server, &members, Sid(1));
  EXPECT_THROW(actions.act(directive("blackhole", "2")), std::invalid_argument) << "never full";
  EXPECT_EQ(server.dialled, 300);
  server.refuses = true;
  actions.act(directive("blackhole", "3"));
  actions.act(directive("wake", "3"));
  EXPECT_EQ(server.closed, 300) << "nothing is held";
}

TEST(MemberActions, TheEnsembleIsBroughtToItsBeginning) {
  FakeEndpoint server;
  NotedMembers members;
  MemberActions actions(server, &members, Sid(1));
  EXPECT_EQ(actions.begin(Beginning::kAsIs), "");
  EXPECT_EQ(actions.begin(Beginning::kTogether), "");
  EXPECT_EQ(actions.begin(Beginning::kAlone), "");
  EXPECT_EQ(members.done, (std::vector<std::string>{"all", "alone 1"}));
  members.trouble = "no memory";
  EXPECT_EQ(actions.begin(Beginning::kAlone), "no memory");
  EXPECT_THROW(actions.act(directive("kill", "1")), std::invalid_argument);
  MemberActions elsewhere(server, nullptr, Sid(1));
  EXPECT_EQ(elsewhere.begin(Beginning::kAlone), "") << "somebody else has seen to it";
  EXPECT_THROW(elsewhere.act(directive("kill", "1")), std::invalid_argument);
}

}  // namespace
}  // namespace zkprobe::conformance
