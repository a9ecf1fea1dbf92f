// What waits for a peer, what a new link begins with, and what comes back to oneself.
#include <gtest/gtest.h>

#include "net/loopback.hpp"
#include "wire/framer.hpp"

namespace zkprobe::net::test {
namespace {

using What = LinkEvent::What;

TEST(ConnectionManager, ANewerPayloadReplacesTheUnsentOne) {
  Loop loop;
  Node two(loop, 2);
  RawListener here(loop);
  two->set_configs(config_of({{1, here.port()}}), std::nullopt);
  for (const char* text : {"first", "second", "third"}) two->send(Sid(1), text_bytes(text));
  const auto one = here.accept();
  ASSERT_NE(one, nullptr);
  const Bytes greeting = v1_greeting(2, "127.0.0.1:" + std::to_string(two.port()));
  ASSERT_TRUE(loop.run_until([&] { return one->received() == greeting + framed("third"); }));
  EXPECT_EQ(two->stats().payloads_out, 1u);
}

TEST(ConnectionManager, OneWriteIsUnderWayAndTheNewestPayloadWaitsBehindIt) {
  Loop loop;
  Node two(loop, 2);
  RawPeer slow(loop, two.port());
  slow.stop_reading();
  slow.write(bare_greeting(3));
  ASSERT_TRUE(loop.run_until([&] { return two.linked_to(3); }));
  const Bytes big(wire::kMaxFrame, 7);
  // Until the kernel takes no more: a payload is written whole before the next one is begun.
  std::uint64_t sent = 0;
  do {
    sent = two->stats().payloads_out;
    two->send(Sid(3), big);
    loop.run_ready();
  } while (two->stats().payloads_out != sent && sent < 1000);
  ASSERT_LT(sent, 1000u);
  two->send(Sid(3), text_bytes("old"));
  two->send(Sid(3), text_bytes("new"));
  EXPECT_EQ(two->stats().payloads_out, sent);
  EXPECT_TRUE(two.linked_to(3));
}

// 3.4.0 and later: SendWorker.run.
TEST(ConnectionManager, TheLastPayloadIsSentAgainOnANewLink) {
  Loop loop;
  Node two(loop, 2);
  {
    RawPeer first(loop, two.port());
    first.write(bare_greeting(3));
    ASSERT_TRUE(loop.run_until([&] { return two.linked_to(3); }));
    two->send(Sid(3), text_bytes("vote"));
    ASSERT_TRUE(loop.run_until([&] { return first.received() == framed("vote"); }));
  }
  ASSERT_TRUE(loop.run_until([&] { return !two.linked_to(3); }));
  RawPeer second(loop, two.port());
  second.write(bare_greeting(3));
  ASSERT_TRUE(loop.run_until([&] { return second.received() == framed("vote"); }));
}

TEST(ConnectionManager, AnUnsentPayloadGoesInsteadOfTheLastOne) {
  Loop loop;
  Node two(loop, 2);
  {
    RawPeer first(loop, two.port());
    first.write(bare_greeting(3));
    ASSERT_TRUE(loop.run_until([&] { return two.linked_to(3); }));
    two->send(Sid(3), text_bytes("old"));
    ASSERT_TRUE(loop.run_until([&] { return first.received() == framed("old"); }));
  }
  ASSERT_TRUE(loop.run_until([&] { return !two.linked_to(3); }));
  two->send(Sid(3), text_bytes("new"));
  RawPeer second(loop, two.port());
  second.write(bare_greeting(3));
  ASSERT_TRUE(loop.run_until([&] { return second.received().size() >= framed("new").size(); }));
  EXPECT_EQ(second.received(), framed("new"));
}

void emulate_33(ConnectionManager::Settings& settings) { settings.dialect.release = {3, 3, 6}; }

TEST(ConnectionManager, AsRelease33AHundredPayloadsWaitAndTheOldestFallsOut) {
  Loop loop;
  Node two(loop, 2, emulate_33);
  RawListener here(loop);
  two->set_configs(config_of({{1, here.port()}}), std::nullopt);
  for (int i = 0; i <= 100; ++i) two->send(Sid(1), text_bytes(std::to_string(i)));
  Bytes expected = bare_greeting(2);
  for (int i = 1; i <= 100; ++i) expected = expected + framed(std::to_string(i));
  const auto one = here.accept();
  ASSERT_NE(one, nullptr);
  ASSERT_TRUE(loop.run_until([&] { return one->received().size() >= expected.size(); }));
  EXPECT_EQ(one->received(), expected);
}

TEST(ConnectionManager, AsRelease33TheLastPayloadIsRepeatedBeforeThoseThatWait) {
  Loop loop;
  Node two(loop, 2, emulate_33);
  {
    RawPeer first(loop, two.port());
    first.write(bare_greeting(3));
    ASSERT_TRUE(loop.run_until([&] { return two.linked_to(3); }));
    two->send(Sid(3), text_bytes("old"));
    ASSERT_TRUE(loop.run_until([&] { return first.received() == framed("old"); }));
  }
  ASSERT_TRUE(loop.run_until([&] { return !two.linked_to(3); }));
  two->send(Sid(3), text_bytes("new"));
  RawPeer second(loop, two.port());
  second.write(bare_greeting(3));
  const Bytes expected = framed("old") + framed("new");
  ASSERT_TRUE(loop.run_until([&] { return second.received().size() >= expected.size(); }));
  EXPECT_EQ(second.received(), expected);
}

TEST(ConnectionManager, PayloadsToOneselfComeBackFromTheLoopAndTheOldestFallsOut) {
  Loop loop;
  Node two(loop, 2);
  for (std::size_t i = 0; i <= kReceiveCapacity; ++i) {
    two->send(Sid(2), text_bytes(std::to_string(i)));
  }
  EXPECT_TRUE(two.payloads.empty());
  ASSERT_TRUE(loop.run_until([&] { return two.payloads.size() == kReceiveCapacity; }));
  EXPECT_EQ(two.payloads.front().second, text_bytes("1"));
  EXPECT_EQ(two->stats().dropped, 1u);
  EXPECT_EQ(two.count(What::kDial), 0u);
}

}  // namespace
}  // namespace zkprobe::net::test
