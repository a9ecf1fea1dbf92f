#include "log.hpp"

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

namespace zkprobe::tool {
namespace {

std::string logged(const std::string& text) {
  testing::internal::CaptureStderr();
  spdlog::warn("{}", text);
  return testing::internal::GetCapturedStderr();
}

TEST(Log, ALineHasItsTimeAndLevel) {
  set_up_log();
  const std::string line = logged("server 3: close");
  EXPECT_EQ(line.substr(line.find('Z')), "Z warning server 3: close\n");
}

TEST(Log, WhatTheNetworkSentIsOneLineAndCannotDriveATerminal) {
  set_up_log();
  const std::string line = logged("host a\x1b[31m\nFORGED\xc2\x9b");
  EXPECT_EQ(line.substr(line.find("host")), "host a\\x1b[31m\\x0aFORGED\\xc2\\x9b\n");
}

TEST(Log, ALevelIsOneOfFive) {
  set_up_log();
  EXPECT_TRUE(set_log_level("error"));
  EXPECT_EQ(logged("below it"), "");
  EXPECT_FALSE(set_log_level("loud"));
  EXPECT_TRUE(set_log_level("warn"));
}

}  // namespace
}  // namespace zkprobe::tool
