#include "peer/config_values.hpp"

#include <gtest/gtest.h>

namespace zkprobe::peer {
namespace {

auto read(const std::string& text, Release release = kNewestRelease) {
  return ConfigValues::read("zoo.cfg", wire::parse_properties(text).value(), release);
}

TEST(ConfigValues, ValuesAreTrimmedAndTyped) {
  const auto values = read("tickTime=2000 \nsyncEnabled=False\ndataDir=/data\t\n").value();
  EXPECT_EQ(values.int_or("tickTime", 1), 2000);
  EXPECT_FALSE(values.flag_or("syncEnabled", true));
  EXPECT_EQ(values.text("dataDir"), "/data");
  EXPECT_EQ(values.text("dataLogDir"), std::nullopt);
  EXPECT_EQ(values.int_or("initLimit", 7), 7);
  EXPECT_EQ(values.line("dataDir"), 3);
  EXPECT_EQ(values.line("initLimit"), 0);
}

TEST(ConfigValues, TheErrorNamesTheLine) {
  const auto values = read("# first\ntickTime=2s\n");
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error(),
            (ConfigError{"zoo.cfg", 2, "tickTime=2s", "a whole number of 32 bits"}));
}

TEST(ConfigValues, ANumberOf33BitsIsRefused) {
  EXPECT_TRUE(read("tickTime=2147483647"));
  EXPECT_FALSE(read("tickTime=2147483648"));
  EXPECT_TRUE(read("jvm.pause.sleep.time.ms=2147483648"));
}

// ZOOKEEPER-3721
TEST(ConfigValues, BooleansAreStrictFrom370On) {
  EXPECT_FALSE(read("syncEnabled=yes", Release{3, 7, 0}));
  const auto lax = read("syncEnabled=yes", Release{3, 6, 4});
  ASSERT_TRUE(lax);
  EXPECT_FALSE(lax->flag_or("syncEnabled", true));
  EXPECT_FALSE(read("standaloneEnabled=yes", Release{3, 5, 0}));
}

TEST(ConfigValues, AKeyOfANewerReleaseIsAPropertyAndNotChecked) {
  const auto values = read("observerMasterPort=abc", Release{3, 5, 10}).value();
  EXPECT_EQ(values.unread().at("observerMasterPort"), "abc");
  EXPECT_TRUE(values.warnings().empty());
}

TEST(ConfigValues, AnUnknownKeyIsAcceptedWithTheNearestKnownOneNamed) {
  const auto values = read("dataDir=/d\ntickTme=5\n").value();
  ASSERT_EQ(values.warnings().size(), 1U);
  EXPECT_EQ(to_string(values.warnings()[0]),
            "zoo.cfg:2: nothing reads 'tickTme' (it becomes the system property "
            "zookeeper.tickTme); the nearest known key is tickTime");
}

TEST(ConfigValues, APrefixThatZooKeeperAddsItselfIsSeenThrough) {
  const auto values = read("zookeeper.snapCount=5").value();
  ASSERT_EQ(values.warnings().size(), 1U);
  EXPECT_NE(values.warnings()[0].text.find("nearest known key is snapCount"), std::string::npos);
}

TEST(ConfigValues, MembersStandInOneFileOnly) {
  EXPECT_TRUE(read("server.1=a:1:2"));
  EXPECT_FALSE(read("server.1=a:1:2\ndynamicConfigFile=/d"));
  EXPECT_TRUE(read("server.1=a:1:2\ndynamicConfigFile=/d", Release{3, 4, 14}));
}

TEST(ConfigValues, AMetricsProviderThatJavaMayLackIsWarnedOf) {
  EXPECT_TRUE(read("metricsProvider.className=org.apache.zookeeper.metrics.impl."
                   "NullMetricsProvider")
                  ->warnings()
                  .empty());
  EXPECT_EQ(read("metricsProvider.className=org.example.Mine")->warnings().size(), 1U);
}

TEST(ConfigValues, OnlyTrueIsTrue) {
  EXPECT_TRUE(java_boolean("TrUe"));
  EXPECT_FALSE(java_boolean("true "));
  EXPECT_FALSE(java_boolean("yes"));
}

}  // namespace
}  // namespace zkprobe::peer
