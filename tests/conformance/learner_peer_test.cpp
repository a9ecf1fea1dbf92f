// A scripted peer on a learner port: the packets that it writes are read by the codec, and those
// that it reads were written by it.
#include "conformance/learner_peer.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "fake_endpoint.hpp"
#include "wire/describe.hpp"

namespace zkprobe::conformance {
namespace {

constexpr Duration kLong = std::chrono::seconds(5);

struct Stage {
  FakeEndpoint server;
  PacketMemory memory;
  LearnerPeer peer{server, 1, memory, [](const std::string&) { return Sid(77); }};

  std::string packet(const std::string& type, const Options& options = {}) {
    const Bytes bytes = peer.packet({type}, options);
    const auto read = wire::decode_packet(bytes);
    if (!read || !read->has_value() || (*read)->size != bytes.size()) return "not read";
    return wire::describe((*read)->packet);
  }
  void says(const std::string& type, const Options& options = {}) {
    server.say(peer.packet({type}, options));
  }
  Seen look(const std::vector<std::string>& words, const Options& options = {}) {
    return peer.look(words, options, kLong);
  }
};

TEST(LearnerPeer, EachPacketHasTheFieldsOfItsType) {
  Stage stage;
  EXPECT_EQ(stage.packet("FOLLOWERINFO", {{"epoch", "2"}}),
            "FOLLOWERINFO zxid=0x200000000 sid=77 protocol=0x10000 config=0x0");
  EXPECT_EQ(stage.packet("OBSERVERINFO", {{"config", "none"}}),
            "OBSERVERINFO zxid=0x0 sid=77 protocol=0x10000");
  EXPECT_EQ(stage.packet("OBSERVERINFO", {{"version", "none"}}), "OBSERVERINFO zxid=0x0 sid=77");
  EXPECT_EQ(stage.packet("ACK", {{"zxid", "1:1"}}), "ACK zxid=0x100000001");
  EXPECT_EQ(stage.packet("UPTODATE"), "UPTODATE zxid=0xffffffffffffffff");
  EXPECT_NE(stage.packet("PROPOSAL", {{"zxid", "1:1"}}).find("createSession"), std::string::npos);
  EXPECT_NE(stage.packet("REQUEST").find("0x1000"), std::string::npos);
  EXPECT_THROW(stage.packet("NOTHING"), std::invalid_argument);
  EXPECT_THROW(stage.packet("ACK", {{"zxid", "x"}}), std::invalid_argument);
  EXPECT_THROW(stage.packet("ACK", {{"data", "abc"}}), std::invalid_argument);
}

TEST(LearnerPeer, AnExpectedPacketIsTheNextOne) {
  Stage stage;
  stage.says("LEADERINFO", {{"epoch", "3"}});
  EXPECT_TRUE(
      stage.look({"packet", "LEADERINFO"}, {{"epoch", "3"}, {"version", "0x10000"}}).as_expected);
  stage.says("DIFF", {{"zxid", "3:9"}});
  const Seen other = stage.look({"packet", "SNAP|TRUNC"});
  EXPECT_FALSE(other.as_expected);
  EXPECT_EQ(other.what, "DIFF zxid=0x300000009");
  stage.says("NEWLEADER", {{"epoch", "3"}});
  EXPECT_TRUE(stage.look({"packet", "NEWLEADER"}, {{"data", "none"}}).as_expected);
  EXPECT_EQ(stage.packet("ACK"), "ACK zxid=0x300000000") << "of what was seen last";
  EXPECT_EQ(stage.packet("ACKEPOCH", {{"zxid", "synced+1"}}).substr(0, 27),
            "ACKEPOCH zxid=0x30000000a c");
  stage.says("PROPOSAL", {{"zxid", "3:10"}});
  EXPECT_TRUE(
      stage.look({"packet", "PROPOSAL"}, {{"txn", "createSession"}, {"zxid", "3:10"}}).as_expected);
  EXPECT_EQ(stage.look({"packet", "COMMIT"}).what, "no packet");
}

TEST(LearnerPeer, PingsAreAnsweredOnTheWayOrNot) {
  Stage stage;
  stage.says("PING");
  stage.says("DIFF");
  EXPECT_TRUE(stage.look({"packet", "DIFF"}).as_expected);
  EXPECT_TRUE(stage.server.written.empty()) << "not before UPTODATE";
  stage.says("UPTODATE");
  stage.says("PING", {{"zxid", "1:1"}});
  stage.says("COMMIT");
  EXPECT_TRUE(stage.look({"packet", "UPTODATE"}).as_expected);
  EXPECT_TRUE(stage.look({"packet", "COMMIT"}).as_expected);
  EXPECT_EQ(hex_encode(stage.server.written), "00000005000000010000000100000000ffffffff");
  stage.server.written.clear();
  stage.peer.answer_pings(false);
  stage.says("PING");
  EXPECT_TRUE(stage.look({"silence"}).as_expected);
  stage.says("PING", {{"zxid", "1:1"}});
  EXPECT_TRUE(stage.look({"packet", "PING"}, {{"zxid", "1:1"}}).as_expected);
  EXPECT_TRUE(stage.server.written.empty());
}

TEST(LearnerPeer, WhatComesWhileOthersAreLookedAtIsKept) {
  Stage stage;
  stage.says("UPTODATE");
  stage.says("PING");
  stage.says("COMMIT", {{"zxid", "1:1"}});
  stage.peer.serve();
  EXPECT_FALSE(stage.server.written.empty());
  EXPECT_TRUE(stage.look({"packet", "UPTODATE"}).as_expected);
  EXPECT_TRUE(stage.look({"packet", "COMMIT"}, {{"zxid", "1:1"}}).as_expected);
}

TEST(LearnerPeer, ASnapshotInPiecesIsReadOrPassedOver) {
  for (const bool expected : {true, false}) {
    Stage stage;
    stage.says("SNAP", {{"zxid", "0:7"}});
    for (const std::uint8_t byte : LearnerPeer::snapshot()) stage.server.say(Bytes{byte});
    stage.says("NEWLEADER", {{"epoch", "1"}});
    EXPECT_TRUE(stage.look({"packet", "SNAP"}).as_expected);
    if (expected) {
      EXPECT_EQ(stage.look({"snapshot"}).what, "snapshot of 3 nodes");
    }
    EXPECT_TRUE(stage.look({"packet", "NEWLEADER"}).as_expected);
  }
  Stage stage;
  EXPECT_EQ(stage.look({"snapshot"}).what, "no snapshot");
}

TEST(LearnerPeer, TheEndAndNonsenseAreSeen) {
  Stage stage;
  EXPECT_TRUE(stage.look({"open"}).as_expected);
  EXPECT_EQ(stage.look({"closed"}).what, "open after 5 s");
  stage.server.say(Bytes(24, 0x7f));
  EXPECT_TRUE(stage.look({"packet", "DIFF"}).what.starts_with("no packet: "));
  stage.server.closes = true;
  EXPECT_TRUE(stage.look({"closed"}).as_expected);
  EXPECT_THROW(stage.look({"vote"}), std::invalid_argument);
}

}  // namespace
}  // namespace zkprobe::conformance
