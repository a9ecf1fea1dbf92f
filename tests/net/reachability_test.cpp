#include "net/reachability.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "net/loopback.hpp"

namespace zkprobe::net::test {
namespace {

constexpr Duration kLong = std::chrono::seconds(30);
constexpr Duration kShort = std::chrono::milliseconds(50);

// "there" is this host; every other name hangs until the end.
class Names {
 public:
  explicit Names(Loop& loop)
      : resolver(std::make_shared<Resolver>(
            loop.io, [ended = ended_](const std::string& host) -> Resolver::Addresses {
              if (host == "wildcard.test") {
                return std::vector<asio::ip::address>{asio::ip::address_v4::any()};
              }
              if (host != "there.test") {
                ended->wait(false);
                return tl::unexpected(std::string("no such host"));
              }
              return std::vector<asio::ip::address>{asio::ip::address_v4::loopback()};
            })) {}
  ~Names() {
    *ended_ = true;
    ended_->notify_all();
  }

 private:
  // Held by the resolver's threads too, which may wake after the test is over.
  std::shared_ptr<std::atomic<bool>> ended_ = std::make_shared<std::atomic<bool>>(false);

 public:
  std::shared_ptr<Resolver> resolver;
};

struct Asked {
  Asked(Loop& loop, const std::vector<std::string>& hosts, Duration patience, std::uint16_t port)
      : names(loop), asks(std::make_shared<Reachability>(loop.io, names.resolver, port)) {
    asks->start(hosts, patience, [this](std::optional<std::size_t> place) { answer = place; });
    EXPECT_FALSE(answer) << "never from inside";
    EXPECT_TRUE(loop.run_until([&] { return answer.has_value(); }));
  }
  std::optional<std::size_t> place() const { return answer.value_or(99); }
  Names names;
  std::shared_ptr<Reachability> asks;
  std::optional<std::optional<std::size_t>> answer;
};

using Place = std::optional<std::size_t>;

TEST(Reachability, AHostThatRefusesIsThere) {
  Loop loop;
  EXPECT_EQ(Asked(loop, {"127.0.0.1"}, kLong, dead_port(loop)).place(), Place(0));
}

TEST(Reachability, AHostThatAcceptsIsThereAndNothingIsSentToIt) {
  Loop loop;
  RawListener here(loop);
  EXPECT_EQ(Asked(loop, {"127.0.0.1"}, kLong, here.port()).place(), Place(0));
  const auto peer = here.accept();
  ASSERT_NE(peer, nullptr);
  ASSERT_TRUE(loop.run_until([&] { return peer->closed_by_peer(); }));
  EXPECT_TRUE(peer->received().empty());
}

TEST(Reachability, TheFirstThatAnswersIsTakenWhoeverHangs) {
  Loop loop;
  const Asked asked(loop, {"hangs.test", "hangs-too.test", "there.test"}, kLong, dead_port(loop));
  EXPECT_EQ(asked.place(), Place(2));
}

TEST(Reachability, SilenceIsNobodyAfterThePatience) {
  Loop loop;
  EXPECT_EQ(Asked(loop, {"hangs.test", "hangs-too.test"}, kShort, 7).place(), Place());
}

TEST(Reachability, NobodyIsKnownAtOnceWhenAllFail) {
  Loop loop;
  EXPECT_EQ(Asked(loop, {"wildcard.test", "0.0.0.0"}, kLong, 7).place(), Place());
}

TEST(Reachability, AfterCloseNobodyIsCalled) {
  Loop loop;
  Names names(loop);
  const auto asks = std::make_shared<Reachability>(loop.io, names.resolver, dead_port(loop));
  asks->start({"127.0.0.1", "hangs.test"}, kShort, [](Place) { FAIL(); });
  asks->close();
  loop.run_ready();
}

}  // namespace
}  // namespace zkprobe::net::test
