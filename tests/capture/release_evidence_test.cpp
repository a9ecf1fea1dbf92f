#include "capture/release_evidence.hpp"

#include <gtest/gtest.h>

namespace zkprobe::capture {
namespace {

ReleaseRange after(std::initializer_list<MessageBody> bodies) {
  ReleaseEvidence evidence;
  for (const MessageBody& body : bodies) evidence.add(release_of(body));
  return evidence.range();
}

wire::InitialMessage greeting(wire::GreetingForm form) { return {form, Sid(1), {}}; }
SeenNotification seen(wire::NotificationForm form) { return {{}, form, {}}; }
SeenPacket info(wire::LearnerInfo learner) { return {{}, Payload(learner), {}}; }

TEST(ReleaseEvidence, EachMessageNarrowsTheRange) {
  using enum wire::GreetingForm;
  using enum wire::NotificationForm;
  EXPECT_EQ(to_string(after({greeting(kBareSid)})), "3.3.0 to 3.4.14");
  EXPECT_EQ(to_string(after({greeting(kBareSid), seen(kBytes28)})), "3.3.0 to 3.3.6");
  EXPECT_EQ(to_string(after({greeting(kBareSid), seen(kBytes36)})), "3.4.0 to 3.4.5");
  EXPECT_EQ(to_string(after({seen(kBytes40), greeting(kBareSid)})), "3.4.6 to 3.4.14");
  EXPECT_EQ(to_string(after({greeting(kV1), seen(kConfig)})), "3.5.0 or later");
  EXPECT_EQ(to_string(after({seen(kConfig), greeting(kV2), seen(kConfig)})), "3.6.0 or later");
}

TEST(ReleaseEvidence, LearnersTellByTheLengthOfTheirInfo) {
  EXPECT_EQ(after({info({Sid(1), {}, {}})}).to, (Release{3, 3, 6}));
  EXPECT_EQ(to_string(after({info({Sid(1), 0x10000, {}})})), "3.4.0 to 3.4.14");
  EXPECT_EQ(to_string(after({info({Sid(1), 0x10000, ConfigVersion(0)})})), "3.5.0 or later");
}

TEST(ReleaseEvidence, AServerThatWasUpgradedIsWhatItSaidLast) {
  using enum wire::NotificationForm;
  EXPECT_EQ(to_string(after({seen(kBytes40), seen(kConfig)})), "3.5.0 or later");
}

TEST(ReleaseEvidence, TheRangeHoldsItsEnds) {
  const ReleaseRange range{{3, 4, 6}, Release{3, 4, 14}};
  EXPECT_TRUE(range.contains({3, 4, 6}));
  EXPECT_TRUE(range.contains({3, 4, 14}));
  EXPECT_FALSE(range.contains({3, 4, 5}));
  EXPECT_FALSE(range.contains({3, 5, 0}));
}

}  // namespace
}  // namespace zkprobe::capture
