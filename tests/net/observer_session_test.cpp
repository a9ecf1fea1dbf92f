#include "net/observer_session.hpp"

#include <gtest/gtest.h>

#include "net/fake_leader.hpp"
#include "net/loopback.hpp"

namespace zkprobe::net {
namespace {

using test::empty_sync;
using test::inform;
using test::Loop;
using test::RawListener;
using test::Recorder;

TEST(ObserverSession, ResumesFromWhatItHolds) {
  Loop loop;
  const auto resolver = std::make_shared<Resolver>(loop.io);
  Recorder seen;
  RawListener listener(loop);
  learner::Settings settings;
  settings.sid = Sid(9);
  ObserverSession session(loop.io, resolver, settings, seen.handler());
  session.follow({{"127.0.0.1", listener.port()}}, std::chrono::seconds(5));
  const auto first = listener.accept();
  first->write(empty_sync());
  first->write(inform(0x500000001));
  ASSERT_TRUE(loop.run_until([&] { return session.last_zxid() == Zxid(0x500000001); }));
  EXPECT_TRUE(session.synced());
  first->close();
  ASSERT_TRUE(loop.run_until([&] { return seen.left.has_value(); }));
  EXPECT_FALSE(session.following());
  session.follow({{"127.0.0.1", listener.port()}}, std::chrono::seconds(5));
  const auto second = listener.accept();
  second->write(empty_sync());
  EXPECT_TRUE(loop.run_until([&] { return seen.has("send ACKEPOCH zxid=0x500000001"); }));
}

TEST(ObserverSession, LeavesWithoutALeaveAndKeepsItsPlace) {
  Loop loop;
  const auto resolver = std::make_shared<Resolver>(loop.io);
  Recorder seen;
  RawListener listener(loop);
  ObserverSession session(loop.io, resolver, {}, seen.handler());
  session.follow({{"127.0.0.1", listener.port()}}, std::chrono::seconds(5));
  const auto leader = listener.accept();
  leader->write(empty_sync());
  leader->write(inform(0x500000001));
  ASSERT_TRUE(loop.run_until([&] { return session.last_zxid() == Zxid(0x500000001); }));
  EXPECT_EQ(session.remote(), "127.0.0.1:" + std::to_string(listener.port()));
  session.leave();
  EXPECT_TRUE(loop.run_until([&] { return leader->closed_by_peer(); }));
  EXPECT_FALSE(seen.left);
  EXPECT_FALSE(session.synced());
  EXPECT_EQ(session.last_zxid(), Zxid(0x500000001));
}

}  // namespace
}  // namespace zkprobe::net
