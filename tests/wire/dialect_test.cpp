#include "wire/dialect.hpp"

#include <gtest/gtest.h>

namespace zkprobe::wire {
namespace {

Dialect of(const char* release, bool multi_address = false) {
  Dialect dialect;
  dialect.release = *parse_release(release);
  dialect.multi_address = multi_address;
  return dialect;
}

TEST(Dialect, GreetsAsTheReleaseDoes) {
  EXPECT_EQ(of("3.3.6").greeting(), GreetingForm::kBareSid);
  EXPECT_EQ(of("3.4.14").greeting(), GreetingForm::kBareSid);
  EXPECT_EQ(of("3.5.0").greeting(), GreetingForm::kV1);
  EXPECT_EQ(of("3.5.10", true).greeting(), GreetingForm::kV1);
  EXPECT_EQ(of("3.6.0").greeting(), GreetingForm::kV1);
  EXPECT_EQ(of("3.6.0", true).greeting(), GreetingForm::kV2);
  EXPECT_EQ(of("3.9.6").greeting(), GreetingForm::kV1);
}

TEST(Dialect, VotesAsTheReleaseDoes) {
  EXPECT_EQ(of("3.3.6").notification(), NotificationForm::kBytes28);
  EXPECT_EQ(of("3.4.0").notification(), NotificationForm::kBytes36);
  EXPECT_EQ(of("3.4.5").notification(), NotificationForm::kBytes36);
  EXPECT_EQ(of("3.4.6").notification(), NotificationForm::kBytes40);
  EXPECT_EQ(of("3.4.14").notification(), NotificationForm::kBytes40);
  EXPECT_EQ(of("3.5.0").notification(), NotificationForm::kConfig);
  EXPECT_EQ(of("3.9.6").notification(), NotificationForm::kConfig);
}

TEST(Dialect, BoundsFramesAsTheReleaseDoes) {
  EXPECT_EQ(of("3.3.6").max_frame(), 1'048'576U);
  EXPECT_EQ(of("3.4.5").max_frame(), 1'048'576U);
  EXPECT_EQ(of("3.4.6").max_frame(), 524'288U);
  EXPECT_EQ(of("3.9.6").max_frame(), 524'288U);
}

}  // namespace
}  // namespace zkprobe::wire
