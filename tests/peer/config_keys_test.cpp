#include "peer/config_keys.hpp"

#include <gtest/gtest.h>

namespace zkprobe::peer {
namespace {

TEST(ConfigKeys, AKeyIsReadFromItsReleaseOn) {
  EXPECT_EQ(find_key("observerMasterPort", Release{3, 5, 10}), nullptr);
  ASSERT_NE(find_key("observerMasterPort", Release{3, 6, 0}), nullptr);
  EXPECT_EQ(find_key("observerMasterPort", Release{3, 6, 0})->type, KeyType::kInt);
  EXPECT_NE(find_key("tickTime", Release{3, 3, 0}), nullptr);
  EXPECT_EQ(find_key("ticktime", kNewestRelease), nullptr);
}

// ZOOKEEPER-1045 came to 3.4.10 when 3.5.0 to 3.5.3 were out without it.
TEST(ConfigKeys, AKeyOfALate34IsMissingInTheFirst35) {
  const auto reads = [](Release release) {
    return find_key("quorum.auth.enableSasl", release) != nullptr;
  };
  EXPECT_FALSE(reads(Release{3, 4, 9}));
  EXPECT_TRUE(reads(Release{3, 4, 10}));
  EXPECT_FALSE(reads(Release{3, 5, 3}));
  EXPECT_TRUE(reads(Release{3, 5, 4}));
  EXPECT_TRUE(reads(Release{3, 6, 0}));
}

TEST(ConfigKeys, MemberKeysAreToldByTheirBeginning) {
  EXPECT_TRUE(is_member_key("server.1"));
  EXPECT_TRUE(is_member_key("groupie"));
  EXPECT_TRUE(is_member_key("weight.3"));
  EXPECT_TRUE(is_member_key("version"));
  EXPECT_FALSE(is_member_key("server"));
  EXPECT_FALSE(is_member_key("versions"));
}

TEST(ConfigKeys, KeysPropertiesAndFamiliesAreKnown) {
  EXPECT_TRUE(is_known_anywhere("tickTime"));
  EXPECT_TRUE(is_known_anywhere("snapCount"));
  EXPECT_TRUE(is_known_anywhere("ssl.quorum.keyStore.location"));
  EXPECT_TRUE(is_known_anywhere("authProvider.1"));
  EXPECT_FALSE(is_known_anywhere("tickTme"));
  EXPECT_FALSE(is_known_anywhere("zookeeper.snapCount"));
}

TEST(ConfigKeys, DistanceCountsLettersThatChangeComeOrGo) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
  EXPECT_EQ(edit_distance("tickTme", "tickTime"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("sitting", "kitten"), 3U);
}

TEST(ConfigKeys, TheNearestNameIsFound) {
  EXPECT_EQ(nearest_known_key("tickTme"), "tickTime");
  EXPECT_EQ(nearest_known_key("clientport"), "clientPort");
  EXPECT_EQ(nearest_known_key("snapcount"), "snapCount");
  EXPECT_EQ(nearest_known_key("autopurge.snapRetain"), "autopurge.snapRetainCount");
}

}  // namespace
}  // namespace zkprobe::peer
