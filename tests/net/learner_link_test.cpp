#include "net/learner_link.hpp"

#include <gtest/gtest.h>

#include "net/fake_leader.hpp"
#include "net/loopback.hpp"

namespace zkprobe::net {
namespace {

using test::empty_sync;
using test::inform;
using test::Loop;
using test::packet;
using test::PacketType;
using test::RawListener;
using test::Recorder;

LearnerLink::Settings to(std::uint16_t port) {
  LearnerLink::Settings settings;
  settings.addresses = {{"127.0.0.1", port}};
  settings.learner.sid = Sid(9);
  return settings;
}

struct LearnerLinkTest : testing::Test {
  Loop loop;
  std::shared_ptr<Resolver> resolver = std::make_shared<Resolver>(loop.io);
  Recorder seen;

  std::shared_ptr<LearnerLink> start(LearnerLink::Settings settings) {
    auto link = std::make_shared<LearnerLink>(loop.io, resolver, std::move(settings));
    link->start(seen.handler());
    return link;
  }
};

TEST_F(LearnerLinkTest, FollowsALeader) {
  RawListener listener(loop);
  const auto link = start(to(listener.port()));
  const auto leader = listener.accept();
  leader->write(empty_sync());
  ASSERT_TRUE(loop.run_until([&] { return seen.has("phase SYNCHRONIZATION -> BROADCAST"); }));
  leader->write(inform(0x500000001));
  leader->write(packet(PacketType::kPing, 0x500000001));
  ASSERT_TRUE(loop.run_until([&] { return seen.has("send PING zxid=0x500000001"); }));
  EXPECT_TRUE(seen.has("txn 0x500000001 committed delete /a"));
  EXPECT_EQ(link->remote(), "127.0.0.1:" + std::to_string(listener.port()));
  // OBSERVERINFO 40, ACKEPOCH 24, two ACKs of 20, PING 20.
  ASSERT_TRUE(loop.run_until([&] { return leader->received().size() >= 124; }));
  EXPECT_EQ(leader->received().size(), 124u);
  link->close();
  EXPECT_TRUE(loop.run_until([&] { return leader->closed_by_peer(); }));
  EXPECT_FALSE(seen.left);
}

TEST_F(LearnerLinkTest, TriesEveryAddress) {
  RawListener listener(loop);
  LearnerLink::Settings settings = to(test::dead_port(loop));
  settings.addresses.push_back({"127.0.0.1", listener.port()});
  const auto link = start(settings);
  const auto leader = listener.accept();
  ASSERT_TRUE(loop.run_until([&] { return seen.has("send OBSERVERINFO"); }));
  link->close();
}

// Connects and says nothing: its backlog is full.
TEST_F(LearnerLinkTest, AnAddressThatIsSilentDoesNotHoldUpTheOthers) {
  asio::ip::tcp::acceptor full(loop.io, {asio::ip::address_v4::loopback(), 0});
  full.listen(0);
  const auto endpoint = full.local_endpoint();
  std::vector<asio::ip::tcp::socket> waiting;
  for (int i = 0; i < 4; ++i) {
    waiting.emplace_back(loop.io);
    waiting.back().async_connect(endpoint, [](error_code) {});
  }
  loop.run_ready();
  RawListener listener(loop);
  LearnerLink::Settings settings = to(endpoint.port());
  settings.addresses.push_back({"127.0.0.1", listener.port()});
  settings.connect_timeout = std::chrono::hours(1);
  const auto link = start(settings);
  const auto leader = listener.accept();
  ASSERT_TRUE(loop.run_until([&] { return seen.has("send OBSERVERINFO"); }));
  EXPECT_EQ(link->remote(), "127.0.0.1:" + std::to_string(listener.port()));
  link->close();
}

TEST_F(LearnerLinkTest, OfTwoThatConnectOneIsTakenAndTheOtherClosed) {
  RawListener one(loop);
  RawListener two(loop);
  LearnerLink::Settings settings = to(one.port());
  settings.addresses.push_back({"127.0.0.1", two.port()});
  const auto link = start(settings);
  ASSERT_TRUE(loop.run_until([&] { return seen.has("send OBSERVERINFO"); }));
  loop.run_ready();
  EXPECT_EQ(std::count_if(seen.lines.begin(), seen.lines.end(),
                          [](const auto& line) { return line.starts_with("send OBSERVERINFO"); }),
            1);
  EXPECT_FALSE(seen.left);
  link->close();
}

TEST_F(LearnerLinkTest, SaysWhyThereIsNoConnection) {
  const std::uint16_t port = test::dead_port(loop);
  const auto link = start(to(port));
  ASSERT_TRUE(loop.run_until([&] { return seen.left.has_value(); }));
  EXPECT_EQ(seen.left->why, learner::Leave::Why::kUnreachable);
  EXPECT_NE(seen.left->text.find("127.0.0.1:" + std::to_string(port)), std::string::npos);
}

TEST_F(LearnerLinkTest, SaysOfEveryAddressWhyThereIsNoConnection) {
  LearnerLink::Settings settings = to(test::dead_port(loop));
  settings.addresses.push_back({"127.0.0.1", test::dead_port(loop)});
  const auto link = start(settings);
  ASSERT_TRUE(loop.run_until([&] { return seen.left.has_value(); }));
  for (const wire::HostPort& address : settings.addresses) {
    EXPECT_NE(seen.left->text.find(wire::to_string(address)), std::string::npos);
  }
}

TEST_F(LearnerLinkTest, WithoutAnAddressThereIsNoConnection) {
  LearnerLink::Settings settings = to(1);
  settings.addresses.clear();
  const auto link = start(settings);
  ASSERT_TRUE(loop.run_until([&] { return seen.left.has_value(); }));
  EXPECT_EQ(seen.left->why, learner::Leave::Why::kUnreachable);
}

TEST_F(LearnerLinkTest, SaysThatTheLeaderClosed) {
  RawListener listener(loop);
  const auto link = start(to(listener.port()));
  listener.accept()->close();
  ASSERT_TRUE(loop.run_until([&] { return seen.left.has_value(); }));
  EXPECT_EQ(seen.left->why, learner::Leave::Why::kClosed);
}

TEST_F(LearnerLinkTest, LeavesASilentLeader) {
  RawListener listener(loop);
  LearnerLink::Settings settings = to(listener.port());
  settings.learner.tick = std::chrono::milliseconds(10);
  settings.learner.init_limit = 3;
  const auto link = start(settings);
  const auto leader = listener.accept();
  ASSERT_TRUE(loop.run_until([&] { return seen.left.has_value(); }));
  EXPECT_EQ(seen.left->why, learner::Leave::Why::kTimeout);
  EXPECT_TRUE(loop.run_until([&] { return leader->closed_by_peer(); }));
}

TEST_F(LearnerLinkTest, GarbageEndsTheLinkAndNothingElse) {
  RawListener listener(loop);
  const auto link = start(to(listener.port()));
  const auto leader = listener.accept();
  leader->write(*hex_decode("4854545020312e312032303020204f4b0d0a"));
  ASSERT_TRUE(loop.run_until([&] { return seen.left.has_value(); }));
  EXPECT_EQ(seen.left->why, learner::Leave::Why::kMalformed);
}

TEST_F(LearnerLinkTest, NothingComesAfterClose) {
  RawListener listener(loop);
  const auto link = start(to(listener.port()));
  const auto leader = listener.accept();
  ASSERT_TRUE(loop.run_until([&] { return seen.has("send OBSERVERINFO"); }));
  link->close();
  const std::size_t lines = seen.lines.size();
  leader->write(empty_sync());
  ASSERT_TRUE(loop.run_until([&] { return leader->closed_by_peer(); }));
  loop.run_ready();
  EXPECT_EQ(seen.lines.size(), lines);
}

TEST_F(LearnerLinkTest, ALeaderThatReadsNothingIsLeft) {
  RawListener listener(loop);
  bool synced = false;
  const auto link = std::make_shared<LearnerLink>(loop.io, resolver, to(listener.port()));
  link->start([&](const learner::Effect& effect) {
    synced = synced || std::holds_alternative<learner::SyncDone>(effect);
    if (const auto* leave = std::get_if<learner::Leave>(&effect)) seen.left = *leave;
  });
  const auto leader = listener.accept();
  leader->stop_reading();
  leader->write(empty_sync());
  ASSERT_TRUE(loop.run_until([&] { return synced; }));
  // Identities are echoed, so that few pings make many bytes.
  wire::QuorumPacket ping{PacketType::kPing, Zxid(0), std::nullopt, std::nullopt};
  ping.authinfo = std::vector<wire::AuthId>{{"digest", std::string(1'000'000, 'x')}};
  const Bytes bytes = wire::encode(ping);
  for (int i = 0; i < 100 && !seen.left; ++i) {
    leader->write(bytes);
    loop.run_ready();
  }
  ASSERT_TRUE(loop.run_until([&] { return seen.left.has_value(); }));
  EXPECT_EQ(seen.left->text, "the leader does not read what we answer");
}

// The disk completes things of the link before while the new one still dials.
TEST_F(LearnerLinkTest, AHoldBeforeThereIsAConnectionChangesNothing) {
  const std::uint16_t port = test::dead_port(loop);
  LearnerLink::Settings settings = to(port);
  settings.tries = 1000;
  settings.retry_pause = std::chrono::milliseconds(5);
  const auto link = start(settings);
  for (int i = 0; i < 5; ++i) {
    link->gather();
    link->hold();
    loop.run_ready();
  }
  asio::ip::tcp::acceptor late(loop.io, {asio::ip::address_v4::loopback(), port});
  asio::ip::tcp::socket leader(loop.io);
  bool accepted = false;
  late.async_accept(leader, [&](error_code error) { accepted = !error; });
  ASSERT_TRUE(loop.run_until([&] { return accepted; }));
  asio::write(leader, asio::buffer(empty_sync()));
  EXPECT_TRUE(loop.run_until([&] { return seen.has("phase SYNCHRONIZATION -> BROADCAST"); }));
  link->close();
}

struct HeldLearnerLinkTest : LearnerLinkTest {
  using Clock = std::chrono::steady_clock;

  HeldLearnerLinkTest() {
    link = start(to(listener.port()));
    leader = listener.accept();
    leader->write(empty_sync());
    EXPECT_TRUE(loop.run_until([&] { return seen.has("phase SYNCHRONIZATION -> BROADCAST"); }));
  }
  bool sees(std::int64_t zxid) {
    return loop.run_until([&] { return seen.has("txn " + to_hex(Zxid(zxid))); });
  }

  RawListener listener{loop};
  std::shared_ptr<LearnerLink> link;
  std::unique_ptr<test::RawPeer> leader;
};

TEST_F(HeldLearnerLinkTest, AHoldEndsByItselfAndByLettingGo) {
  const auto begun = Clock::now();
  link->hold();
  leader->write(inform(0x500000001));
  EXPECT_TRUE(sees(0x500000001));
  EXPECT_GE(Clock::now() - begun, LearnerLink::kMaxHold);
  link->hold();
  leader->write(inform(0x500000002));
  link->let_go();
  EXPECT_TRUE(sees(0x500000002));
}

TEST_F(HeldLearnerLinkTest, FewerBytesThanLastTimeAreWaitedForSoLongAndNoLonger) {
  link->gather();
  const auto begun = Clock::now();
  leader->write(inform(0x500000001));
  EXPECT_TRUE(sees(0x500000001));
  EXPECT_GE(Clock::now() - begun, LearnerLink::kMaxGather);
}

TEST_F(HeldLearnerLinkTest, AsManyBytesAsLastTimeAreReadAtOnce) {
  link->gather();
  leader->write(inform(0x500000001));
  EXPECT_TRUE(sees(0x500000001));
  auto shortest = Clock::duration::max();
  for (std::int64_t counter = 2; counter < 200; ++counter) {
    const auto begun = Clock::now();
    link->gather();
    leader->write(inform(0x500000000 + counter));
    ASSERT_TRUE(sees(0x500000000 + counter));
    shortest = std::min(shortest, Clock::now() - begun);
  }
  EXPECT_LT(shortest, LearnerLink::kMaxGather);
}

// With a slow disk there is a hold after every turn.
TEST_F(LearnerLinkTest, MoreThanOneReadTakesIsNotHeldBack) {
  RawListener listener(loop);
  std::size_t txns = 0;
  bool synced = false;
  const auto link = std::make_shared<LearnerLink>(loop.io, resolver, to(listener.port()));
  link->start(
      [&](const learner::Effect& effect) {
        if (std::holds_alternative<learner::TxnSeen>(effect)) ++txns;
        if (std::holds_alternative<learner::SyncDone>(effect)) synced = true;
      },
      [&] {
        if (synced) link->hold();
      });
  const auto leader = listener.accept();
  leader->write(empty_sync());
  ASSERT_TRUE(loop.run_until([&] { return synced; }));
  Bytes informs;
  std::int64_t last = 0x500000000;
  while (informs.size() < 300'000) {
    const Bytes one = inform(++last);
    informs.insert(informs.end(), one.begin(), one.end());
  }
  const std::size_t sent = leader->write_what_fits(informs);
  ASSERT_GT(sent, 150'000u);
  ASSERT_TRUE(loop.run_until([&] { return txns > 0; }));
  for (int i = 0; i < 10; ++i) loop.run_ready();
  EXPECT_GT(txns * inform(last).size(), 100'000u);
  link->close();
}

TEST_F(HeldLearnerLinkTest, TheEndOfALinkIsSeenWhileItIsHeld) {
  link->gather();
  leader->close();
  ASSERT_TRUE(loop.run_until([&] { return seen.left.has_value(); }));
  EXPECT_EQ(seen.left->why, learner::Leave::Why::kClosed);
}

// After every hundredth transaction the leader has filled the socket again.
TEST_F(LearnerLinkTest, ALeaderThatIsFasterThanWeAreIsLeft) {
  RawListener listener(loop);
  LearnerLink::Settings settings = to(listener.port());
  settings.learner.patience = std::chrono::milliseconds(50);
  Bytes informs;
  for (std::int64_t counter = 1; counter <= 2000; ++counter) {
    const Bytes one = inform(0x500000000 + counter);
    informs.insert(informs.end(), one.begin(), one.end());
  }
  std::unique_ptr<test::RawPeer> leader;
  std::size_t sent = 0;
  const auto fill = [&] {
    while (true) {
      const std::size_t taken = leader->write_what_fits(BytesView(informs).subspan(sent));
      sent = (sent + taken) % informs.size();
      if (sent != 0 || taken == 0) return;
    }
  };
  std::size_t txns = 0;
  const auto link = std::make_shared<LearnerLink>(loop.io, resolver, std::move(settings));
  link->start([&](const learner::Effect& effect) {
    if (std::holds_alternative<learner::TxnSeen>(effect) && ++txns % 100 == 0) fill();
    if (const auto* leave = std::get_if<learner::Leave>(&effect)) seen.left = *leave;
  });
  leader = listener.accept();
  leader->write(empty_sync());
  fill();
  ASSERT_TRUE(loop.run_until([&] { return seen.left.has_value(); }));
  EXPECT_EQ(seen.left->why, learner::Leave::Why::kBehind);
  EXPECT_EQ(seen.left->text, "more than 50 ms behind the leader");
  EXPECT_GT(txns, 900u);
  EXPECT_TRUE(loop.run_until([&] { return leader->closed_by_peer(); }));
}

}  // namespace
}  // namespace zkprobe::net
