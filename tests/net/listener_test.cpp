#include "net/listener.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "net/loopback.hpp"

namespace zkprobe::net::test {
namespace {

struct Watched {
  Watched(Loop& loop, Listener::Settings settings, std::shared_ptr<Resolver> resolver = nullptr) {
    if (!resolver) resolver = std::make_shared<Resolver>(loop.io);
    Listener::Callbacks callbacks;
    callbacks.on_bound = [this](tl::expected<std::uint16_t, std::string> result) {
      bound = std::move(result);
    };
    callbacks.on_retry = [this](const std::string& why) { retries.push_back(why); };
    callbacks.on_accept = [this](tcp::socket socket) { accepted.push_back(std::move(socket)); };
    callbacks.on_trouble = [](const std::string&) {};
    listener =
        std::make_shared<Listener>(loop.io, resolver, std::move(settings), std::move(callbacks));
    listener->start();
  }
  ~Watched() { listener->close(); }
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;

  std::optional<tl::expected<std::uint16_t, std::string>> bound;
  std::vector<std::string> retries;
  std::vector<tcp::socket> accepted;
  std::shared_ptr<Listener> listener;
};

constexpr Duration kPause = std::chrono::milliseconds(10);

void connect(Loop& loop, const char* address, std::uint16_t port) {
  tcp::socket client(loop.io);
  client.connect({asio::ip::make_address(address), port});
}

TEST(Listener, AcceptsOnItsAddressAlone) {
  Loop loop;
  Watched watched(loop, {{"127.0.0.1", 0}});
  ASSERT_TRUE(loop.run_until([&] { return watched.bound.has_value(); }));
  ASSERT_TRUE(*watched.bound);
  connect(loop, "127.0.0.1", **watched.bound);
  connect(loop, "127.0.0.1", **watched.bound);
  EXPECT_TRUE(loop.run_until([&] { return watched.accepted.size() == 2; }));
  EXPECT_THROW(connect(loop, "127.0.0.2", **watched.bound), boost::system::system_error);
}

TEST(Listener, OnAllIpsItAcceptsBothFamilies) {
  Loop loop;
  Watched watched(loop, {{"127.0.0.1", 0}, true});
  ASSERT_TRUE(loop.run_until([&] { return watched.bound.has_value(); }));
  ASSERT_TRUE(*watched.bound);
  connect(loop, "127.0.0.2", **watched.bound);
  connect(loop, "::1", **watched.bound);
  EXPECT_TRUE(loop.run_until([&] { return watched.accepted.size() == 2; }));
}

TEST(Listener, GivesUpAfterSoManyTriesAndNamesTheAddress) {
  Loop loop;
  RawListener taken(loop);
  const wire::HostPort address{"127.0.0.1", taken.port()};
  Watched watched(loop, {address, false, 3, kPause});
  ASSERT_TRUE(loop.run_until([&] { return watched.bound.has_value(); }));
  ASSERT_FALSE(*watched.bound);
  EXPECT_EQ(watched.bound->error(), wire::to_string(address) + ": Address already in use");
  EXPECT_EQ(watched.retries.size(), 2u);
}

TEST(Listener, BindsOnceThePortIsFree) {
  Loop loop;
  auto taken = std::make_unique<RawListener>(loop);
  const std::uint16_t port = taken->port();
  Watched watched(loop, {{"127.0.0.1", port}, false, 0, kPause});
  ASSERT_TRUE(loop.run_until([&] { return watched.retries.size() == 5; }));
  EXPECT_FALSE(watched.bound);
  taken.reset();
  ASSERT_TRUE(loop.run_until([&] { return watched.bound.has_value(); }));
  EXPECT_EQ(watched.bound->value(), port);
}

// ZOOKEEPER-3991
TEST(Listener, LooksItsHostUpBeforeEachTry) {
  Loop loop;
  std::atomic<int> asked = 0;
  const auto resolver =
      std::make_shared<Resolver>(loop.io, [&](const std::string&) -> Resolver::Addresses {
        if (++asked < 3) return tl::unexpected(std::string("no such host"));
        return std::vector<asio::ip::address>{asio::ip::address_v4::loopback()};
      });
  Watched watched(loop, {{"self.test", 0}, false, 3, kPause}, resolver);
  ASSERT_TRUE(loop.run_until([&] { return watched.bound.has_value(); }));
  EXPECT_TRUE(*watched.bound);
  EXPECT_EQ(watched.retries,
            (std::vector<std::string>{"self.test:0: no such host", "self.test:0: no such host"}));
}

TEST(Listener, NothingIsCalledAfterClose) {
  Loop loop;
  Watched watched(loop, {{"127.0.0.1", 0}});
  watched.listener->close();
  loop.run_ready();
  EXPECT_FALSE(watched.bound);
}

}  // namespace
}  // namespace zkprobe::net::test
