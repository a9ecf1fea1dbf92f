// What an offline replay prints.
#include "replay_view.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace zkprobe::tool {
namespace {

using analysis::Cause;
using analysis::ItemKind;
using analysis::ServerReplay;

ServerReplay server() {
  ServerReplay made;
  made.self = Sid(2);
  made.release = {Release{3, 4, 6}, Release{3, 4, 14}};
  made.played = Release{3, 4, 14};
  made.lives = 1;
  made.config = "3 participants (1 2 3), majority, version 0x0";
  made.tally[0] = {4, 3, 0, 1};
  made.tally[2] = {1, 0, 1, 0};
  analysis::ReplayOutcome outcome;
  outcome.at = Duration(1'500'000);
  outcome.state = wire::ServerState::kLeading;
  outcome.leader = Sid(2);
  outcome.round = ElectionRound(1);
  outcome.epoch = PeerEpoch(7);
  made.outcomes.push_back(outcome);
  made.differences.push_back({ItemKind::kProposal, Cause::kReal, Duration(1'000'000), 17, Sid(3),
                              "told 3 \x1b[31m", "is LOOKING", "no order explains it"});
  made.differences.push_back(
      {ItemKind::kDecision, Cause::kLoss, Duration(2'000'000), 19, Sid(2), "is", "is not", "loss"});
  return made;
}

std::vector<Json> records(const std::string& text) {
  std::vector<Json> all;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) all.push_back(Json::parse(line));
  return all;
}

TEST(ReplayView, TextHasARowAServerThenDecisionsThenDifferences) {
  const ReplayView view(Style(false), capture::CaptureTime(0));
  const std::string out = view.text({server()});
  EXPECT_NE(out.find("2       3.4.14 (its bytes: 3.4.6 to 3.4.14)  3 of 4, 1 differ  0 of 0   "
                     "0 of 1, 1 explained\n"),
            std::string::npos)
      << out;
  EXPECT_NE(out.find("00:00:01.500000  server 2 is LEADING, leader 2, round 0x1, epoch 0x7\n"),
            std::string::npos)
      << out;
  EXPECT_NE(out.find("server 2 sends no configuration: taken for 3 participants (1 2 3)"),
            std::string::npos);
  EXPECT_NE(out.find("00:00:01.000000  #17  server 2  real  proposal: the server told 3 "
                     "\\x1b[31m; our election is LOOKING. no order explains it\n"),
            std::string::npos)
      << out;
  EXPECT_NE(out.find("#19  server 2  loss  decision:"), std::string::npos);
  EXPECT_TRUE(out.ends_with("3 of 5 agree, 1 are explained, 1 differs\n")) << out;
}

TEST(ReplayView, SaysThatNotEveryOrderWasTried) {
  ServerReplay cut = server();
  cut.untried = 1;
  const ReplayView view(Style(false), capture::CaptureTime(0));
  EXPECT_NE(view.text({server(), cut})
                .find("\nfor 1 of the differences not every order of the events was tried: there "
                      "are too many\n"),
            std::string::npos);
  EXPECT_EQ(records(view.json({cut}))[0]["untried"], 1);
}

TEST(ReplayView, AnAskerIsSaidInOneLine) {
  ServerReplay asker;
  asker.self = Sid(77);
  asker.asker = true;
  asker.questions = 2;
  const ReplayView view(Style(false), capture::CaptureTime(0));
  const std::string out = view.text({server(), asker});
  EXPECT_NE(out.find("\nid 77 only asks for votes, 2 times: no server, not replayed\n"),
            std::string::npos)
      << out;
  EXPECT_EQ(out.find("server 77"), std::string::npos);
  EXPECT_EQ(records(view.json({asker}))[0],
            Json::parse(R"({"server":77,"asker":true,"questions":2})"));
}

TEST(ReplayView, JsonHasOneRecordAServerAndTheSums) {
  const ReplayView view(Style(false), capture::CaptureTime(0));
  const auto all = records(view.json({server()}));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0]["server"], 2);
  EXPECT_EQ(all[0]["played"], "3.4.14");
  EXPECT_EQ(all[0]["proposals"],
            Json::parse(R"({"compared":4,"agree":3,"explained":0,"differ":1})"));
  EXPECT_EQ(all[0]["elections"][0]["t"], "1970-01-01T00:00:01.500000Z");
  EXPECT_EQ(all[0]["elections"][0]["peer_epoch"], "0x7");
  EXPECT_EQ(all[0]["differences"][0]["cause"], "real");
  EXPECT_EQ(all[0]["differences"][1]["packet"], 19);
  EXPECT_EQ(all[1], Json::parse(R"({"compared":5,"agree":3,"explained":1,"differ":1})"));
}

TEST(ReplayView, ATraceLineHasTimeServerAndText) {
  const ReplayView view(Style(false), capture::CaptureTime(0));
  EXPECT_EQ(view.trace_line(Sid(2), Duration(250'000), "to 3: x\x07"),
            "00:00:00.250000  2  to 3: x\\x07\n");
}

}  // namespace
}  // namespace zkprobe::tool
