#include "net/live_link.hpp"

#include <gtest/gtest.h>

#include "net/loopback.hpp"

namespace zkprobe::net {
namespace {

using test::Loop;
using test::RawListener;
using test::RawPeer;
using test::operator+;

Bytes word(std::int64_t leader) {
  return wire::encode({wire::ServerState::kLooking, Sid(leader), Zxid(0), ElectionRound(1),
                       PeerEpoch(0), 1, std::nullopt},
                      wire::NotificationForm::kBytes40);
}

struct LiveLinkTest : testing::Test {
  Loop loop;
  std::shared_ptr<Resolver> resolver = std::make_shared<Resolver>(loop.io);
  LiveLink::Settings settings;
  analysis::LivePlayer::Settings script;
  bool done = false;

  LiveLinkTest() {
    settings.as = Sid(3);
    settings.timeout = std::chrono::seconds(2);
    script.votes.push_back({Duration(0), word(3), true, 0});
    script.words = 1;
    script.fast = true;
    script.link_timeout = settings.timeout;
  }
  std::shared_ptr<LiveLink> play(std::uint16_t port) {
    settings.target = {"127.0.0.1", port};
    auto link = std::make_shared<LiveLink>(loop.io, resolver, settings, script);
    link->start([this] { done = true; });
    return link;
  }
};

TEST_F(LiveLinkTest, TheLargerIdDialsTheLinkThatStays) {
  RawListener server(loop);
  const auto link = play(server.port());
  const auto peer = server.accept();
  const Bytes expected = test::bare_greeting(3) + wire::frame(word(3));
  ASSERT_TRUE(loop.run_until([&] { return peer->received().size() >= expected.size(); }));
  EXPECT_EQ(peer->received(), expected);
  peer->write(wire::frame(word(1)));
  ASSERT_TRUE(loop.run_until([&] { return done; }));
  ASSERT_EQ(link->player().said().size(), 1U);
  EXPECT_EQ(link->player().said()[0].vote.leader, Sid(1));
  EXPECT_TRUE(loop.run_until([&] { return peer->closed_by_peer(); }));
}

TEST_F(LiveLinkTest, TheSmallerIdIsDialledBackWhereItsGreetingSays) {
  RawListener server(loop);
  settings.greeting = wire::GreetingForm::kV1;
  settings.dialled_back = true;
  const auto link = play(server.port());
  const auto first = server.accept();
  std::optional<wire::Greeting> greeting;
  ASSERT_TRUE(loop.run_until([&] {
    const auto read = wire::decode_greeting(first->received(), wire::Dialect{});
    if (read && *read) greeting = **read;
    return greeting.has_value();
  }));
  EXPECT_EQ(greeting->message.sid, Sid(3));
  ASSERT_EQ(greeting->message.addresses.size(), 1U);
  EXPECT_EQ(greeting->message.addresses[0].host, "127.0.0.1");
  first->close();
  RawPeer back(loop, greeting->message.addresses[0].port);
  back.write(test::bare_greeting(9) + wire::frame(word(9)));
  ASSERT_TRUE(loop.run_until([&] { return done; }));
  EXPECT_EQ(back.received(), wire::frame(word(3)));
  ASSERT_EQ(link->player().said().size(), 1U);
  EXPECT_EQ(link->player().said()[0].vote.leader, Sid(9));
  EXPECT_FALSE(link->player().failure());
}

TEST_F(LiveLinkTest, WhoIsNotDialledBackSaysSo) {
  RawListener server(loop);
  settings.dialled_back = true;
  settings.timeout = script.link_timeout = std::chrono::milliseconds(100);
  const auto link = play(server.port());
  const auto first = server.accept();
  ASSERT_TRUE(loop.run_until([&] { return done; }));
  EXPECT_FALSE(link->player().ever_linked());
  EXPECT_EQ(link->player().failure(), "no link within 100 ms");
}

TEST_F(LiveLinkTest, ATargetThatIsNotThereIsSaid) {
  const auto link = play(test::dead_port(loop));
  ASSERT_TRUE(loop.run_until([&] { return done; }));
  EXPECT_FALSE(link->player().ever_linked());
  EXPECT_NE(link->player().failure()->find("refused"), std::string::npos);
}

TEST_F(LiveLinkTest, ATargetThatClosesIsSaid) {
  RawListener server(loop);
  const auto link = play(server.port());
  server.accept()->close();
  ASSERT_TRUE(loop.run_until([&] { return done; }));
  EXPECT_TRUE(link->player().failure());
}

TEST_F(LiveLinkTest, ClosedItCallsNobody) {
  RawListener server(loop);
  const auto link = play(server.port());
  const auto peer = server.accept();
  link->close();
  EXPECT_TRUE(loop.run_until([&] { return peer->closed_by_peer(); }));
  EXPECT_FALSE(done);
}

}  // namespace
}  // namespace zkprobe::net
