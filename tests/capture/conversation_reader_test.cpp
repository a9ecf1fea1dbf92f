#include "capture/conversation_reader.hpp"

#include <gtest/gtest.h>

#include "build.hpp"

namespace zkprobe::capture {
namespace {

struct Talk {
  Messages out;
  Decoder decoder;
  Wire wire{decoder};
  explicit Talk(DecoderOptions options = {}) : decoder(out, std::move(options)) {}

  Protocol end() {
    decoder.finish();
    return out.closed.back();
  }
};

TEST(Conversation, ABareSidAndItsVotesAreAnElection) {
  Talk talk;
  talk.wire.open();
  talk.wire.say(Side::kDialler, hex("0000000000000003"));
  ASSERT_EQ(talk.out.seen.size(), 1U);  // at once
  talk.wire.say(Side::kDialler, vote(3));
  talk.wire.say(Side::kAcceptor, vote(1));
  EXPECT_EQ(talk.end(), Protocol::kElection);
  ASSERT_EQ(talk.out.seen.size(), 3U);
  EXPECT_EQ(talk.out.seen[1].src, Sid(3));
  EXPECT_EQ(talk.out.seen[1].place.packet, 4U);
  EXPECT_EQ(talk.out.seen[2].dst, Sid(3));
}

TEST(Conversation, ALargeSidIsBelievedOnceAVoteOrTheEndFollows) {
  Talk voted;
  voted.wire.open();
  voted.wire.say(Side::kDialler, hex("000000012a05f200"));
  EXPECT_TRUE(voted.out.seen.empty());
  voted.wire.say(Side::kDialler, vote(3));
  ASSERT_EQ(voted.out.seen.size(), 2U);
  EXPECT_EQ(voted.out.seen[0].place.packet, 3U);  // the packet that brought it
  EXPECT_EQ(voted.out.seen[0].src, Sid(5'000'000'000));

  Talk closed;
  closed.wire.open();
  closed.wire.say(Side::kDialler, hex("000000012a05f200"));
  closed.wire.close();
  EXPECT_EQ(closed.end(), Protocol::kElection);
  EXPECT_EQ(closed.out.seen.size(), 1U);
}

TEST(Conversation, ALearnersFirstPacketTellsItsSid) {
  Talk talk;
  talk.wire.open();
  wire::QuorumPacket info;
  info.type = wire::PacketType::kFollowerInfo;
  info.data = wire::encode(wire::LearnerInfo{Sid(3), 0x10000, ConfigVersion(0)});
  talk.wire.say(Side::kDialler, wire::encode(info));
  talk.wire.say(Side::kAcceptor, ping());
  EXPECT_EQ(talk.end(), Protocol::kLearner);
  ASSERT_EQ(talk.out.seen.size(), 2U);
  EXPECT_EQ(talk.out.seen[1].dst, Sid(3));
}

TEST(Conversation, StreamsInTheMiddleAreRecognisedOnEitherSide) {
  for (const Side side : {Side::kDialler, Side::kAcceptor}) {
    Talk votes;
    votes.wire.say(side, BytesView(vote(1)).subspan(30));
    votes.wire.say(side, vote(2));
    votes.wire.say(other(side), vote(3));
    EXPECT_EQ(votes.end(), Protocol::kElection);
    EXPECT_EQ(votes.out.seen.size(), 2U);
    Talk pings;
    pings.wire.say(side, BytesView(ping()).subspan(3));
    pings.wire.say(side, ping());
    EXPECT_EQ(pings.end(), Protocol::kLearner);
    EXPECT_EQ(pings.out.seen.size(), 1U);
  }
}

TEST(Conversation, TlsIsKnownAndStaysClosed) {
  Talk talk;
  talk.wire.open();
  talk.wire.say(Side::kDialler, hex("160301020001"));
  talk.wire.say(Side::kDialler, vote(1));
  EXPECT_EQ(talk.end(), Protocol::kTls);
  EXPECT_TRUE(talk.out.seen.empty());
}

TEST(Conversation, OtherTrafficMakesNoRecord) {
  Talk web;
  web.wire.open();
  web.wire.say(Side::kDialler, bytes_of("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"));
  EXPECT_EQ(web.end(), Protocol::kOther);
  // A ZooKeeper client: its length, protocol version 0, the last zxid that it saw.
  Talk client;
  client.wire.open();
  client.wire.say(Side::kDialler, hex("0000002d0000000000000001000000050000753000000000000000000000"
                                      "00100000000000000000000000000000000000"));
  EXPECT_EQ(client.end(), Protocol::kOther);
  EXPECT_TRUE(web.out.seen.empty());
  EXPECT_TRUE(client.out.seen.empty());
}

TEST(Conversation, ANamedPortOverrulesTheBytes) {
  DecoderOptions options;
  options.ports.election = {3'888};
  Talk talk(options);
  talk.wire.open();
  talk.wire.say(Side::kDialler, bytes_of("GET / HTTP/1.1\r\n"));
  EXPECT_EQ(talk.end(), Protocol::kElection);
  ASSERT_FALSE(talk.out.seen.empty());
}

// A mirror port of one direction: SYN-ACK and answers, and nothing of who dialled.
TEST(Conversation, TheAcceptorsDirectionAloneIsRead) {
  Talk votes;
  votes.wire.put(Side::kAcceptor, {}, {.syn = true});
  votes.wire.say(Side::kAcceptor, vote(2));
  votes.wire.say(Side::kAcceptor, vote(3));
  EXPECT_EQ(votes.end(), Protocol::kElection);
  EXPECT_EQ(votes.out.seen.size(), 2U);
  DecoderOptions options;
  options.ports.election = {3'888};
  Talk named(options);
  named.wire.put(Side::kAcceptor, {}, {.syn = true});
  named.wire.say(Side::kAcceptor, vote(2));
  EXPECT_EQ(named.end(), Protocol::kElection);
  EXPECT_EQ(named.out.seen.size(), 1U);
}

TEST(Conversation, ANamedPortIsReadThoughTheDiallerSaidNothing) {
  DecoderOptions options;
  options.ports.election = {3'888};
  Talk talk(options);
  talk.wire.open();
  talk.wire.say(Side::kAcceptor, vote(2));
  EXPECT_EQ(talk.end(), Protocol::kElection);
  EXPECT_EQ(talk.out.seen.size(), 1U);
}

TEST(Conversation, AListenerIsKnownByItsVoteAsLeader) {
  Talk talk;
  talk.wire.open();
  talk.wire.say(Side::kDialler, hex("0000000000000003"));
  talk.wire.say(Side::kAcceptor, vote(1, 1, wire::ServerState::kLeading));
  EXPECT_EQ(talk.out.seen.back().src, Sid(1));
  EXPECT_EQ(talk.decoder.directory().find(kAcceptor, kDialler.host), Sid(1));
}

}  // namespace
}  // namespace zkprobe::capture
