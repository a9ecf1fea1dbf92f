#include "conformance/catalogue.hpp"

#include <gtest/gtest.h>

#include <set>

namespace zkprobe::conformance {
namespace {

TEST(Catalogue, EveryFileIsReadAndSaysWhatItIs) {
  const auto all = catalogue();
  EXPECT_GE(all.size(), 20U);
  std::set<std::string> ids;
  for (const Scenario& one : all) {
    EXPECT_TRUE(ids.insert(one.id).second) << one.id;
    EXPECT_FALSE(one.why.empty()) << one.id;
    EXPECT_FALSE(one.covers.empty()) << one.id;
  }
}

TEST(Catalogue, PatternsAreMatched) {
  EXPECT_TRUE(matches("*", "x"));
  EXPECT_TRUE(matches("greeting_*", "greeting_v1"));
  EXPECT_TRUE(matches("*_v1", "greeting_v1"));
  EXPECT_TRUE(matches("g*_*1", "greeting_v1"));
  EXPECT_TRUE(matches("vote", "vote"));
  EXPECT_FALSE(matches("vote", "vote_query"));
  EXPECT_FALSE(matches("*_v2", "greeting_v1"));
  EXPECT_FALSE(matches("", "x"));
}

}  // namespace
}  // namespace zkprobe::conformance
