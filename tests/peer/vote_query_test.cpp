// Asking a server for its vote: the conversation, and each step of it failing.
#include "peer/vote_query.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "wire/initial_message.hpp"

namespace zkprobe::peer {
namespace {

using wire::NotificationForm;
using wire::ServerState;

constexpr std::string_view kThreeServers =
    "server.1=127.0.0.1:2888:3888:participant\n"
    "server.2=127.0.0.1:2889:3889:participant\n"
    "server.3=127.0.0.1:2890:3890:participant;127.0.0.1:2181\n"
    "version=100000000";

wire::Notification vote(std::int64_t leader, ServerState state = ServerState::kFollowing) {
  wire::Notification n;
  n.state = state;
  n.leader = Sid(leader);
  n.zxid = Zxid(0x100000002);
  n.election_epoch = ElectionRound(4);
  n.peer_epoch = PeerEpoch(1);
  return n;
}

Bytes answer(std::int64_t leader, NotificationForm form = NotificationForm::kConfig) {
  wire::Notification n = vote(leader);
  if (form == NotificationForm::kConfig) n.config = std::string(kThreeServers);
  return wire::frame(wire::encode(n, form));
}

Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

struct Conversation {
  explicit Conversation(VoteQuery::Settings settings = {}) : query(settings, SeededRandom(7)) {}

  VoteQuery::Effects step(const VoteQuery::Event& event) {
    VoteQuery::Effects effects = query.step(now, event);
    for (const auto& effect : effects) {
      EXPECT_FALSE(result.has_value()) << "an effect after Finished";
      if (const auto* connect = std::get_if<VoteQuery::Connect>(&effect)) {
        ++connects;
        EXPECT_EQ(connect->first_bytes, vote_question());
        EXPECT_GT(connect->timeout, Duration(0));
      }
      if (std::holds_alternative<VoteQuery::Write>(effect)) ++questions;
      if (std::holds_alternative<VoteQuery::Close>(effect)) ++closes;
      if (const auto* end = std::get_if<VoteQuery::Finished>(&effect)) result = end->result;
    }
    return effects;
  }
  void link() {
    step(VoteQuery::Start{});
    step(VoteQuery::Connected{});
  }
  void receive(const Bytes& bytes) { step(VoteQuery::Received{bytes}); }
  void pass_to_deadline() {
    const std::optional<Instant> at = query.deadline();
    ASSERT_TRUE(at.has_value());
    now = *at;
    step(VoteQuery::TimePassed{});
  }

  Instant now{Duration(1'000'000)};
  VoteQuery query;
  int connects = 0;
  int questions = 0;  // after the one that goes out with the greeting
  int closes = 0;
  std::optional<tl::expected<VoteAnswer, QueryFailure>> result;
};

QueryFailure failure_of(const Conversation& c) {
  if (!c.result || c.result->has_value()) return {QueryFailure::Kind::kUnreachable, "no failure"};
  return c.result->error();
}

TEST(VoteQuery, TheQuestionIsABareIdAndFortyBytesThatWinNowhere) {
  const Bytes expected = *hex_decode(
      "7fffffffffff7a6b"  // the asker's id
      "00000028"          // 40 bytes follow
      "00000000"          // LOOKING
      "8000000000000000"  // leader
      "8000000000000000"  // zxid
      "0000000000000000"  // round
      "8000000000000000"  // peer epoch
      "00000001");        // version
  EXPECT_EQ(vote_question(), expected);
}

TEST(VoteQuery, TheAskersIdIsAboveEveryMembersAndNotTheObserversMark) {
  EXPECT_GT(kAskerId.value, std::numeric_limits<std::int64_t>::max() - 65'536);
  EXPECT_NE(kAskerId, kObserverId);
}

TEST(VoteQuery, TheSecondAnswerCounts) {
  Conversation c;
  c.link();
  EXPECT_EQ(c.connects, 1);
  c.receive(answer(2));  // what the server said to an earlier asker
  EXPECT_FALSE(c.result.has_value());
  EXPECT_EQ(c.questions, 1);
  c.now = c.now + Duration(700);
  c.receive(answer(3));
  ASSERT_TRUE(c.result.has_value() && c.result->has_value());
  const VoteAnswer& got = **c.result;
  EXPECT_EQ(got.notification.leader, Sid(3));
  EXPECT_EQ(got.notification.zxid, Zxid(0x100000002));
  EXPECT_EQ(got.form, NotificationForm::kConfig);
  ASSERT_TRUE(got.config.has_value());
  EXPECT_EQ(got.config->servers.size(), 3u);
  EXPECT_EQ(got.config->version, ConfigVersion(0x100000000));
  EXPECT_EQ(got.took, Duration(700));
  EXPECT_EQ(c.closes, 1);
  EXPECT_EQ(c.query.deadline(), std::nullopt);
}

TEST(VoteQuery, AStaleAnswerAndAFreshOneTogetherAreBothThrownAway) {
  Conversation c;
  c.link();
  c.receive(answer(1) + answer(2));
  EXPECT_FALSE(c.result.has_value());
  EXPECT_EQ(c.questions, 1);
  c.receive(answer(3));
  ASSERT_TRUE(c.result.has_value() && c.result->has_value());
  EXPECT_EQ((*c.result)->notification.leader, Sid(3));
}

TEST(VoteQuery, AnAnswerMayArriveInPieces) {
  Conversation c;
  c.link();
  const Bytes stream = answer(2) + answer(3);
  const std::size_t first = answer(2).size();
  for (std::size_t i = 0; i < stream.size(); ++i) {
    EXPECT_FALSE(c.result.has_value());
    EXPECT_EQ(c.questions, i < first ? 0 : 1);
    c.receive({stream[i]});
  }
  ASSERT_TRUE(c.result.has_value() && c.result->has_value());
  EXPECT_EQ((*c.result)->notification.leader, Sid(3));
}

TEST(VoteQuery, TheFormTellsTheGeneration) {
  for (const auto form :
       {NotificationForm::kBytes36, NotificationForm::kBytes40, NotificationForm::kConfig}) {
    Conversation c;
    c.link();
    c.receive(answer(3, form));
    c.receive(answer(3, form));
    ASSERT_TRUE(c.result.has_value() && c.result->has_value());
    EXPECT_EQ((*c.result)->form, form);
    EXPECT_EQ((*c.result)->notification.peer_epoch, PeerEpoch(1));
    EXPECT_EQ((*c.result)->config.has_value(), form == NotificationForm::kConfig);
  }
}

// 3.3 keeps a hundred messages for an id and sends them all, old ones first.
TEST(VoteQuery, AServerOf33IsAskedAgainOnlyWhenNothingComesAnyMore) {
  Conversation c;
  c.link();
  for (int i = 0; i < 5; ++i) {
    c.receive(answer(1, NotificationForm::kBytes28));
    c.now = c.now + (VoteQuery::kQuiet - Duration(1));
    c.step(VoteQuery::TimePassed{});
    EXPECT_EQ(c.questions, 0);
  }
  c.now = c.now + Duration(1);
  c.step(VoteQuery::TimePassed{});
  EXPECT_EQ(c.questions, 1);
  EXPECT_FALSE(c.result.has_value());
  c.receive(answer(3, NotificationForm::kBytes28));
  ASSERT_TRUE(c.result.has_value() && c.result->has_value());
  EXPECT_EQ((*c.result)->notification.leader, Sid(3));
}

TEST(VoteQuery, NoConnectionIsUnreachable) {
  Conversation c;
  c.step(VoteQuery::Start{});
  c.step(VoteQuery::ConnectFailed{"127.0.0.1:1: Connection refused"});
  EXPECT_EQ(failure_of(c).kind, QueryFailure::Kind::kUnreachable);
  EXPECT_EQ(failure_of(c).text, "127.0.0.1:1: Connection refused");
}

TEST(VoteQuery, AConnectThatNeverEndsTimesOut) {
  Conversation c({.timeout = 500ms, .reader = std::nullopt});
  const Instant start = c.now;
  c.step(VoteQuery::Start{});
  c.pass_to_deadline();
  EXPECT_EQ(c.now - start, Duration(500ms));
  EXPECT_EQ(failure_of(c).kind, QueryFailure::Kind::kUnreachable);
  EXPECT_EQ(failure_of(c).text, "no connection within 500 ms");
  EXPECT_EQ(c.closes, 1);
}

TEST(VoteQuery, ASilentServerIsAskedAgainEverySecondAndThenTimesOut) {
  Conversation c;
  const Instant start = c.now;
  c.link();
  while (!c.result) c.pass_to_deadline();
  EXPECT_EQ(c.now - start, Duration(5s));
  EXPECT_EQ(c.questions, 4);
  EXPECT_EQ(failure_of(c).kind, QueryFailure::Kind::kSilent);
  EXPECT_EQ(failure_of(c).text, "connected, but no answer within 5 s");
}

TEST(VoteQuery, AnOldAnswerAloneIsNoAnswer) {
  Conversation c;
  c.link();
  c.receive(answer(3));
  while (!c.result) c.pass_to_deadline();
  EXPECT_EQ(failure_of(c).kind, QueryFailure::Kind::kSilent);
  EXPECT_EQ(failure_of(c).text, "connected, but no fresh answer within 5 s: what came may be old");
}

TEST(VoteQuery, ALostAnswerIsAskedForAgain) {
  Conversation c;
  c.link();
  c.receive(answer(2));
  c.pass_to_deadline();
  EXPECT_EQ(c.questions, 2);
  c.receive(answer(3));
  ASSERT_TRUE(c.result.has_value() && c.result->has_value());
  EXPECT_EQ((*c.result)->notification.leader, Sid(3));
}

TEST(VoteQuery, CutOffByAnotherAskerItAsksAgainAfterARandomPause) {
  for (const bool after_an_answer : {false, true}) {
    Conversation c;
    c.link();
    if (after_an_answer) c.receive(answer(2));
    const Instant cut = c.now;
    c.step(VoteQuery::Closed{"end of stream"});
    EXPECT_EQ(c.closes, 1);
    EXPECT_EQ(c.connects, 1);
    c.pass_to_deadline();
    EXPECT_GE(c.now - cut, VoteQuery::kMinPause);
    EXPECT_LT(c.now - cut, VoteQuery::kPauseStep);
    EXPECT_EQ(c.connects, 2);
    c.step(VoteQuery::Connected{});
    c.receive(answer(2));
    EXPECT_FALSE(c.result.has_value()) << "the first answer of a new link is not trusted either";
    c.receive(answer(3));
    ASSERT_TRUE(c.result.has_value() && c.result->has_value());
    EXPECT_EQ((*c.result)->notification.leader, Sid(3));
  }
}

TEST(VoteQuery, ThePausesOfTwoAskersDiffer) {
  std::vector<Instant> ends;
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    VoteQuery query({}, SeededRandom(seed));
    query.step(Instant{}, VoteQuery::Start{});
    query.step(Instant{}, VoteQuery::Connected{});
    query.step(Instant{}, VoteQuery::Closed{"end of stream"});
    ends.push_back(*query.deadline());
  }
  EXPECT_NE(ends[0], ends[1]);
  EXPECT_NE(ends[1], ends[2]);
}

// Half a frame of the link before must not be put in front of the new link's bytes.
TEST(VoteQuery, ANewLinkStartsWithAnEmptyFrame) {
  Conversation c;
  c.link();
  c.receive({0, 0, 0});
  c.step(VoteQuery::Closed{"connection reset by peer"});
  c.pass_to_deadline();
  c.step(VoteQuery::Connected{});
  c.receive(answer(3));
  c.receive(answer(3));
  ASSERT_TRUE(c.result.has_value() && c.result->has_value());
}

TEST(VoteQuery, AServerThatClosesEveryLinkIsGivenUp) {
  Conversation c;
  c.step(VoteQuery::Start{});
  const Instant start = c.now;
  while (!c.result) {
    c.step(VoteQuery::Connected{});
    c.step(VoteQuery::Closed{"end of stream"});
    if (!c.result) c.pass_to_deadline();
  }
  EXPECT_EQ(c.connects, static_cast<int>(VoteQuery::kMaxLinks));
  EXPECT_LT(c.now - start, Duration(1500ms));
  EXPECT_EQ(failure_of(c).kind, QueryFailure::Kind::kClosed);
  EXPECT_NE(failure_of(c).text.find("closed the link 8 times"), std::string::npos);
}

TEST(VoteQuery, TheTimeoutEndsAPauseToo) {
  Conversation c({.timeout = 2ms, .reader = std::nullopt});
  c.link();
  c.step(VoteQuery::Closed{"end of stream"});
  c.pass_to_deadline();
  EXPECT_EQ(failure_of(c).kind, QueryFailure::Kind::kClosed);
  EXPECT_NE(failure_of(c).text.find("closed the link 1 times, and no answer within 2 ms"),
            std::string::npos);
}

TEST(VoteQuery, ARefusedReconnectEndsIt) {
  Conversation c;
  c.link();
  c.step(VoteQuery::Closed{"connection reset by peer"});
  c.pass_to_deadline();
  c.step(VoteQuery::ConnectFailed{"refused"});
  EXPECT_EQ(failure_of(c).kind, QueryFailure::Kind::kUnreachable);
}

TEST(VoteQuery, GarbageIsNamedWithItsPlaceAndBytes) {
  Conversation c;
  c.link();
  c.receive(Bytes{'H', 'T', 'T', 'P', '/', '1'});
  EXPECT_EQ(failure_of(c).kind, QueryFailure::Kind::kNoVote);
  EXPECT_EQ(failure_of(c).text,
            "no vote but length at byte 0: expected 1..524288, found 1213486160: 485454502f31");
  EXPECT_EQ(c.closes, 1);
}

TEST(VoteQuery, AFrameThatIsNoVoteIsNamedInEitherPlace) {
  for (const bool second : {false, true}) {
    Conversation c;
    c.link();
    if (second) c.receive(answer(3));
    c.receive(wire::frame(Bytes(30, 0xab)));
    EXPECT_EQ(failure_of(c).kind, QueryFailure::Kind::kNoVote);
    EXPECT_NE(failure_of(c).text.find("byte"), std::string::npos);
    EXPECT_NE(failure_of(c).text.find("abababab"), std::string::npos);
  }
}

TEST(VoteQuery, AnUnknownStateIsNoVote) {
  Conversation c;
  c.link();
  Bytes bytes = answer(3);
  bytes[7] = 9;
  c.receive(bytes);
  EXPECT_EQ(failure_of(c).kind, QueryFailure::Kind::kNoVote);
  EXPECT_NE(failure_of(c).text.find("state at byte 0: expected 0..3, found 9"), std::string::npos);
}

TEST(VoteQuery, AConfigurationThatCannotBeReadLeavesTheVote) {
  Conversation c;
  c.link();
  wire::Notification n = vote(3);
  n.config = "server.x=what";
  const Bytes bytes = wire::frame(wire::encode(n, NotificationForm::kConfig));
  c.receive(bytes);
  c.receive(bytes);
  ASSERT_TRUE(c.result.has_value() && c.result->has_value());
  EXPECT_EQ((*c.result)->notification.leader, Sid(3));
  EXPECT_FALSE((*c.result)->config.has_value());
  EXPECT_FALSE((*c.result)->config_error.value_or("").empty());
}

TEST(VoteQuery, AnEnsembleWithTheAskersIdIsRefused) {
  Conversation c;
  c.link();
  wire::Notification n = vote(3);
  n.config = "server." + to_string(kAskerId) + "=127.0.0.1:2888:3888:participant\nversion=0";
  c.receive(wire::frame(wire::encode(n, NotificationForm::kConfig)));
  EXPECT_EQ(failure_of(c).kind, QueryFailure::Kind::kAskerIsMember);
  EXPECT_EQ(c.questions, 0) << "not asked a second time";
}

TEST(VoteQuery, EmulatingAReleaseReadsAsItDoes) {
  Conversation c({.timeout = 5s, .reader = Release{3, 5, 10}});
  c.link();
  c.receive(answer(3, NotificationForm::kBytes36));  // 3.5.8 and later drop it
  EXPECT_EQ(failure_of(c).kind, QueryFailure::Kind::kNoVote);
}

TEST(VoteQuery, NothingHappensAfterTheEnd) {
  Conversation c;
  c.link();
  c.receive(answer(3));
  c.receive(answer(3));
  ASSERT_TRUE(c.result.has_value());
  EXPECT_TRUE(c.query.step(c.now, VoteQuery::Closed{"x"}).empty());
  EXPECT_TRUE(c.query.step(c.now, VoteQuery::TimePassed{}).empty());
  EXPECT_TRUE(c.query.step(c.now, VoteQuery::ConnectFailed{"x"}).empty());
}

}  // namespace
}  // namespace zkprobe::peer
