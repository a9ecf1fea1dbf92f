// What the fixtures do not show: places of errors, warnings, properties, the seat.
#include "peer/config.hpp"

#include <gtest/gtest.h>

#include "peer/config_fixtures.hpp"

namespace zkprobe::peer {
namespace {

constexpr const char* kServers =
    "server.1=127.0.0.1:2881:3881\nserver.2=127.0.0.1:2882:3882\nserver.3=127.0.0.1:2883:3883\n";
constexpr const char* kBase = "dataDir=/data\nclientPort=2181\ninitLimit=10\nsyncLimit=5\n";

tl::expected<Config, ConfigError> read(const std::string& text, ReadSettings settings = {},
                                       const std::string& myid = "1\n") {
  test::MemoryFiles files;
  files.files["zoo.cfg"] = text;
  if (!myid.empty()) files.files["/data/myid"] = myid;
  return read_config("zoo.cfg", files, settings);
}

std::string error_of(const tl::expected<Config, ConfigError>& config) {
  return config ? "accepted" : to_string(config.error());
}

TEST(Config, AFileThatIsNotThereIsNamed) {
  test::MemoryFiles files;
  EXPECT_EQ(error_of(read_config("/etc/zoo.cfg", files, {})),
            "/etc/zoo.cfg: found no file that can be read, expected a file");
}

TEST(Config, ErrorsNameTheFileAndLineTheyAreIn) {
  EXPECT_EQ(error_of(read(std::string(kBase) + kServers, {}, "one\n")),
            "/data/myid:1: found 'one', expected a server id alone");
  EXPECT_EQ(error_of(read(std::string(kBase) + "tickTime=0\n" + kServers)),
            "zoo.cfg:5: found tickTime=0, expected milliseconds, not 0");
  EXPECT_EQ(error_of(read(std::string(kBase) + "a=\\u12\n" + kServers)).substr(0, 10),
            "zoo.cfg:5:");
}

TEST(Config, ASeatGivenByHandNeedsNoMyid) {
  ReadSettings settings;
  settings.self = Sid(3);
  const auto config = read(std::string(kBase) + kServers, settings, "");
  ASSERT_TRUE(config) << error_of(config);
  EXPECT_EQ(config->self, Sid(3));
  EXPECT_FALSE(why_no_seat(*config));
}

TEST(Config, PropertiesComeFromTheCommandLineAndTheFile) {
  ReadSettings settings;
  settings.system_properties = {{"cnxTimeout", "100"}, {"tcpKeepAlive", "true"}};
  const auto config =
      read(std::string(kBase) + "cnxTimeout=250\nsnapCount=x\n" + kServers, settings);
  ASSERT_TRUE(config) << error_of(config);
  EXPECT_EQ(config->number_property("cnxTimeout", 5000), 250);
  EXPECT_EQ(config->number_property("snapCount", 7), 7);
  EXPECT_EQ(config->number_property("electionPortBindRetry", 3), 3);
  EXPECT_TRUE(config->flag_property("tcpKeepAlive"));
  EXPECT_FALSE(config->flag_property("skipACL"));
}

// The trap of ZOOKEEPER-3720: the key alone changes the greeting, the property allows '|'.
TEST(Config, SeveralAddressesNeedTheSystemProperty) {
  const std::string text = std::string(kBase) +
                           "server.1=127.0.0.1:2881:3881|127.0.0.2:2881:3881\n"
                           "server.2=127.0.0.1:2882:3882\n";
  EXPECT_FALSE(read(text));
  ReadSettings settings;
  settings.system_properties["multiAddress.enabled"] = "true";
  const auto config = read(text, settings);
  ASSERT_TRUE(config) << error_of(config);
  EXPECT_TRUE(config->multi_address);
  EXPECT_EQ(config->members.find(Sid(1))->addresses.size(), 2U);
}

TEST(Config, WhetherAPeerIsThereIsAskedUnlessTheKeyOrThePropertySaysNo) {
  const auto checks = [](const std::string& line, const std::string& property = "") {
    ReadSettings settings;
    if (!property.empty()) {
      settings.system_properties["multiAddress.reachabilityCheckEnabled"] = property;
    }
    return read(std::string(kBase) + line + kServers, settings).value();
  };
  EXPECT_TRUE(checks("").reachability_check);
  EXPECT_EQ(checks("").reachability_timeout_ms, 1000);
  EXPECT_FALSE(checks("", "false").reachability_check);
  EXPECT_FALSE(checks("multiAddress.reachabilityCheckEnabled=false\n").reachability_check);
  EXPECT_TRUE(checks("multiAddress.reachabilityCheckEnabled=true\n", "false").reachability_check);
  EXPECT_EQ(checks("multiAddress.reachabilityCheckTimeoutMs=250\n").reachability_timeout_ms, 250);
}

TEST(Config, TicksAreTimes) {
  const auto config = read(std::string(kBase) + "tickTime=500\n" + kServers).value();
  EXPECT_EQ(config.ticks(config.sync_limit), std::chrono::milliseconds(2500));
}

TEST(Config, ReconfigWasAlwaysOnBefore353) {
  const std::string text = std::string(kBase) + kServers;
  const auto enabled = [&text](Release release) {
    ReadSettings settings;
    settings.release = release;
    return read(text, settings).value().reconfig_enabled;
  };
  EXPECT_FALSE(enabled(Release{3, 4, 14}));
  EXPECT_TRUE(enabled(Release{3, 5, 2}));
  EXPECT_FALSE(enabled(Release{3, 5, 3}));
}

TEST(Config, DifferencesThatJavaOnlyLogsAreWarnings) {
  const auto config =
      read(std::string(kBase) + "peerType=observer\nautopurge.snapRetainCount=1\n" + kServers);
  ASSERT_TRUE(config) << error_of(config);
  EXPECT_EQ(config->learner_type, wire::LearnerType::kParticipant);
  ASSERT_EQ(config->warnings.size(), 2U);
  EXPECT_EQ(config->warnings[0].line, 6);
  EXPECT_EQ(config->warnings[1].line, 5);
}

TEST(Config, AClientAddressThatOnlyALookUpCouldCompareIsWarnedOf) {
  const auto config =
      read(std::string(kBase) + "clientPortAddress=zk1.example\n" +
           "server.1=127.0.0.1:2881:3881;127.0.0.1:2181\n" + "server.2=127.0.0.1:2882:3882\n");
  ASSERT_TRUE(config) << error_of(config);
  EXPECT_EQ(config->warnings.size(), 1U);
  EXPECT_EQ(config->client, (wire::HostPort{"127.0.0.1", 2181}));
}

TEST(Config, WhatAServerFindsOutAtItsStartIsFoundOutToo) {
  const auto why = [](const std::string& text, const std::string& myid = "1\n") {
    const auto problem = why_no_seat(read(text, {}, myid).value());
    return problem ? to_string(*problem) : "";
  };
  EXPECT_EQ(why(std::string(kBase) + kServers), "");
  EXPECT_NE(why(std::string(kBase) + kServers, "9\n").find("server id 9"), std::string::npos);
  EXPECT_NE(why(kBase).find("standalone"), std::string::npos);
  EXPECT_NE(why(std::string(kBase) + "syncLimit=-5\n" + kServers).find("negative"),
            std::string::npos);
}

TEST(Config, VersionsStandInTheNameOfTheFile) {
  EXPECT_EQ(version_in_file_name("/a/zoo.cfg.dynamic.100000000"), ConfigVersion(0x100000000));
  EXPECT_EQ(version_in_file_name("/a/zoo.cfg.dynamic"), ConfigVersion(0));
  EXPECT_EQ(version_in_file_name("members"), ConfigVersion(0));
  EXPECT_EQ(version_in_file_name("zoo.cfg.dynamic."), ConfigVersion(0));
}

}  // namespace
}  // namespace zkprobe::peer
