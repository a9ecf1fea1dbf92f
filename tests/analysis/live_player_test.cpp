#include "analysis/live_player.hpp"

#include <gtest/gtest.h>

namespace zkprobe::analysis {
namespace {

using std::chrono::milliseconds;

struct LivePlayerTest : testing::Test {
  LivePlayer::Settings settings;
  std::optional<LivePlayer> player;
  std::string seen;  // the effects: "link", "send N", "close", "end"

  static Bytes word(std::int64_t leader) {
    return wire::encode({wire::ServerState::kLooking, Sid(leader), Zxid(0), ElectionRound(1),
                         PeerEpoch(0), 1, std::nullopt},
                        wire::NotificationForm::kBytes40);
  }
  void vote(int at, std::uint8_t mark, std::size_t before = 0, bool new_link = false) {
    settings.votes.push_back({milliseconds(at), {mark}, new_link, before});
  }
  void step(int at, const LivePlayer::Event& event) {
    if (!player) player.emplace(settings);
    for (const auto& effect : player->step(Instant{milliseconds(at)}, event)) {
      seen += seen.empty() ? "" : ", ";
      if (std::holds_alternative<LivePlayer::Link>(effect)) seen += "link";
      if (std::holds_alternative<LivePlayer::CloseLink>(effect)) seen += "close";
      if (std::holds_alternative<LivePlayer::Finished>(effect)) seen += "end";
      if (const auto* send = std::get_if<LivePlayer::Send>(&effect)) {
        seen += "send " + std::to_string(send->payload.at(0));
      }
    }
  }
  void hear(int at, std::int64_t leader) {
    const Bytes payload = word(leader);
    step(at, LivePlayer::Received{payload});
  }
  // Lets it wait until nothing is due any more, or it links.
  int wait() {
    Duration now(0);
    while (const auto due = player->deadline()) {
      now = due->since_zero;
      const std::string before = seen;
      step(static_cast<int>(now.count() / 1000) + 1, LivePlayer::TimePassed{});
      if (seen.ends_with("link") && seen != before) break;
    }
    return static_cast<int>(now.count() / 1000);
  }
};

TEST_F(LivePlayerTest, KeepsTheTimesOfTheCapture) {
  vote(0, 1);
  vote(700, 2);
  step(100, LivePlayer::Start{});
  step(200, LivePlayer::Linked{});
  EXPECT_EQ(seen, "link, send 1");
  EXPECT_EQ(player->deadline()->since_zero, milliseconds(900));
  step(899, LivePlayer::TimePassed{});
  EXPECT_EQ(seen, "link, send 1");
  step(900, LivePlayer::TimePassed{});
  EXPECT_EQ(seen, "link, send 1, send 2");
  EXPECT_EQ(player->sent(), (std::vector<Duration>{milliseconds(0), milliseconds(700)}));
}

TEST_F(LivePlayerTest, FastGoesOnWithTheAnswersOrWithoutThemAfterASecond) {
  settings.fast = true;
  vote(0, 1);
  vote(9'000, 2, 1);
  vote(60'000, 3, 2);
  settings.words = 2;
  step(0, LivePlayer::Start{});
  step(0, LivePlayer::Linked{});
  EXPECT_EQ(seen, "link, send 1");
  hear(30, 1);
  EXPECT_EQ(seen, "link, send 1, send 2");
  EXPECT_EQ(player->deadline()->since_zero, milliseconds(1'030));
  step(1'030, LivePlayer::TimePassed{});
  EXPECT_EQ(seen, "link, send 1, send 2, send 3");
}

TEST_F(LivePlayerTest, EndsSoonAfterAllAnswersCame) {
  vote(0, 1);
  settings.words = 2;
  step(0, LivePlayer::Start{});
  step(0, LivePlayer::Linked{});
  hear(10, 1);
  hear(20, 1);  // says nothing new
  hear(30, 3);
  EXPECT_EQ(wait(), 430);
  EXPECT_EQ(seen, "link, send 1, close, end");
  ASSERT_EQ(player->said().size(), 2U);
  EXPECT_TRUE(player->said()[0].first_on_link);
  EXPECT_FALSE(player->said()[1].first_on_link);
  EXPECT_EQ(player->said()[1].at, milliseconds(30));
  EXPECT_FALSE(player->failure());
  step(999, LivePlayer::Linked{});
  EXPECT_EQ(seen, "link, send 1, close, end");
}

TEST_F(LivePlayerTest, WaitsForAnswersThatTookTheirTimeInTheCapture) {
  vote(0, 1);
  settings.words = 1;
  settings.last_word = milliseconds(5'000);
  step(0, LivePlayer::Start{});
  step(0, LivePlayer::Linked{});
  EXPECT_EQ(wait(), 7'000);
  EXPECT_EQ(seen, "link, send 1, close, end");
}

TEST_F(LivePlayerTest, AVoteOfAnotherLinkGetsOne) {
  vote(0, 1, 0, true);
  vote(50, 2, 0, true);
  step(0, LivePlayer::Start{});
  step(0, LivePlayer::Linked{});
  EXPECT_EQ(seen, "link, send 1");
  wait();
  EXPECT_EQ(seen, "link, send 1, close, link");
  step(60, LivePlayer::Linked{});
  EXPECT_EQ(seen, "link, send 1, close, link, send 2");
}

TEST_F(LivePlayerTest, ALinkThatTheServerEndsIsMadeAgainWhileThereIsSomethingToSay) {
  vote(0, 1);
  vote(500, 2);
  settings.words = 1;
  step(0, LivePlayer::Start{});
  step(0, LivePlayer::Linked{});
  step(10, LivePlayer::Closed{"end of stream"});
  EXPECT_EQ(seen, "link, send 1, close, link");
  step(20, LivePlayer::Linked{});
  wait();
  player->deadline();
  EXPECT_EQ(player->sent().size(), 2U);
  EXPECT_EQ(player->links_closed(), 1U);
}

TEST_F(LivePlayerTest, ALinkThatEndsAfterTheLastVoteEndsThePlay) {
  vote(0, 1);
  settings.words = 2;
  step(0, LivePlayer::Start{});
  step(0, LivePlayer::Linked{});
  hear(5, 1);
  step(10, LivePlayer::Closed{"end of stream"});
  EXPECT_EQ(seen, "link, send 1, close, end");
  EXPECT_EQ(player->failure(), "the target closed the link: end of stream");
}

TEST_F(LivePlayerTest, AServerThatClosesEveryLinkIsLeft) {
  for (int i = 0; i < 20; ++i) vote(i * 1'000, 1);
  settings.words = 1;
  step(0, LivePlayer::Start{});
  for (unsigned i = 0; i < LivePlayer::kMaxLinks; ++i) {
    step(1, LivePlayer::Linked{});
    step(1, LivePlayer::Closed{"end of stream"});
  }
  EXPECT_TRUE(seen.ends_with("close, end")) << seen;
  EXPECT_TRUE(player->failure());
}

TEST_F(LivePlayerTest, WithoutALinkItEndsWithTheReason) {
  vote(0, 1);
  step(0, LivePlayer::Start{});
  EXPECT_EQ(wait(), 5'000);
  EXPECT_EQ(player->failure(), "no link within 5 s");
  EXPECT_FALSE(player->ever_linked());
  player.reset();
  seen.clear();
  step(0, LivePlayer::Start{});
  step(1, LivePlayer::LinkFailed{"refused"});
  EXPECT_EQ(seen, "link, close, end");
  EXPECT_EQ(player->failure(), "refused");
}

TEST_F(LivePlayerTest, AServerThatNeverStopsIsLeft) {
  vote(0, 1);
  settings.words = 1;
  step(0, LivePlayer::Start{});
  step(0, LivePlayer::Linked{});
  for (std::int64_t i = 0; i < 300; ++i) hear(1, i);
  EXPECT_TRUE(seen.ends_with("close, end")) << seen;
  EXPECT_EQ(player->said().size(), LivePlayer::kMaxSaid);
  EXPECT_EQ(player->failure(), "the target said more than 256 different things");

  player.reset();
  seen.clear();
  step(0, LivePlayer::Start{});
  step(0, LivePlayer::Linked{});
  for (int i = 0; i < 200 && !seen.ends_with("end"); ++i) {
    hear(i * 300, i);
    step(i * 300 + 1, LivePlayer::TimePassed{});
  }
  EXPECT_EQ(player->said().size(), 35U);  // one each 300 ms, for 10 s
}

TEST_F(LivePlayerTest, BytesThatAreNoVoteAreKeptAsSuch) {
  vote(0, 1);
  step(0, LivePlayer::Start{});
  step(0, LivePlayer::Linked{});
  const Bytes bad{1, 2};
  step(1, LivePlayer::Received{bad});
  ASSERT_EQ(player->said().size(), 1U);
  EXPECT_TRUE(player->said()[0].unreadable);
}

}  // namespace
}  // namespace zkprobe::analysis
