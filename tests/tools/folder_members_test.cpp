// What is read of an ensemble's folder before its members are touched; ending and starting them is
// tests/interop/learner_port_test.py's.
#include "folder_members.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace zkprobe::tool {
namespace {

namespace fs = std::filesystem;

TEST(FolderMembers, ALogsLastLinesAreToldWithoutStackFrames) {
  const fs::path path = fs::temp_directory_path() / "zkprobe-folder-members-test.log";
  std::ofstream(path) << "one\ntwo\n\n\tat a.b.C(C.java:1)\nthree\n";
  EXPECT_EQ(last_log_lines(path.string(), 2), (std::vector<std::string>{"two", "three"}));
  EXPECT_TRUE(last_log_lines(path.string() + ".none", 2).empty());
  fs::remove(path);
}

TEST(FolderMembers, AFolderWithoutAScriptIsLeftAlone) {
  EnsembleFolder folder;
  folder.dir = "/nowhere";
  EXPECT_EQ(FolderMembers::why_not(folder), "/nowhere names no script that starts its servers");
  folder.script = "/bin/true";
  EXPECT_EQ(FolderMembers::why_not(folder), "/nowhere: cannot be read");
  folder.script = "true";
  EXPECT_EQ(FolderMembers::why_not(folder), "true: expected a script's whole path");
}

TEST(FolderMembers, WhatOthersCanWriteIsNotRun) {
  const fs::path path = fs::temp_directory_path() / "zkprobe-folder-members-test";
  fs::create_directories(path);
  const std::string file = (path / "ensemble.json").string();
  std::ofstream(file) << "{}";
  EnsembleFolder folder;
  folder.dir = path.string();
  folder.script = "/bin/true";
  EXPECT_EQ(FolderMembers::why_not(folder), std::nullopt);
  for (const std::string& open : {folder.dir, file}) {
    fs::permissions(open, fs::perms::others_write, fs::perm_options::add);
    EXPECT_EQ(FolderMembers::why_not(folder), open + ": others may have written it");
    fs::permissions(open, fs::perms::others_write, fs::perm_options::remove);
  }
  fs::remove_all(path);
}

TEST(FolderMembers, ObserversAreNoVoters) {
  EnsembleFolder folder;
  for (const int sid : {3, 1, 2}) {
    FolderServer server;
    server.sid = Sid(sid);
    server.observer = sid == 2;
    folder.servers.push_back(server);
  }
  EXPECT_EQ(FolderMembers(folder).voters(), (std::vector<Sid>{Sid(1), Sid(3)}));
}

}  // namespace
}  // namespace zkprobe::tool
