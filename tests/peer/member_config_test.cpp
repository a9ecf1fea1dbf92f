#include "peer/member_config.hpp"

#include <gtest/gtest.h>

namespace zkprobe::peer {
namespace {

MemberRules rules(Release release = kNewestRelease) {
  MemberRules made;
  made.release = release;
  made.file = "zoo.cfg";
  return made;
}

Members read(const std::string& text, const MemberRules& with = rules()) {
  return read_members(wire::parse_properties(text).value(), with);
}

constexpr const char* kTwo = "server.1=a:1:2\nserver.2=b:1:2\n";

TEST(MemberConfig, ErrorsNameTheLine) {
  const auto members = read("server.1=a:1:2\n\nserver.2=b:1:x\n");
  ASSERT_FALSE(members);
  EXPECT_EQ(members.error(), (ConfigError{"zoo.cfg", 3, "server.2=b:1:x", "ports of 0..65535"}));
}

TEST(MemberConfig, AFileOfItsOwnHoldsNothingElse) {
  MemberRules own = rules();
  own.whole_file = false;
  EXPECT_TRUE(read("server.1=a:1:2\nversion=5", own));
  EXPECT_FALSE(read("server.1=a:1:2\ntickTime=5", own));
  EXPECT_TRUE(read("server.1=a:1:2\ntickTime=5"));
}

TEST(MemberConfig, EveryParticipantHasAWeightUnderGroups) {
  const auto members = read(std::string(kTwo) + "group.1=1:2\nweight.2=0\n").value();
  EXPECT_EQ(members.weights, (std::vector<std::pair<Sid, std::int64_t>>{{Sid(1), 1}, {Sid(2), 0}}));
  EXPECT_EQ(members.groups.at(0), (std::pair{std::int64_t{1}, std::vector{Sid(1), Sid(2)}}));
}

TEST(MemberConfig, AParticipantOutsideTheGroupsIsRefusedAtItsLine) {
  const auto members = read(std::string(kTwo) + "group.1=1\n");
  ASSERT_FALSE(members);
  EXPECT_EQ(members.error().line, 2);
}

TEST(MemberConfig, UnderAnOracleGroupsAreNotLookedAt) {
  MemberRules oracle = rules();
  oracle.oracle = true;
  const auto members = read(std::string(kTwo) + "group.1=x\nweight.y=z\n", oracle);
  ASSERT_TRUE(members);
  EXPECT_TRUE(members->oracle);
  EXPECT_FALSE(members->hierarchical());
}

TEST(MemberConfig, WeightsAloneAreIgnoredUntil34) {
  const auto old = read(std::string(kTwo) + "weight.1=5\n", rules(Release{3, 4, 14}));
  ASSERT_TRUE(old);
  EXPECT_FALSE(old->hierarchical());
  EXPECT_FALSE(read(std::string(kTwo) + "weight.1=5\n", rules(Release{3, 5, 0})));
}

TEST(MemberConfig, TheVersionIsHexadecimalFrom350On) {
  EXPECT_EQ(read("version=1f").value().version, ConfigVersion(31));
  EXPECT_FALSE(read("version=0x1"));
  EXPECT_EQ(read("version=1f", rules(Release{3, 4, 14})).value().version, ConfigVersion(0));
}

TEST(MemberConfig, CountsAreChecked) {
  const auto check = [](const std::string& text, MemberRules with) {
    return check_members(read(text, with).value(), with).has_value();
  };
  MemberRules alone = rules();
  alone.standalone_enabled = false;
  EXPECT_TRUE(check("", rules()));
  EXPECT_FALSE(check("", alone));
  EXPECT_FALSE(check("server.1=a:1:2:observer", rules()));
  EXPECT_TRUE(check("server.1=a:1:2", rules()));
  EXPECT_FALSE(check("server.1=a:1:2\nserver.2=b:1:2:observer", rules()));
  EXPECT_TRUE(check("server.1=a:1:2\nserver.2=b:1:2:observer", alone));
}

TEST(MemberConfig, ServersComeInTheOrderOfAHashMap) {
  EXPECT_EQ(java_hash_order({3, 1, 2}), (std::vector<std::int64_t>{1, 2, 3}));
  EXPECT_EQ(java_hash_order({17, 3, 16}), (std::vector<std::int64_t>{16, 17, 3}));
  EXPECT_EQ(java_hash_order({-1, 5}), (std::vector<std::int64_t>{-1, 5}));
  // Thirteen keys: the table has 32 places, and 16 is no longer first.
  EXPECT_EQ(java_hash_order({16, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}).back(), 16);
}

}  // namespace
}  // namespace zkprobe::peer
