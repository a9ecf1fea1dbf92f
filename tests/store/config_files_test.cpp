#include "store/config_files.hpp"

#include "store/directory_fixture.hpp"
#include "store/faulty_file_system.hpp"

namespace zkprobe::store {
namespace {

constexpr const char* kMembers =
    "server.1=a:2888:3888:participant;0.0.0.0:2181\nserver.2=b:2888:3888:participant";

class ConfigFiles : public DirectoryFixture {
 protected:
  void start(const std::string& zoo_cfg) {
    for (const std::string& name : names()) ASSERT_TRUE(disk.remove(path(name)));
    put("zoo.cfg", as_bytes(zoo_cfg));
  }
  std::string text(const std::string& name) { return to_text(get(name)); }
  static wire::QuorumConfig members(const std::string& version) {
    return *wire::parse_quorum_config(std::string(kMembers) + "\nversion=" + version);
  }
  Stored<void> in_force(FileSystem& files, const std::string& version, std::int64_t self = 2) {
    return keep_in_force(files, path("zoo.cfg"), members(version), Sid(self), true);
  }
  std::string zoo_cfg() const { return path("zoo.cfg"); }
};

TEST_F(ConfigFiles, AProposalStandsBesideWhatIsInForce) {
  start("tickTime=2000\n");
  ASSERT_TRUE(keep_proposed(disk, zoo_cfg(), members("100000007")));
  EXPECT_EQ(text("zoo.cfg.dynamic.next"), std::string(kMembers) + "\nversion=100000007");
  EXPECT_EQ(text("zoo.cfg"), "tickTime=2000\n");
  // An older one comes into force: the proposal stays.
  ASSERT_TRUE(keep_in_force(disk, zoo_cfg(), members("5"), Sid(2), false));
  EXPECT_TRUE(has("zoo.cfg.dynamic.next"));
  ASSERT_TRUE(in_force(disk, "100000007"));
  EXPECT_FALSE(has("zoo.cfg.dynamic.next"));
}

TEST_F(ConfigFiles, TheFirstOneLeavesABackupAndEachAFileOfItsOwn) {
  const std::string first = "# ours\ntickTime=2000\nclientPort=2181\nserver.1=a:1:2\n";
  start(first);
  ASSERT_TRUE(in_force(disk, "5"));
  EXPECT_EQ(text("zoo.cfg"),
            "tickTime=2000\nclientPort=2181\ndynamicConfigFile=" + zoo_cfg() + ".dynamic.5\n");
  EXPECT_EQ(text("zoo.cfg.dynamic.5"), kMembers);
  EXPECT_EQ(text("zoo.cfg.bak"), first);
  ASSERT_TRUE(in_force(disk, "6", 1));  // its members say where clients connect
  EXPECT_EQ(text("zoo.cfg"), "tickTime=2000\ndynamicConfigFile=" + zoo_cfg() + ".dynamic.6\n");
  EXPECT_EQ(text("zoo.cfg.bak"), first);
  EXPECT_EQ(names(), (std::vector<std::string>{"zoo.cfg", "zoo.cfg.bak", "zoo.cfg.dynamic.5",
                                               "zoo.cfg.dynamic.6"}));
}

TEST_F(ConfigFiles, AFailureAtAnyCallLeavesTheOldOrTheNewOne) {
  const std::string first = "tickTime=2000\nserver.1=a:1:2\n";
  for (std::size_t at = 1;; ++at) {
    start(first);
    FaultyFileSystem faulty;
    faulty.fail_at = at;
    const auto result = in_force(faulty, "5");
    if (text("zoo.cfg") != first) {
      EXPECT_EQ(text("zoo.cfg"), "tickTime=2000\ndynamicConfigFile=" + zoo_cfg() + ".dynamic.5\n");
      EXPECT_EQ(text("zoo.cfg.dynamic.5"), kMembers) << at;
      EXPECT_EQ(text("zoo.cfg.bak"), first) << at;
    }
    if (!result) continue;
    EXPECT_GE(at, 15u);
    return;
  }
}

TEST_F(ConfigFiles, AFileThatIsGoneOrMadeWrongMeanwhileIsLeftAlone) {
  EXPECT_FALSE(in_force(disk, "5"));
  EXPECT_EQ(names(), std::vector<std::string>{});
  start("a=\\u12\n");
  EXPECT_FALSE(in_force(disk, "5"));
  EXPECT_EQ(names(), std::vector<std::string>{"zoo.cfg"});
}

}  // namespace
}  // namespace zkprobe::store
