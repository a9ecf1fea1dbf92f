#include "pcap/live_capture.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace zkprobe::pcap {
namespace {

// What passes an interface, and the refusal without the privilege, are in
// tests/captures/live_test.py.
TEST(LiveCapture, TheLoopbackInterfaceIsListed) {
  const auto names = interfaces();
  EXPECT_NE(std::find(names.begin(), names.end(), "lo"), names.end());
}

TEST(LiveCapture, AnUnknownInterfaceIsRefusedWithThoseThatThereAre) {
  LiveOptions options;
  options.interface = "nowhere7";
  const auto live = LiveCapture::open(options);
  ASSERT_FALSE(live);
  EXPECT_EQ(live.error().find("no interface 'nowhere7': there are "), 0U) << live.error();
  EXPECT_NE(live.error().find("lo"), std::string::npos);
}

}  // namespace
}  // namespace zkprobe::pcap
