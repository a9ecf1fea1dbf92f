#include "peer/config_rewrite.hpp"

#include <gtest/gtest.h>

namespace zkprobe::peer {
namespace {

wire::QuorumConfig config_of(const std::string& text) {
  auto config = wire::parse_quorum_config(text);
  EXPECT_TRUE(config) << to_string(config.error());
  return config ? *config : wire::QuorumConfig();
}

TEST(DynamicFile, HasSortedLinesAndTheVersionOnlyOfAProposal) {
  const auto config = config_of(
      "server.10=d:2888:3888:participant\nserver.2=b:2888:3888:participant;0.0.0.0:2181\n"
      "server.3=c:2888:3888:observer\nversion=100000002");
  const std::string members =
      "server.10=d:2888:3888:participant\nserver.2=b:2888:3888:participant;0.0.0.0:2181\n"
      "server.3=c:2888:3888:observer";
  EXPECT_EQ(dynamic_file_text(config, false), members);
  EXPECT_EQ(dynamic_file_text(config, true), members + "\nversion=100000002");
}

TEST(DynamicFile, HasGroupsAndWeights) {
  const auto config = config_of(
      "server.1=a:2888:3888:participant\nserver.2=b:2888:3888:participant\ngroup.1=1:2\n"
      "weight.1=1\nweight.2=2\nversion=5");
  EXPECT_EQ(dynamic_file_text(config, false),
            "group.1=1:2\nserver.1=a:2888:3888:participant\nserver.2=b:2888:3888:participant\n"
            "weight.1=1\nweight.2=2");
  EXPECT_EQ(dynamic_file_name("/etc/zoo.cfg", config.version), "/etc/zoo.cfg.dynamic.5");
}

constexpr const char* kZooCfg =
    "# ours\ntickTime=2000\ndataDir = /var/zk \npeerType=observer\nserver.1=a:1:2\n"
    "server.2=b:1:\\\n  2\ngroup.1=1:2\nweight.1=1\nclientPort=2181\nclientPortAddress=h\n"
    "secureClientPort=2281\n";

TEST(StaticFile, NamesTheDynamicFileInPlaceOfTheMembers) {
  EXPECT_FALSE(names_dynamic_file(kZooCfg));
  const auto kept = static_file_text(kZooCfg, "/etc/zoo.cfg.dynamic.5", false);
  ASSERT_TRUE(kept);
  EXPECT_EQ(*kept,
            "tickTime=2000\ndataDir=/var/zk\nclientPort=2181\nclientPortAddress=h\n"
            "secureClientPort=2281\ndynamicConfigFile=/etc/zoo.cfg.dynamic.5\n");
  EXPECT_TRUE(names_dynamic_file(*kept));
  // And in place of the last one.
  const auto again = static_file_text(*kept, "/etc/zoo.cfg.dynamic.6", true);
  ASSERT_TRUE(again);
  EXPECT_EQ(*again,
            "tickTime=2000\ndataDir=/var/zk\nsecureClientPort=2281\n"
            "dynamicConfigFile=/etc/zoo.cfg.dynamic.6\n");
}

TEST(StaticFile, WhatIsEscapedStaysThat) {
  const auto text = static_file_text("a\\ b=c\\\\d\\ne\\u00e9\nx=#1=2", "d\\f", false);
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, "a\\ b=c\\\\d\\ne\xc3\xa9\nx=#1=2\ndynamicConfigFile=d\\\\f\n");
  EXPECT_EQ(static_file_text(*text, "d\\f", false), *text);
}

TEST(StaticFile, WhatJavaCannotReadIsAnError) {
  EXPECT_FALSE(static_file_text("a=\\u12", "d", false));
  EXPECT_FALSE(names_dynamic_file("dynamicConfigFile=\\u12"));
}

}  // namespace
}  // namespace zkprobe::peer
