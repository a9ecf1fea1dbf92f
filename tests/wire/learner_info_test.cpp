#include "wire/learner_info.hpp"

#include <gtest/gtest.h>

#include "support/fixtures.hpp"
#include "wire/quorum_packet.hpp"

namespace zkprobe::wire {
namespace {

Bytes data_of(const std::string& golden) {
  return *(*decode_packet(test::read_golden("wire/qp." + golden + ".hex")))->packet.data;
}

TEST(LearnerInfo, EachGenerationHasItsLength) {
  EXPECT_EQ(decode_learner_info(data_of("3.3.6.observerinfo")),
            (LearnerInfo{Sid(4), std::nullopt, std::nullopt}));
  EXPECT_EQ(decode_learner_info(data_of("3.4.13.observerinfo")),
            (LearnerInfo{Sid(4), kProtocolVersion, std::nullopt}));
  EXPECT_EQ(decode_learner_info(data_of("3.9.3.observerinfo")),
            (LearnerInfo{Sid(4), kProtocolVersion, ConfigVersion(0)}));
}

TEST(LearnerInfo, IsWrittenAsEachGenerationWritesIt) {
  for (const char* release : {"3.3.6", "3.4.5", "3.4.13", "3.5.10", "3.9.3"}) {
    const Bytes bytes = data_of(std::string(release) + ".observerinfo");
    EXPECT_EQ(encode(*decode_learner_info(bytes)), bytes) << release;
  }
}

TEST(LearnerInfo, EveryOtherLengthIsRefused) {
  for (std::size_t n = 0; n <= 24; ++n) {
    const test::ExactBuffer bytes((Bytes(n)));
    EXPECT_EQ(decode_learner_info(bytes.view()).has_value(), n == 8 || n == 12 || n == 20) << n;
  }
}

TEST(LearnerInfo, AProtocolVersionIsFourBytes) {
  EXPECT_EQ(decode_int(data_of("3.9.3.leaderinfo"), "protocolVersion"), kProtocolVersion);
  EXPECT_EQ(encode_int(kProtocolVersion), data_of("3.9.3.leaderinfo"));
  for (const std::size_t n : {0u, 1u, 3u, 5u, 8u}) {
    const test::ExactBuffer bytes((Bytes(n)));
    EXPECT_FALSE(decode_int(bytes.view(), "protocolVersion")) << n;
  }
}

TEST(LearnerInfo, ADesignatedLeaderIsEightBytes) {
  EXPECT_EQ(decode_long(encode_long(-5), "leader"), -5);
  const Bytes data = data_of("3.9.3.commitandactivate");
  EXPECT_EQ(encode_long(*decode_long(data, "leader")), data);
  for (const std::size_t n : {0u, 7u, 9u}) {
    const test::ExactBuffer bytes((Bytes(n)));
    EXPECT_FALSE(decode_long(bytes.view(), "leader")) << n;
  }
}

TEST(LearnerInfo, APingReplyListsTheSessionsTouched) {
  EXPECT_EQ(decode_session_touches(data_of("3.9.3.ping.reply")), std::vector<SessionTouch>{});
  const std::vector<SessionTouch> two = {{0x1000, 4000}, {-1, 30000}};
  const Bytes bytes = encode(two);
  EXPECT_EQ(hex_encode(bytes), "000000000000100000000fa0ffffffffffffffff00007530");
  EXPECT_EQ(decode_session_touches(bytes), two);
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    const test::ExactBuffer cut(BytesView(bytes).first(n));
    EXPECT_EQ(decode_session_touches(cut.view()).has_value(), n % 12 == 0) << n;
  }
}

TEST(LearnerInfo, RevalidateHasTwoForms) {
  const Bytes request = data_of("test.revalidate.req");
  EXPECT_EQ(decode_revalidate_request(request), (SessionTouch{0xbabe, 3000}));
  EXPECT_EQ(encode_revalidate_request({0xbabe, 3000}), request);
  const Bytes valid = data_of("test.revalidate.ok");
  EXPECT_EQ(decode_revalidate_answer(valid), (RevalidateAnswer{0xbabe, true}));
  EXPECT_EQ(encode(RevalidateAnswer{0xbabe, true}), valid);
  EXPECT_EQ(decode_revalidate_answer(data_of("test.revalidate.expired")),
            (RevalidateAnswer{0xbabe, false}));
  for (const std::size_t n : {0u, 8u, 10u, 11u, 13u}) {
    const test::ExactBuffer bytes((Bytes(n)));
    EXPECT_FALSE(decode_revalidate_request(bytes.view())) << n;
    EXPECT_FALSE(decode_revalidate_answer(bytes.view())) << n;
  }
}

TEST(LearnerInfo, ARequestIsAHeadAndTheClientsBytes) {
  const Bytes bytes = data_of("3.9.3.request.type1");
  const auto request = decode_learner_request(bytes);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->type, 1);
  EXPECT_EQ(request->body.size(), bytes.size() - 16);
  EXPECT_EQ(encode(*request), bytes);
  for (std::size_t n = 0; n < 16; ++n) {
    const test::ExactBuffer cut(BytesView(bytes).first(n));
    EXPECT_FALSE(decode_learner_request(cut.view())) << n;
  }
}

}  // namespace
}  // namespace zkprobe::wire
