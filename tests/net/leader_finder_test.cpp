#include "net/leader_finder.hpp"

#include <gtest/gtest.h>

#include "net/loopback.hpp"
#include "wire/framer.hpp"

namespace zkprobe::net {
namespace {

using test::Loop;
using test::RawListener;
using test::RawPeer;
using wire::ServerState;

// An election port that answers one asker's both questions with the same vote.
class FakeServer {
 public:
  explicit FakeServer(Loop& loop) : loop_(loop), listener_(loop) {}
  std::uint16_t port() const { return listener_.port(); }

  void answer(ServerState state, std::int64_t leader, const std::string& config) {
    wire::Notification vote;
    vote.state = state;
    vote.leader = Sid(leader);
    vote.version = 2;
    vote.config = config;
    const Bytes frame = wire::frame(wire::encode(vote, wire::NotificationForm::kConfig));
    asker_ = listener_.accept();
    const std::size_t question = peer::vote_question().size();
    ASSERT_TRUE(loop_.run_until([&] { return asker_->received().size() >= question; }));
    asker_->write(frame);
    ASSERT_TRUE(loop_.run_until([&] { return asker_->received().size() > question; }));
    asker_->write(frame);
  }

 private:
  Loop& loop_;
  RawListener listener_;
  std::unique_ptr<RawPeer> asker_;
};

struct LeaderFinderTest : testing::Test {
  Loop loop;
  std::shared_ptr<Resolver> resolver = std::make_shared<Resolver>(loop.io);
  FakeServer one{loop};
  FakeServer two{loop};
  std::vector<wire::HostPort> heard;
  bool done = false;

  std::string config() const {
    return "server.1=127.0.0.1:1001:" + std::to_string(one.port()) +
           ":participant\nserver.2=127.0.0.1:1002:" + std::to_string(two.port()) +
           ":participant\nversion=0";
  }
  LeaderFinder finder{
      loop.io,
      resolver,
      {{"127.0.0.1", one.port()}},
      [this](const wire::HostPort& from, const peer::VoteAnswer&) { heard.push_back(from); }};
  void start(Duration timeout = std::chrono::seconds(5)) {
    done = false;
    finder.start({timeout, std::nullopt}, 1, [this] { done = true; });
  }
};

TEST_F(LeaderFinderTest, ALeaderThatIsAskedEndsTheRound) {
  start();
  one.answer(ServerState::kLeading, 1, config());
  ASSERT_TRUE(loop.run_until([&] { return done; }));
  ASSERT_TRUE(finder.search().found());
  EXPECT_EQ(finder.search().found()->learner_addresses,
            (std::vector<wire::HostPort>{{"127.0.0.1", 1001}}));
  EXPECT_EQ(heard.size(), 1u);
}

TEST_F(LeaderFinderTest, TheMembersOfAFollowersAnswerAreAskedToo) {
  start();
  one.answer(ServerState::kFollowing, 2, config());
  two.answer(ServerState::kLeading, 2, config());
  ASSERT_TRUE(loop.run_until([&] { return done; }));
  EXPECT_EQ(finder.search().found()->said_by, "127.0.0.1:" + std::to_string(two.port()));
  EXPECT_EQ(heard.size(), 2u);
}

TEST_F(LeaderFinderTest, AFollowerNamesALeaderThatIsSilentItself) {
  start(std::chrono::milliseconds(300));
  one.answer(ServerState::kFollowing, 2, config());
  ASSERT_TRUE(loop.run_until([&] { return done; }));
  ASSERT_TRUE(finder.search().found());
  EXPECT_EQ(finder.search().found()->sid, Sid(2));
  EXPECT_EQ(heard.size(), 1u);
}

TEST_F(LeaderFinderTest, SilenceEndsTheRoundWithoutALeader) {
  start(std::chrono::milliseconds(100));
  ASSERT_TRUE(loop.run_until([&] { return done; }));
  EXPECT_FALSE(finder.search().found());
  EXPECT_FALSE(finder.search().anyone_answered());
  EXPECT_NE(finder.search().why_none().find(std::to_string(one.port())), std::string::npos);
}

TEST_F(LeaderFinderTest, NothingComesAfterClose) {
  start(std::chrono::milliseconds(100));
  finder.close();
  loop.run_until([&] { return done; }, std::chrono::milliseconds(300));
  EXPECT_FALSE(done);
}

}  // namespace
}  // namespace zkprobe::net
