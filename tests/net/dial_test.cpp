#include "net/dial.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "net/loopback.hpp"

namespace zkprobe::net::test {
namespace {

struct Dialled {
  Dialled(Loop& loop, Dial::Settings settings, std::shared_ptr<Resolver> resolver = nullptr) {
    if (!resolver) resolver = std::make_shared<Resolver>(loop.io);
    dial = std::make_shared<Dial>(loop.io, resolver, std::move(settings));
    dial->start([this](Dial::Result done) { result = std::move(done); });
  }
  std::string error() const {
    if (!result) return "unfinished";
    return *result ? "connected" : result->error();
  }
  std::optional<Dial::Result> result;
  std::shared_ptr<Dial> dial;
};

Resolver::Lookup fixed(std::vector<asio::ip::address> addresses) {
  return [addresses = std::move(addresses)](const std::string&) { return addresses; };
}

std::string refused(std::uint16_t port) {
  return "127.0.0.1:" + std::to_string(port) + ": Connection refused";
}

TEST(Dial, WritesTheGreetingAndHandsTheStreamOver) {
  Loop loop;
  RawListener here(loop);
  Dialled dialled(loop, {{{"127.0.0.1", here.port()}}, text_bytes("greeting")});
  const auto peer = here.accept();
  ASSERT_NE(peer, nullptr);
  ASSERT_TRUE(loop.run_until([&] { return dialled.result.has_value(); }));
  ASSERT_TRUE(*dialled.result) << dialled.error();
  EXPECT_TRUE(loop.run_until([&] { return peer->received() == text_bytes("greeting"); }));
  EXPECT_EQ((**dialled.result)->remote(), "127.0.0.1:" + std::to_string(here.port()));
}

TEST(Dial, TriesTheAddressesInTurn) {
  Loop loop;
  RawListener here(loop);
  Dialled dialled(loop, {{{"127.0.0.1", dead_port(loop)}, {"127.0.0.1", here.port()}}, Bytes{1}});
  ASSERT_TRUE(loop.run_until([&] { return dialled.result.has_value(); }));
  EXPECT_EQ(dialled.error(), "connected");
}

TEST(Dial, TriesEveryAddressOfAName) {
  Loop loop;
  RawListener here(loop);  // on 127.0.0.1 alone
  const auto resolver = std::make_shared<Resolver>(
      loop.io, fixed({asio::ip::make_address("127.0.0.2"), asio::ip::make_address("127.0.0.1")}));
  Dialled dialled(loop, {{{"two.test", here.port()}}, Bytes{1}}, resolver);
  ASSERT_TRUE(loop.run_until([&] { return dialled.result.has_value(); }));
  EXPECT_EQ(dialled.error(), "connected");
}

TEST(Dial, NamesEveryAddressThatFailed) {
  Loop loop;
  const std::uint16_t a = dead_port(loop);
  const std::uint16_t b = dead_port(loop);
  Dialled dialled(loop, {{{"127.0.0.1", a}, {"127.0.0.1", b}}, Bytes{1}});
  ASSERT_TRUE(loop.run_until([&] { return dialled.result.has_value(); }));
  EXPECT_EQ(dialled.error(), refused(a) + ", " + refused(b));
}

TEST(Dial, NoAddressIsAnError) {
  Loop loop;
  Dialled dialled(loop, {{}, Bytes{1}});
  EXPECT_FALSE(dialled.result);
  ASSERT_TRUE(loop.run_until([&] { return dialled.result.has_value(); }));
  EXPECT_EQ(dialled.error(), "no address");
}

TEST(Dial, ANameThatIsNotKnownIsAnError) {
  Loop loop;
  const auto resolver =
      std::make_shared<Resolver>(loop.io, [](const std::string&) -> Resolver::Addresses {
        return tl::unexpected(std::string("no such host"));
      });
  Dialled dialled(loop, {{{"gone.test", 3888}}, Bytes{1}}, resolver);
  ASSERT_TRUE(loop.run_until([&] { return dialled.result.has_value(); }));
  EXPECT_EQ(dialled.error(), "gone.test:3888: no such host");
}

// ZOOKEEPER-2164: it would be this host itself.
TEST(Dial, TheWildcardAddressIsNotDialledWhateverItIsCalled) {
  Loop loop;
  RawListener here(loop);
  const auto resolver =
      std::make_shared<Resolver>(loop.io, fixed({asio::ip::make_address("0.0.0.0")}));
  for (const char* host : {"0.0.0.0", "::", "anything.test"}) {
    Dialled dialled(loop, {{{host, here.port()}}, Bytes{1}}, resolver);
    ASSERT_TRUE(loop.run_until([&] { return dialled.result.has_value(); }));
    EXPECT_NE(dialled.error().find("the wildcard address"), std::string::npos) << dialled.error();
  }
  EXPECT_FALSE(here.somebody_waits());
}

// A greeting may name hundreds of addresses.
TEST(Dial, AtMostEightAddressesAreTried) {
  Loop loop;
  RawListener here(loop);
  std::vector<wire::HostPort> addresses(kMaxDialAddresses, {"127.0.0.1", dead_port(loop)});
  addresses.push_back({"127.0.0.1", here.port()});
  Dialled dialled(loop, {addresses, Bytes{1}});
  ASSERT_TRUE(loop.run_until([&] { return dialled.result.has_value(); }));
  EXPECT_FALSE(*dialled.result);
  EXPECT_FALSE(here.somebody_waits());
}

TEST(Dial, AnAddressThatDoesNotAnswerTakesItsShareOfTheTimeAndNoMore) {
  Loop loop;
  FullListener full(loop);
  RawListener here(loop);
  Dialled dialled(loop, {{{"127.0.0.1", full.port()}, {"127.0.0.1", here.port()}},
                         Bytes{1},
                         std::chrono::milliseconds(200)});
  ASSERT_TRUE(loop.run_until([&] { return dialled.result.has_value(); }));
  EXPECT_EQ(dialled.error(), "connected");
}

// "there.test" is this host, "hangs.test" is not answered before the end, other names fail.
Resolver::Lookup names(std::shared_ptr<std::atomic<bool>> ended) {
  return [ended = std::move(ended)](const std::string& host) -> Resolver::Addresses {
    if (host == "hangs.test") ended->wait(false);
    if (host != "there.test") return tl::unexpected(std::string("no such host"));
    return std::vector<asio::ip::address>{asio::ip::address_v4::loopback()};
  };
}

TEST(Dial, OfSeveralHostsTheOneThatIsThereIsTriedFirst) {
  Loop loop;
  RawListener here(loop);
  const auto ended = std::make_shared<std::atomic<bool>>(false);
  Dialled dialled(loop,
                  {{{"hangs.test", here.port()}, {"there.test", here.port()}},
                   Bytes{1},
                   std::chrono::minutes(10),
                   false,
                   std::chrono::minutes(1)},
                  std::make_shared<Resolver>(loop.io, names(ended)));
  ASSERT_TRUE(loop.run_until([&] { return dialled.result.has_value(); }));
  EXPECT_EQ(dialled.error(), "connected");
  *ended = true;
  ended->notify_all();
}

TEST(Dial, WhereNobodyIsThereAllAreTriedInTheirOrder) {
  Loop loop;
  const auto ended = std::make_shared<std::atomic<bool>>(true);
  Dialled dialled(loop,
                  {{{"a.test", 1}, {"b.test", 2}},
                   Bytes{1},
                   std::chrono::minutes(10),
                   false,
                   std::chrono::minutes(1)},
                  std::make_shared<Resolver>(loop.io, names(ended)));
  ASSERT_TRUE(loop.run_until([&] { return dialled.result.has_value(); }));
  EXPECT_EQ(dialled.error(), "a.test:1: no such host, b.test:2: no such host");
}

TEST(Dial, OneThatIsThereAndDoesNotListenIsNotTheLast) {
  Loop loop;
  RawListener here(loop);
  Dialled dialled(loop, {{{"127.0.0.1", dead_port(loop)}, {"127.0.0.1", here.port()}},
                         Bytes{1},
                         std::chrono::minutes(10),
                         false,
                         std::chrono::minutes(1)});
  ASSERT_TRUE(loop.run_until([&] { return dialled.result.has_value(); }));
  EXPECT_EQ(dialled.error(), "connected");
}

TEST(Dial, ItEndsWithItsTimeout) {
  Loop loop;
  FullListener full(loop);
  Dialled dialled(loop, {{{"127.0.0.1", full.port()}}, Bytes{1}, std::chrono::milliseconds(50)});
  ASSERT_TRUE(loop.run_until([&] { return dialled.result.has_value(); }));
  EXPECT_EQ(dialled.error(), "127.0.0.1:" + std::to_string(full.port()) + ": timed out");
}

TEST(Dial, NothingIsCalledAfterClose) {
  Loop loop;
  RawListener here(loop);
  Dialled dialled(loop, {{{"127.0.0.1", here.port()}}, Bytes{1}});
  const auto peer = here.accept();
  ASSERT_NE(peer, nullptr);
  Dialled closed(loop, {{{"127.0.0.1", here.port()}}, Bytes{1}});
  closed.dial->close();
  ASSERT_TRUE(loop.run_until([&] { return dialled.result.has_value(); }));
  loop.run_ready();
  EXPECT_FALSE(closed.result);
}

}  // namespace
}  // namespace zkprobe::net::test
