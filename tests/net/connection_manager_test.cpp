// Who dials, which link is kept, what is sent: the rules of QuorumCnxManager over real sockets.
#include "net/connection_manager.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>

#include "net/loopback.hpp"
#include "wire/framer.hpp"

namespace zkprobe::net::test {
namespace {

using What = LinkEvent::What;

std::string own_address(const RawListener& listener) {
  return "127.0.0.1:" + std::to_string(listener.port());
}

TEST(ConnectionManager, TheLargerIdDialsAndKeepsItsLink) {
  Loop loop;
  Node one(loop, 1);
  Node two(loop, 2);
  two->set_configs(config_of({{1, one.port()}, {2, two.port()}}), std::nullopt);
  two->send(Sid(1), text_bytes("hello"));
  ASSERT_TRUE(loop.run_until([&] { return one.has_payload(2, "hello"); }));
  EXPECT_TRUE(two.linked_to(1));
  EXPECT_TRUE(one.linked_to(2));
  EXPECT_EQ(two.count(What::kDial, 1), 1u);
  EXPECT_EQ(one.count(What::kDial), 0u);
}

TEST(ConnectionManager, TheSmallerIdGreetsClosesAndIsDialledBack) {
  Loop loop;
  Node one(loop, 1);
  Node two(loop, 2);
  const auto config = config_of({{1, one.port()}, {2, two.port()}});
  one->set_configs(config, std::nullopt);
  two->set_configs(config, std::nullopt);
  one->send(Sid(2), text_bytes("from the smaller"));
  ASSERT_TRUE(loop.run_until([&] { return two.has_payload(1, "from the smaller"); }));
  EXPECT_EQ(one.count(What::kDial, 2), 1u);
  EXPECT_EQ(one.count(What::kClose, 2), 1u);
  EXPECT_EQ(one.count(What::kOpen, 2), 1u);
  EXPECT_EQ(two.count(What::kDial, 1), 1u);
  EXPECT_EQ(two.count(What::kOpen, 1), 1u);
}

TEST(ConnectionManager, ALargerIdThatWasGreetedIsNotGreetedAgainAtOnce) {
  Loop loop;
  Node one(loop, 1, [](auto& settings) { settings.dial_back_patience = std::chrono::minutes(1); });
  RawListener here(loop);
  one->set_configs(config_of({{2, here.port()}}), std::nullopt);
  one->send(Sid(2), text_bytes("first"));
  ASSERT_TRUE(loop.run_until([&] { return one.count(What::kClose, 2) == 1; }));
  {
    one->send(Sid(2), text_bytes("newer"));
    RawPeer dials_back(loop, one.port());
    dials_back.write(bare_greeting(2));
    ASSERT_TRUE(loop.run_until([&] { return dials_back.received() == framed("newer"); }));
  }
  // The link went because the larger id heard the greeting only now: another dial is coming.
  ASSERT_TRUE(loop.run_until([&] { return !one.linked_to(2); }));
  one->send(Sid(2), text_bytes("newest"));
  one->connect_all();
  loop.run_ready();
  EXPECT_EQ(one.count(What::kDial, 2), 1u);
}

TEST(ConnectionManager, ALargerIdThatDoesNotDialBackIsGreetedAgain) {
  Loop loop;
  Node one(loop, 1,
           [](auto& settings) { settings.dial_back_patience = std::chrono::milliseconds(1); });
  RawListener here(loop);
  one->set_configs(config_of({{2, here.port()}}), std::nullopt);
  for (std::size_t dials = 1; dials <= 3; ++dials) {
    asio::steady_timer later(loop.io, std::chrono::milliseconds(2));
    later.async_wait([&](error_code) { one->send(Sid(2), text_bytes("vote")); });
    ASSERT_TRUE(loop.run_until([&] { return one.count(What::kClose, 2) == dials; }));
  }
}

TEST(ConnectionManager, AMemberIsDialledBackAtTheAddressOfItsGreeting) {
  Loop loop;
  Node two(loop, 2);
  RawListener here(loop);
  two->set_configs(config_of({{1, dead_port(loop)}}), std::nullopt);
  RawPeer one(loop, two.port());
  one.write(v1_greeting(1, own_address(here)));
  EXPECT_NE(here.accept(), nullptr);
}

TEST(ConnectionManager, AWildcardInTheGreetingGivesWayToTheConfiguration) {
  Loop loop;
  Node two(loop, 2);
  RawListener here(loop);
  two->set_configs(config_of({{1, here.port()}}), std::nullopt);
  RawPeer one(loop, two.port());
  one.write(v1_greeting(1, "0.0.0.0:" + std::to_string(two.port())));
  EXPECT_NE(here.accept(), nullptr);
}

TEST(ConnectionManager, ABareSidIsDialledBackAtItsConfiguredAddress) {
  Loop loop;
  Node two(loop, 2);
  RawListener here(loop);
  two->set_configs(config_of({{1, here.port()}}), std::nullopt);
  RawPeer one(loop, two.port());
  one.write(bare_greeting(1));
  EXPECT_NE(here.accept(), nullptr);
  ASSERT_TRUE(loop.run_until([&] { return one.closed_by_peer(); }));
}

// A stranger must not choose where we connect to (Java, 3.5.0 and later, dials it).
TEST(ConnectionManager, ASmallerIdThatNoConfigurationNamesIsClosedAndNotDialled) {
  Loop loop;
  Node two(loop, 2);
  RawListener here(loop);
  two->set_configs(config_of({{3, 1}}), std::nullopt);
  RawPeer one(loop, two.port());
  one.write(v1_greeting(1, own_address(here)));
  ASSERT_TRUE(loop.run_until([&] { return one.closed_by_peer(); }));
  EXPECT_EQ(two.count(What::kRefuse, 1), 1u);
  EXPECT_EQ(two.count(What::kDial), 0u);
  EXPECT_EQ(two->stats().dials, 0u);
  EXPECT_FALSE(here.somebody_waits());
}

TEST(ConnectionManager, AMemberOfTheLastSeenConfigurationAloneIsDialledBack) {
  Loop loop;
  Node two(loop, 2);
  RawListener here(loop);
  two->set_configs(config_of({{2, two.port()}}), config_of({{1, dead_port(loop)}}));
  RawPeer one(loop, two.port());
  one.write(v1_greeting(1, own_address(here)));
  EXPECT_NE(here.accept(), nullptr);
}

// This is how a server's vote is asked for.
TEST(ConnectionManager, ALargerIdThatNoConfigurationNamesIsKeptAndAnswered) {
  Loop loop;
  Node two(loop, 2);
  two.on_payload = [&](Sid from, const Bytes&) { two->send(from, text_bytes("answer")); };
  RawPeer asker(loop, two.port());
  asker.write(bare_greeting(900) + framed("question"));
  ASSERT_TRUE(loop.run_until([&] { return asker.received() == framed("answer"); }));
  EXPECT_TRUE(two.has_payload(900, "question"));
  EXPECT_EQ(two->stats().unlisted_links, 1u);
}

// ZOOKEEPER-2164: later releases neither use nor close such a socket; ours is closed.
TEST(ConnectionManager, ASocketThatGreetsWithOurOwnIdIsClosed) {
  Loop loop;
  Node two(loop, 2);
  two->set_configs(config_of({{2, two.port()}}), std::nullopt);
  RawPeer twin(loop, two.port());
  twin.write(v1_greeting(2, "127.0.0.1:1"));
  ASSERT_TRUE(loop.run_until([&] { return twin.closed_by_peer(); }));
  EXPECT_EQ(two.count(What::kRefuse, 2), 1u);
  EXPECT_EQ(two.count(What::kDial), 0u);
}

TEST(ConnectionManager, ObserversWithoutAnIdAreNumberedDownwards) {
  Loop loop;
  Node two(loop, 2);
  for (int i = 0; i < 2; ++i) {
    RawPeer observer(loop, two.port());
    observer.write(bare_greeting(kObserverId.value));
    ASSERT_TRUE(loop.run_until([&] { return observer.closed_by_peer(); }));
  }
  EXPECT_EQ(two.count(What::kRefuse, -1), 1u);
  EXPECT_EQ(two.count(What::kRefuse, -2), 1u);
}

TEST(ConnectionManager, TheNewestConnectionOfALargerIdTakesThePlaceOfTheOlder) {
  Loop loop;
  Node two(loop, 2);
  RawPeer first(loop, two.port());
  first.write(bare_greeting(3));
  ASSERT_TRUE(loop.run_until([&] { return two.linked_to(3); }));
  RawPeer second(loop, two.port());
  second.write(bare_greeting(3) + framed("on the new link"));
  ASSERT_TRUE(loop.run_until([&] { return two.has_payload(3, "on the new link"); }));
  ASSERT_TRUE(loop.run_until([&] { return first.closed_by_peer(); }));
  EXPECT_FALSE(second.closed_by_peer());
  EXPECT_EQ(two->stats().links, 1u);
}

// The smaller peer may have restarted: its greeting ends the link that we think is up.
TEST(ConnectionManager, AGreetingOfASmallerIdEndsItsLinkAndADialBackFollows) {
  Loop loop;
  Node two(loop, 2);
  RawListener here(loop);
  two->set_configs(config_of({{1, here.port()}}), std::nullopt);
  two->send(Sid(1), text_bytes("x"));
  const auto old_link = here.accept();
  ASSERT_NE(old_link, nullptr);
  ASSERT_TRUE(loop.run_until([&] { return two.linked_to(1); }));
  RawPeer one(loop, two.port());
  one.write(v1_greeting(1, own_address(here)));
  const auto new_link = here.accept();
  ASSERT_NE(new_link, nullptr);
  ASSERT_TRUE(loop.run_until([&] { return old_link->closed_by_peer(); }));
  ASSERT_TRUE(loop.run_until([&] { return two.linked_to(1); }));
}

TEST(ConnectionManager, DeliveredMeansThatTheSlotOfAnyMemberIsEmpty) {
  Loop loop;
  Node two(loop, 2);
  RawListener here(loop);
  two->set_configs(config_of({{1, here.port()}, {5, dead_port(loop)}}), std::nullopt);
  EXPECT_FALSE(two->have_delivered());
  RawPeer stranger(loop, two.port());
  stranger.write(bare_greeting(900));
  ASSERT_TRUE(loop.run_until([&] { return two.linked_to(900); }));
  EXPECT_FALSE(two->have_delivered()) << "a stranger's slot says nothing";
  two->send(Sid(5), text_bytes("stays"));
  EXPECT_FALSE(two->have_delivered());
  two->send(Sid(1), text_bytes("goes"));
  EXPECT_FALSE(two->have_delivered());
  ASSERT_TRUE(loop.run_until([&] { return two->have_delivered(); }));
  EXPECT_TRUE(two.linked_to(1));
}

TEST(ConnectionManager, ConnectAllDialsThoseWithASlotAndNoLink) {
  Loop loop;
  Node nine(loop, 9);
  RawListener with_slot(loop);
  RawListener without(loop);
  nine->send(Sid(1), text_bytes("waits for an address"));
  nine->set_configs(config_of({{1, with_slot.port()}, {2, without.port()}}), std::nullopt);
  nine->connect_all();
  ASSERT_NE(with_slot.accept(), nullptr);
  EXPECT_EQ(nine.count(What::kDial), 1u);
  EXPECT_FALSE(without.somebody_waits());
}

TEST(ConnectionManager, AnIdWithoutAnAddressIsNotDialled) {
  Loop loop;
  Node two(loop, 2);
  two->send(Sid(1), text_bytes("x"));
  two->connect_all();
  EXPECT_EQ(two->stats().dials, 0u);
  EXPECT_TRUE(two.events.empty());
}

TEST(ConnectionManager, TheLastSeenAddressIsTriedAfterTheCommittedOne) {
  Loop loop;
  Node two(loop, 2);
  RawListener here(loop);
  two->set_configs(config_of({{1, dead_port(loop)}}), config_of({{1, here.port()}}));
  two->send(Sid(1), text_bytes("x"));
  EXPECT_NE(here.accept(), nullptr);
}

TEST(ConnectionManager, AFailedDialNamesTheAddressAndTheReason) {
  Loop loop;
  Node two(loop, 2);
  const std::uint16_t port = dead_port(loop);
  two->set_configs(config_of({{1, port}}), std::nullopt);
  two->send(Sid(1), text_bytes("x"));
  ASSERT_TRUE(loop.run_until([&] { return two.count(What::kRefuse, 1) == 1; }));
  EXPECT_EQ(two.events.back().why, "127.0.0.1:" + std::to_string(port) + ": Connection refused");
  EXPECT_EQ(two->stats().dials, 0u);
}

// Java: inprogressConnections. Also: names are looked up again for every dial (ZOOKEEPER-1506).
TEST(ConnectionManager, ASecondDialToAnIdIsSkippedWhileOneIsUnderWay) {
  Loop loop;
  RawListener here(loop);
  std::atomic<int> look_ups = 0;
  // Held by the resolver's thread too, which may wake after the test is over.
  const auto release = std::make_shared<std::atomic<bool>>(false);
  const auto resolver =
      std::make_shared<Resolver>(loop.io, [&, release](const std::string&) -> Resolver::Addresses {
        ++look_ups;
        asio::post(loop.io, [] {});  // wakes the loop, which asks for the number
        release->wait(false);
        return std::vector<asio::ip::address>{asio::ip::address_v4::loopback()};
      });
  Node two(loop, 2, {}, resolver);
  two->set_configs(config_of_hosts({{1, {"one.test", here.port()}}}), std::nullopt);
  two->send(Sid(1), text_bytes("a"));
  two->send(Sid(1), text_bytes("b"));
  two->connect_all();
  ASSERT_TRUE(loop.run_until([&] { return look_ups == 1; }));
  EXPECT_EQ(two.count(What::kDial, 1), 1u);
  EXPECT_EQ(two->stats().dials, 1u);
  *release = true;
  release->notify_all();
  auto link = here.accept();
  ASSERT_NE(link, nullptr);
  ASSERT_TRUE(loop.run_until([&] { return two.linked_to(1); }));
  link.reset();
  ASSERT_TRUE(loop.run_until([&] { return !two.linked_to(1); }));
  two->send(Sid(1), text_bytes("c"));
  ASSERT_NE(here.accept(), nullptr);
  EXPECT_EQ(look_ups, 2);
}

TEST(ConnectionManager, ADialEndsWithTheConnectTimeout) {
  Loop loop;
  // Held by the resolver's thread too, which may wake after the test is over.
  const auto release = std::make_shared<std::atomic<bool>>(false);
  const auto resolver =
      std::make_shared<Resolver>(loop.io, [release](const std::string&) -> Resolver::Addresses {
        release->wait(false);
        return tl::unexpected(std::string("too late"));
      });
  Node two(
      loop, 2, [](auto& settings) { settings.connect_timeout = std::chrono::milliseconds(30); },
      resolver);
  two->set_configs(config_of_hosts({{1, {"slow.test", 1}}}), std::nullopt);
  two->send(Sid(1), text_bytes("a"));
  ASSERT_TRUE(loop.run_until([&] { return two.count(What::kRefuse, 1) == 1; }));
  EXPECT_EQ(two.events.back().why, "slow.test:1: timed out");
  *release = true;
  release->notify_all();
}

TEST(ConnectionManager, UnderMultiAddressALinkWhoseOtherEndIsGoneIsClosedOnceSomethingIsSent) {
  Loop loop;
  FullListener silent(loop);  // in the place of a host from which nothing comes
  const std::uint16_t refuses = dead_port(loop);
  const auto check_at = [](std::uint16_t port, bool multi_address) {
    return [=](ConnectionManager::Settings& settings) {
      settings.dialect.multi_address = multi_address;
      settings.echo_port = port;
    };
  };
  Node two(loop, 2, check_at(silent.port(), true));
  Node there(loop, 2, check_at(refuses, true));
  Node single(loop, 2, check_at(silent.port(), false));
  std::vector<std::unique_ptr<RawPeer>> peers;
  for (Node* node : {&two, &there, &single}) {
    peers.push_back(std::make_unique<RawPeer>(loop, node->port()));
    peers.back()->write(bare_greeting(3));
    ASSERT_TRUE(loop.run_until([&] { return node->linked_to(3); }));
    (*node)->send(Sid(3), text_bytes("vote"));
  }
  ASSERT_TRUE(loop.run_until([&] { return two.count(What::kClose, 3) == 1; }));
  EXPECT_EQ(two.events.back().why, "its host does not answer any more");
  EXPECT_TRUE(there.linked_to(3));
  EXPECT_TRUE(single.linked_to(3));
}

// ---- listening and ending -----------------------------------------------------------------------

TEST(ConnectionManager, ListensOnSeveralAddresses) {
  Loop loop;
  Node two(loop, 2, [](auto& settings) { settings.listen = {{"127.0.0.1", 0}, {"127.0.0.2", 0}}; });
  const auto bound = two->listening();
  ASSERT_EQ(bound.size(), 2u);
  EXPECT_EQ(bound[1].host, "127.0.0.2");
  tcp::socket client(loop.io);
  client.connect({asio::ip::make_address("127.0.0.2"), bound[1].port});
  RawPeer peer(loop, std::move(client));
  peer.write(bare_greeting(3) + framed("by the second address"));
  EXPECT_TRUE(loop.run_until([&] { return two.has_payload(3, "by the second address"); }));
}

TEST(ConnectionManager, AnAddressInUseIsAnErrorThatNamesIt) {
  Loop loop;
  RawListener taken(loop);
  try {
    Node two(loop, 2, [&](auto& settings) { settings.listen = {{"127.0.0.1", taken.port()}}; });
    FAIL() << "it listens";
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(std::string(error.what()),
              "cannot listen for elections: 127.0.0.1:" + std::to_string(taken.port()) +
                  ": Address already in use");
  }
}

TEST(ConnectionManager, HaltInsideACallbackEndsAllCallbacks) {
  Loop loop;
  Node two(loop, 2);
  two.on_payload = [&](Sid, const Bytes&) { two->halt(); };
  RawPeer three(loop, two.port());
  three.write(bare_greeting(3) + framed("a") + framed("b"));
  ASSERT_TRUE(loop.run_until([&] { return three.closed_by_peer(); }));
  EXPECT_EQ(two.payloads.size(), 1u);
  EXPECT_EQ(two->stats().links, 0u);
  two->send(Sid(3), text_bytes("x"));
  two->connect_all();
  loop.run_ready();
  EXPECT_TRUE(two->listening().empty());
}

TEST(ConnectionManager, HaltFreesEverySocketAndThePort) {
  Loop loop;
  dead_port(loop);  // Asio's own descriptors are there from the first socket on
  const std::size_t before = open_descriptors();
  std::uint16_t port = 0;
  {
    Node two(loop, 2);
    port = two.port();
    RawListener here(loop);
    two->set_configs(config_of({{1, here.port()}}), std::nullopt);
    two->send(Sid(1), text_bytes("dialled"));
    RawPeer linked(loop, port);
    linked.write(bare_greeting(3));
    RawPeer silent(loop, port);
    ASSERT_TRUE(loop.run_until(
        [&] { return two.linked_to(1) && two.linked_to(3) && two->stats().greetings == 1; }));
    two->halt();
    ASSERT_TRUE(loop.run_until([&] { return linked.closed_by_peer() && silent.closed_by_peer(); }));
  }
  ASSERT_TRUE(loop.run_until([&] { return open_descriptors() <= before; }));
  Node again(loop, 2, [&](auto& settings) { settings.listen = {{"127.0.0.1", port}}; });
  EXPECT_EQ(again.port(), port);
}

}  // namespace
}  // namespace zkprobe::net::test
