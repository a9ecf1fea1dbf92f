#include "replica/quota.hpp"

#include <gtest/gtest.h>

namespace zkprobe::replica {
namespace {

TEST(StatsTrack, ReadsAndWritesBothForms) {
  EXPECT_EQ(StatsTrack::parse("count=3,bytes=40")->text(), "count=3,bytes=40");
  const std::string hard = "count=1,bytes=2=;byteHardLimit=9;countHardLimit=5";
  const auto track = StatsTrack::parse(hard);
  ASSERT_TRUE(track);
  EXPECT_EQ(track->count(), 1);
  EXPECT_EQ(track->bytes(), 2);
  EXPECT_EQ(track->text(), hard);
  EXPECT_EQ(StatsTrack::parse("")->text(), "count=-1,bytes=-1");
  EXPECT_EQ(StatsTrack::parse("count=,bytes=7")->text(), "count=-1,bytes=7");
}

TEST(StatsTrack, IsNothingForWhatIsNoNumber) {
  for (const char* text :
       {"count", "count=x", "count=1,bytes=9999999999999999999", "count=1 ,b=2"}) {
    EXPECT_FALSE(StatsTrack::parse(text)) << text;
  }
}

TEST(QuotaPaths, TheDeepestOneHolds) {
  QuotaPaths paths;
  EXPECT_FALSE(paths.deepest("/a"));
  paths.add("/a");
  paths.add("/a/b/c");
  EXPECT_EQ(paths.deepest("/a"), "/a");
  EXPECT_EQ(paths.deepest("/a/b"), "/a");
  EXPECT_EQ(paths.deepest("/a/b/c/d"), "/a/b/c");
  EXPECT_FALSE(paths.deepest("/ab"));
  EXPECT_FALSE(paths.deepest(""));
  EXPECT_FALSE(paths.deepest("a"));
  paths.remove("/a");
  EXPECT_FALSE(paths.deepest("/a/b"));
}

TEST(QuotaPaths, NamesTheNodeThatCounts) {
  EXPECT_EQ(quota_stat_path("/a"), "/zookeeper/quota/a/zookeeper_stats");
}

}  // namespace
}  // namespace zkprobe::replica
