#include "analysis/replay_names.hpp"

#include <gtest/gtest.h>

#include "replay_fixture.hpp"

namespace zkprobe::analysis {
namespace {

// 3.3 and 3.4 greet with bare ids: nothing in the capture names the servers that were dialled.
TEST(ReplayNames, FindsTheListenersOfReleasesThatNeverNameThem) {
  for (const char* name : {"3.3.6-a-cold", "3.4.5-a-cold", "3.4.13-a-cold", "3.4.5-c-observer"}) {
    const Tape tape = test::tape_of(name);
    for (const TapeLink& link : tape.links) {
      if (link.protocol != capture::Protocol::kElection) continue;
      const auto sid = link.sid(capture::Side::kAcceptor);
      ASSERT_TRUE(sid) << name << " stream " << link.stream;
      // Server N listens at a port that ends in its number.
      EXPECT_EQ(link.acceptor.port % 100, sid->value) << name << " stream " << link.stream;
    }
  }
}

// `zkprobe status` asks while a server looks, and again when all serve.
TEST(ReplayNames, WhoOnlyAsksIsToldFromTheServersAndListensNowhere) {
  const Sid asker(0x7fffffffffff7a6b);
  for (const char* name : {"outages/asked", "outages/never-answers"}) {
    const Tape tape = test::tape_of(name);
    EXPECT_EQ(askers_of(tape), std::set<Sid>{asker}) << name;
    for (const TapeLink& link : tape.links) {
      EXPECT_NE(link.sid(capture::Side::kAcceptor), asker) << name;
    }
  }
  EXPECT_TRUE(askers_of(test::tape_of("3.4.5-c-observer")).empty());
}

}  // namespace
}  // namespace zkprobe::analysis
