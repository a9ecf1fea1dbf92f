// What a live replay prints.
#include "replay_live_view.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace zkprobe::tool {
namespace {

using analysis::LiveVerdict;
using wire::NotificationForm;
using wire::ServerState;

wire::Notification vote(std::int64_t leader, ServerState state = ServerState::kLooking) {
  return {state, Sid(leader), Zxid(5), ElectionRound(1), PeerEpoch(2), 1, std::nullopt};
}

struct ReplayLiveViewTest : testing::Test {
  analysis::LiveScript script;
  analysis::LiveTarget target;
  std::vector<analysis::LiveComparison> compared;
  std::vector<analysis::LiveSaid> said;
  bool listed = true;

  ReplayLiveViewTest() {
    script.peer = Sid(3);
    script.counterpart = target.sid = Sid(1);
    script.standing =
        target.standing = {ServerState::kLooking, Sid(1), Zxid(5), ElectionRound(1), PeerEpoch(2)};
    script.votes.push_back({Duration(0), 51, vote(3), NotificationForm::kBytes40, true});
    script.words.push_back({Duration(9'000), 59, vote(1), NotificationForm::kBytes40, false});
    script.elections = 1;
    analysis::LiveSaid one;
    one.at = Duration(12'000);
    one.vote = vote(1);
    one.form = NotificationForm::kBytes40;
    said.push_back(one);
    compared.push_back({LiveVerdict::kAgrees, false, 0, 0, {}, ""});
  }
  LiveResult result(const analysis::LiveAdaptation& adapt) const {
    LiveResult made{script, target, adapt, Sid(3), listed, {"127.0.0.1", 3888}, {}, {}, {}, {}};
    made.sent = {Duration(0)};
    made.said = said;
    made.compared = compared;
    return made;
  }
  std::string text() const {
    const analysis::LiveAdaptation adapt(script, target, Sid(3), listed);
    return ReplayLiveView(Style(false)).text(result(adapt));
  }
  std::string json() const {
    const analysis::LiveAdaptation adapt(script, target, Sid(3), listed);
    return ReplayLiveView(Style(false)).json(result(adapt));
  }
  bool agrees() const {
    const analysis::LiveAdaptation adapt(script, target, Sid(3), listed);
    return result(adapt).agrees();
  }
};

TEST_F(ReplayLiveViewTest, ToldAsItHappened) {
  const std::string out = text();
  EXPECT_TRUE(
      out.starts_with("server 3 of the capture against server 1 at 127.0.0.1:3888, in "
                      "place of server 1\n"))
      << out;
  EXPECT_NE(out.find("   0.000 s  sent       LOOKING leader=3 zxid=0x5 round=0x1 epoch=0x2 "
                     "format=40\n"
                     "   0.012 s  agrees     LOOKING leader=1 zxid=0x5 round=0x1 epoch=0x2 "
                     "format=40\n"),
            std::string::npos)
      << out;
  EXPECT_TRUE(out.ends_with("1 of 1 agree, 0 are explained, 0 differ\n")) << out;
  EXPECT_TRUE(agrees());
}

TEST_F(ReplayLiveViewTest, ADifferenceNamesItsFieldsAndThePacket) {
  compared[0].verdict = LiveVerdict::kDiffers;
  compared[0].fields = {{"format", "40", "v2"}};
  EXPECT_NE(text().find("format: 40 in the capture, v2 now (#59)"), std::string::npos) << text();
  EXPECT_FALSE(agrees());
  EXPECT_NE(json().find(R"("fields":[{"field":"format","captured":"40","live":"v2"}])"),
            std::string::npos);
}

TEST_F(ReplayLiveViewTest, OneRecordForEachThing) {
  std::vector<Json> records;
  std::istringstream lines(json());
  for (std::string line; std::getline(lines, line);) records.push_back(Json::parse(line));
  ASSERT_EQ(records.size(), 4U);
  EXPECT_EQ(records[0]["event"], "target");
  EXPECT_EQ(records[0]["as"], 3);
  EXPECT_EQ(records[1]["event"], "sent");
  EXPECT_EQ(records[1]["packet"], 51);
  EXPECT_EQ(records[2]["event"], "answer");
  EXPECT_EQ(records[2]["result"], "agrees");
  EXPECT_EQ(records[2]["live"], records[2]["captured"]);
  EXPECT_EQ(records[3], Json::parse(R"({"agree":1,"explained":0,"differ":0})"));
}

TEST_F(ReplayLiveViewTest, AStrangerIsSaidToBeOne) {
  listed = false;
  EXPECT_NE(text().find("id 3 is no member"), std::string::npos);
}

TEST_F(ReplayLiveViewTest, TheDecisionComesLastAndAFailureDiffers) {
  script.decision = analysis::LiveDecision{Duration(0), 81, ServerState::kFollowing, Sid(3)};
  compared.push_back({LiveVerdict::kAgrees, true, {}, {}, {}, ""});
  EXPECT_NE(text().find("   at last  agrees     decided: FOLLOWING leader=3\n2 of 2 agree"),
            std::string::npos)
      << text();
  const analysis::LiveAdaptation adapt(script, target, Sid(3), true);
  LiveResult failed = result(adapt);
  failed.failure = "the target closed the link: \x1b[31m";
  EXPECT_FALSE(failed.agrees());
  const std::string out = ReplayLiveView(Style(false)).text(failed);
  EXPECT_NE(out.find("\\x1b[31m"), std::string::npos);
  EXPECT_TRUE(out.ends_with("2 of 3 agree, 0 are explained, 1 differs\n")) << out;
}

}  // namespace
}  // namespace zkprobe::tool
