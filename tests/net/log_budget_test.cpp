#include "net/log_budget.hpp"

#include <gtest/gtest.h>

namespace zkprobe::net {
namespace {

TEST(LogBudget, AllowsSoManyLinesASecondAndCountsTheRest) {
  LogBudget budget;
  LogBudget::Time now{std::chrono::hours(1)};
  for (std::uint64_t i = 0; i < LogBudget::kLinesPerSecond; ++i) EXPECT_TRUE(budget.take(now));
  now += std::chrono::milliseconds(999);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(budget.take(now));
  EXPECT_EQ(budget.left_out(), 0u);
  now += std::chrono::milliseconds(1);
  EXPECT_TRUE(budget.take(now));
  EXPECT_EQ(budget.left_out(), 3u);
  EXPECT_EQ(budget.left_out(), 0u);
}

}  // namespace
}  // namespace zkprobe::net
