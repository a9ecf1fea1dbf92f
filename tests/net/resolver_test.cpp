#include "net/resolver.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>

#include "net/loopback.hpp"

namespace zkprobe::net::test {
namespace {

using Addresses = Resolver::Addresses;

Addresses one_address(const std::string& text) {
  return std::vector<asio::ip::address>{asio::ip::make_address(text)};
}

// A name service that answers when told to.
class NameService {
 public:
  explicit NameService(Loop& loop) : loop_(loop) {}

  Resolver::Lookup lookup() {
    return [state = state_, &io = loop_.io](const std::string& host) -> Addresses {
      std::unique_lock lock(state->mutex);
      ++state->asked[host];
      asio::post(io, [] {});  // wakes the loop, which looks at the numbers
      state->changed.wait(lock, [&] { return state->open; });
      return state->answer;
    };
  }
  void answer_with(Addresses answer) {
    const std::lock_guard lock(state_->mutex);
    state_->answer = std::move(answer);
    state_->open = true;
    state_->changed.notify_all();
  }
  void hold() {
    const std::lock_guard lock(state_->mutex);
    state_->open = false;
  }
  int asked(const std::string& host) {
    const std::lock_guard lock(state_->mutex);
    return state_->asked[host];
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    std::map<std::string, int> asked;
    Addresses answer = one_address("127.0.0.1");
    bool open = true;
  };
  Loop& loop_;
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

constexpr Duration kPatient = std::chrono::seconds(30);
constexpr Duration kImpatient = std::chrono::milliseconds(5);

Resolver::Handler into(std::optional<Addresses>& answer) {
  return [&answer](const Addresses& addresses) { answer = addresses; };
}

std::string first(const std::optional<Addresses>& answer) {
  if (!answer) return "unanswered";
  return *answer ? answer->value().front().to_string() : "error: " + answer->error();
}

TEST(Resolver, ALiteralNeedsNoLookUpAndIsAnsweredFromTheLoop) {
  Loop loop;
  NameService names(loop);
  Resolver resolver(loop.io, names.lookup());
  for (const char* literal : {"127.0.0.1", "::1"}) {
    std::optional<Addresses> answer;
    resolver.resolve(literal, kPatient, into(answer));
    EXPECT_FALSE(answer);
    ASSERT_TRUE(loop.run_until([&] { return answer.has_value(); }));
    EXPECT_EQ(first(answer), literal);
    EXPECT_EQ(names.asked(literal), 0);
  }
}

TEST(Resolver, TheSystemKnowsLocalhost) {
  Loop loop;
  Resolver resolver(loop.io);
  std::optional<Addresses> answer;
  resolver.resolve("localhost", kPatient, into(answer));
  ASSERT_TRUE(loop.run_until([&] { return answer.has_value(); }));
  ASSERT_TRUE(*answer) << first(answer);
  EXPECT_TRUE((*answer)->front().is_loopback());
}

TEST(Resolver, ANameIsLookedUpEachTime) {
  Loop loop;
  NameService names(loop);
  Resolver resolver(loop.io, names.lookup());
  for (const char* address : {"127.0.0.1", "127.0.0.2"}) {
    names.answer_with(one_address(address));
    std::optional<Addresses> answer;
    resolver.resolve("zk1.test", kPatient, into(answer));
    ASSERT_TRUE(loop.run_until([&] { return answer.has_value(); }));
    EXPECT_EQ(first(answer), address);
  }
  EXPECT_EQ(names.asked("zk1.test"), 2);
}

TEST(Resolver, QuestionsThatMeetShareALookUp) {
  Loop loop;
  NameService names(loop);
  names.hold();
  Resolver resolver(loop.io, names.lookup());
  std::optional<Addresses> a;
  std::optional<Addresses> b;
  resolver.resolve("zk1.test", kPatient, into(a));
  resolver.resolve("zk1.test", kPatient, into(b));
  names.answer_with(one_address("127.0.0.1"));
  ASSERT_TRUE(loop.run_until([&] { return a.has_value() && b.has_value(); }));
  EXPECT_EQ(names.asked("zk1.test"), 1);
}

TEST(Resolver, ASlowAnswerGivesWayToTheLastGoodOne) {
  Loop loop;
  NameService names(loop);
  Resolver resolver(loop.io, names.lookup());
  std::optional<Addresses> good;
  resolver.resolve("zk1.test", kPatient, into(good));
  ASSERT_TRUE(loop.run_until([&] { return good.has_value(); }));
  names.hold();
  std::optional<Addresses> answer;
  resolver.resolve("zk1.test", kImpatient, into(answer));
  ASSERT_TRUE(loop.run_until([&] { return answer.has_value(); }));
  EXPECT_EQ(first(answer), "127.0.0.1");
  // The slow look-up goes on, and the next question joins it.
  std::optional<Addresses> next;
  resolver.resolve("zk1.test", kPatient, into(next));
  names.answer_with(one_address("127.0.0.9"));
  ASSERT_TRUE(loop.run_until([&] { return next.has_value(); }));
  EXPECT_EQ(first(next), "127.0.0.9");
  EXPECT_EQ(names.asked("zk1.test"), 2);
}

TEST(Resolver, WithoutALastGoodAnswerTheSlowOneIsAwaited) {
  Loop loop;
  NameService names(loop);
  names.hold();
  Resolver resolver(loop.io, names.lookup());
  std::optional<Addresses> answer;
  resolver.resolve("zk1.test", kImpatient, into(answer));
  bool later = false;
  asio::steady_timer timer(loop.io, 4 * kImpatient);
  timer.async_wait([&](error_code) { later = true; });
  ASSERT_TRUE(loop.run_until([&] { return later; }));
  EXPECT_FALSE(answer);
  names.answer_with(one_address("127.0.0.3"));
  ASSERT_TRUE(loop.run_until([&] { return answer.has_value(); }));
  EXPECT_EQ(first(answer), "127.0.0.3");
}

TEST(Resolver, AFailureGivesWayToTheLastGoodAnswerOrIsToldAsItIs) {
  Loop loop;
  NameService names(loop);
  Resolver resolver(loop.io, names.lookup());
  std::optional<Addresses> answer;
  resolver.resolve("zk1.test", kPatient, into(answer));
  ASSERT_TRUE(loop.run_until([&] { return answer.has_value(); }));
  names.answer_with(tl::unexpected(std::string("no such host")));
  std::optional<Addresses> known;
  std::optional<Addresses> unknown;
  resolver.resolve("zk1.test", kPatient, into(known));
  resolver.resolve("zk2.test", kPatient, into(unknown));
  ASSERT_TRUE(loop.run_until([&] { return known.has_value() && unknown.has_value(); }));
  EXPECT_EQ(first(known), "127.0.0.1");
  EXPECT_EQ(first(unknown), "error: no such host");
}

TEST(Resolver, AnExceptionInsideALookUpIsAFailure) {
  Loop loop;
  Resolver resolver(loop.io,
                    [](const std::string&) -> Addresses { throw std::runtime_error("no memory"); });
  std::optional<Addresses> answer;
  resolver.resolve("zk1.test", kPatient, into(answer));
  ASSERT_TRUE(loop.run_until([&] { return answer.has_value(); }));
  EXPECT_EQ(first(answer), "error: no memory");
}

TEST(Resolver, NamesThatHangHoldUpNoOther) {
  Loop loop;
  NameService hanging(loop);
  hanging.hold();
  Resolver resolver(loop.io, [slow = hanging.lookup()](const std::string& host) -> Addresses {
    return host == "quick.test" ? one_address("127.0.0.1") : slow(host);
  });
  std::size_t hung = 0;
  for (std::size_t i = 1; i < Resolver::kThreads; ++i) {
    const std::string host = "hangs" + std::to_string(i);
    resolver.resolve(host, kPatient, [&](const Addresses&) { ++hung; });
    ASSERT_TRUE(loop.run_until([&] { return hanging.asked(host) == 1; }));
  }
  for (int round = 0; round < 3; ++round) {
    std::optional<Addresses> answer;
    resolver.resolve("quick.test", kPatient, into(answer));
    ASSERT_TRUE(loop.run_until([&] { return answer.has_value(); }));
    EXPECT_EQ(first(answer), "127.0.0.1");
  }
  EXPECT_EQ(hung, 0u);
  hanging.answer_with(one_address("127.0.0.1"));
  EXPECT_TRUE(loop.run_until([&] { return hung == Resolver::kThreads - 1; }));
}

TEST(Resolver, TheQueueIsBoundedAndTheLastGoodAnswerServesMeanwhile) {
  Loop loop;
  NameService names(loop);
  Resolver resolver(loop.io, names.lookup());
  std::optional<Addresses> good;
  resolver.resolve("known.test", kPatient, into(good));
  ASSERT_TRUE(loop.run_until([&] { return good.has_value(); }));
  names.hold();
  std::size_t answered = 0;
  // Each thread is busy with one name, and as many as may wait do.
  for (std::size_t i = 0; i < Resolver::kThreads; ++i) {
    const std::string host = "busy" + std::to_string(i);
    resolver.resolve(host, kPatient, [&](const Addresses&) { ++answered; });
    ASSERT_TRUE(loop.run_until([&] { return names.asked(host) == 1; }));
  }
  for (std::size_t i = 0; i < Resolver::kMaxQueue; ++i) {
    resolver.resolve("waits" + std::to_string(i), kPatient, [&](const Addresses&) { ++answered; });
  }
  std::optional<Addresses> unknown;
  std::optional<Addresses> known;
  resolver.resolve("one-too-many.test", kPatient, into(unknown));
  resolver.resolve("known.test", kPatient, into(known));
  ASSERT_TRUE(loop.run_until([&] { return unknown.has_value() && known.has_value(); }));
  EXPECT_EQ(first(unknown), "error: too many names to look up");
  EXPECT_EQ(first(known), "127.0.0.1");
  EXPECT_EQ(answered, 0u);
  names.answer_with(one_address("127.0.0.1"));
  EXPECT_TRUE(loop.run_until([&] { return answered == Resolver::kThreads + Resolver::kMaxQueue; }));
}

TEST(Resolver, AtMostEightAddressesOfANameAreUsed) {
  Loop loop;
  NameService names(loop);
  std::vector<asio::ip::address> many(20, asio::ip::address_v4::loopback());
  names.answer_with(many);
  Resolver resolver(loop.io, names.lookup());
  std::optional<Addresses> answer;
  resolver.resolve("many.test", kPatient, into(answer));
  ASSERT_TRUE(loop.run_until([&] { return answer.has_value(); }));
  EXPECT_EQ((*answer)->size(), Resolver::kMaxAddresses);
}

TEST(Resolver, ItsEndDoesNotWaitForALookUpAndCallsNobody) {
  Loop loop;
  NameService names(loop);
  names.hold();
  bool called = false;
  {
    Resolver resolver(loop.io, names.lookup());
    resolver.resolve("slow.test", kImpatient, [&](const Addresses&) { called = true; });
    resolver.resolve("127.0.0.1", kPatient, [&](const Addresses&) { called = true; });
    ASSERT_TRUE(loop.run_until([&] { return names.asked("slow.test") == 1; }));
  }
  called = false;
  names.answer_with(one_address("127.0.0.1"));
  loop.run_ready();
  EXPECT_FALSE(called);
}

}  // namespace
}  // namespace zkprobe::net::test
