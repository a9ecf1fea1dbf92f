#include "capture/recognise.hpp"

#include <gtest/gtest.h>

#include "build.hpp"

namespace zkprobe::capture {
namespace {

// Every proper prefix may still become what the whole is.
void expect_recognised(Match (*match)(BytesView), const Bytes& bytes, std::size_t enough) {
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const Match found = match(BytesView(bytes).first(size));
    EXPECT_EQ(found, size >= enough ? Match::kYes : Match::kPartial) << size;
  }
}

Bytes packet(wire::PacketType type, std::int64_t zxid, std::optional<Bytes> data) {
  wire::QuorumPacket result;
  result.type = type;
  result.zxid = Zxid(zxid);
  result.data = std::move(data);
  return wire::encode(result);
}

TEST(Recognise, FramesOfEveryGeneration) {
  wire::Notification notification;
  notification.election_epoch = ElectionRound(3);
  notification.config = "server.1=a:1:2:participant\nversion=0";
  using wire::NotificationForm;
  for (const auto form :
       {NotificationForm::kBytes28, NotificationForm::kBytes36, NotificationForm::kBytes40}) {
    const Bytes bytes = wire::frame(wire::encode(notification, form));
    expect_recognised(match_frame, bytes, bytes.size());
  }
  expect_recognised(match_frame, wire::frame(wire::encode(notification, NotificationForm::kConfig)),
                    48 + 7);
}

TEST(Recognise, PacketsOfTheLearnerPort) {
  using wire::PacketType;
  for (const auto type : {PacketType::kAck, PacketType::kCommit, PacketType::kPing,
                          PacketType::kUpToDate, PacketType::kDiff, PacketType::kSnap}) {
    expect_recognised(match_packet, packet(type, 1, std::nullopt), 20);
  }
  const Bytes info =
      packet(PacketType::kFollowerInfo, 0, wire::encode(wire::LearnerInfo{Sid(1), 0x10000, {}}));
  expect_recognised(match_packet, info, info.size());
  expect_recognised(match_learner_info, info, info.size());
  EXPECT_EQ(match_learner_info(ping()), Match::kNo);
  EXPECT_EQ(match_packet(packet(PacketType::kAck, 1, Bytes(3))), Match::kNo);
}

TEST(Recognise, AProposalRepeatsItsZxid) {
  Writer header;
  header.i64(1), header.i32(2), header.i64(0x100000001), header.i64(0), header.i32(-11);
  expect_recognised(match_packet, packet(wire::PacketType::kProposal, 0x100000001, header.bytes()),
                    48);
  EXPECT_EQ(match_packet(packet(wire::PacketType::kProposal, 0x100000002, header.bytes())),
            Match::kNo);
}

TEST(Recognise, GreetingsTlsAndSasl) {
  expect_recognised(match_greeting, hex("ffffffffffff0000"), 8);
  expect_recognised(match_greeting, hex("ffffffffffff0001"), 8);
  EXPECT_EQ(match_greeting(hex("ffffffffffff0002")), Match::kNo);
  expect_recognised(match_tls, hex("160301"), 3);
  EXPECT_EQ(match_tls(hex("1703")), Match::kNo);
  expect_recognised(match_sasl, hex("5f2435013501edcc"), 8);
}

TEST(Recognise, FindsTheFirstMessageBehindOtherBytes) {
  const Bytes junk = hex("0000000000ff00001234");
  const Bytes both = joined(joined(junk, vote(3)), vote(4));
  const Found found = search(both, match_frame);
  EXPECT_EQ(found.match, Match::kYes);
  EXPECT_EQ(found.at, junk.size());
  const Found partial = search(BytesView(both).first(junk.size() + 20), match_frame);
  EXPECT_EQ(partial.match, Match::kPartial);
  EXPECT_LE(partial.at, junk.size());
  EXPECT_EQ(search(bytes_of("GET / HTTP/1.1"), match_frame).at, 14U);
}

}  // namespace
}  // namespace zkprobe::capture
