#include "zkprobe_seats.hpp"

#include <gtest/gtest.h>

namespace zkprobe::tool {
namespace {

TEST(ZkprobeSeats, TheVersionInItsFirstLineTells) {
  EXPECT_TRUE(is_zkprobe("Zookeeper version: 3.9.6-zkprobe, built on \nLatency 0\n"));
  EXPECT_FALSE(is_zkprobe("Zookeeper version: 3.9.6-1234, built on 2026\nHost: x-zkprobe\n"));
  EXPECT_FALSE(is_zkprobe("srvr is not executed because it is not in the whitelist.\n"));
  EXPECT_FALSE(is_zkprobe(""));
}

}  // namespace
}  // namespace zkprobe::tool
