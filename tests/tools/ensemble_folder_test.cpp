// Which ensembles may be hurt: only those whose folder records the very processes that listen.
#include "ensemble_folder.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "net/asio.hpp"

namespace zkprobe::tool {
namespace {

namespace asio = net::asio;
using asio::ip::tcp;

class Folder : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "zkprobe-folder-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    dir_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  void write(const std::string& text) { std::ofstream(dir_ + "/ensemble.json") << text; }

  // Server 1 listens here; server 2 is ourselves.
  EnsembleFolder folder(std::int64_t pid, std::int64_t started) {
    EnsembleFolder made{dir_, {}};
    made.servers.push_back({Sid(1), pid, started, {{"127.0.0.1", port()}, {"127.0.0.1", 1}}, {}});
    made.servers.push_back(
        {Sid(2), std::nullopt, std::nullopt, {{"127.0.0.1", 2}, {"127.0.0.1", 3}}, {}});
    return made;
  }
  wire::QuorumConfig members(const std::string& host = "127.0.0.1") {
    wire::QuorumConfig config;
    config.servers.push_back({Sid(1), {{host, 1, port()}}, {}, {}, {}});
    config.servers.push_back({Sid(2), {{"127.0.0.1", 3, 2}}, {}, {}, {}});
    return config;
  }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  std::string dir_;
  asio::io_context io_;
  tcp::acceptor acceptor_{io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
};

TEST_F(Folder, WhatWasWrittenIsRead) {
  const auto start = process_start(getpid()).value();
  EnsembleFolder made = folder(getpid(), start);
  made.servers[0].client = "127.0.0.1:2181";
  ASSERT_TRUE(write_ensemble_folder(made));
  const auto read = read_ensemble_folder(dir_);
  ASSERT_TRUE(read) << read.error();
  ASSERT_EQ(read->servers.size(), 2U);
  EXPECT_EQ(read->servers[0].pid, getpid());
  EXPECT_EQ(read->servers[0].started, start);
  EXPECT_EQ(read->servers[0].addresses, made.servers[0].addresses);
  EXPECT_FALSE(read->servers[1].pid);
  remove_ensemble_file(dir_);
  EXPECT_FALSE(read_ensemble_folder(dir_));
}

TEST_F(Folder, WhatOtherToolsWroteIsRefused) {
  EXPECT_FALSE(read_ensemble_folder(dir_));
  for (const char* text :
       {"", "{", "[]", R"({"tool":"other","servers":[]})", R"({"tool":"zk-ensemble"})",
        R"({"tool":"zk-ensemble","servers":[{"sid":"1"}]})",
        R"({"tool":"zk-ensemble","servers":[{"sid":1,"pid":null,)"
        R"("pid_start":null,"election":"nowhere","quorum":"a:1"}]})"}) {
    write(text);
    EXPECT_FALSE(read_ensemble_folder(dir_)) << text;
  }
}

TEST_F(Folder, TheRecordedProcessMayBeListening) {
  EXPECT_EQ(why_not_ours(folder(getpid(), process_start(getpid()).value()), members(), Sid(2)),
            std::nullopt);
}

TEST_F(Folder, NobodyMayBeListening) {
  acceptor_.close();
  asio::io_context io;
  tcp::acceptor free(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  const std::uint16_t port = free.local_endpoint().port();
  free.close();
  EnsembleFolder made{dir_, {{Sid(1), 1, 1, {{"127.0.0.1", port}, {"127.0.0.1", 1}}, {}}}};
  wire::QuorumConfig config;
  config.servers.push_back({Sid(1), {{"127.0.0.1", 1, port}}, {}, {}, {}});
  EXPECT_EQ(why_not_ours(made, config, Sid(2)), std::nullopt);
}

TEST_F(Folder, AnotherProcessMustNotBeListening) {
  // Process 1 is there, but does not hold the listener; or it is another one of that id.
  const auto start = process_start(getpid()).value();
  for (const auto& made : {folder(1, process_start(1).value_or(0)), folder(getpid(), start + 1)}) {
    const auto why = why_not_ours(made, members(), Sid(2));
    ASSERT_TRUE(why);
    EXPECT_NE(why->find("does not belong to the process"), std::string::npos) << *why;
  }
}

TEST_F(Folder, AWildcardListenerCountsForLoopback) {
  tcp::acceptor wide(io_, tcp::endpoint(tcp::v6(), 0));
  EnsembleFolder made{
      dir_, {{Sid(1), 1, 1, {{"127.0.0.1", wide.local_endpoint().port()}, {"127.0.0.1", 1}}, {}}}};
  wire::QuorumConfig config;
  config.servers.push_back({Sid(1), {{"127.0.0.1", 1, wide.local_endpoint().port()}}, {}, {}, {}});
  EXPECT_TRUE(why_not_ours(made, config, Sid(2)));
}

TEST_F(Folder, OtherAddressesAreNotOurs) {
  const EnsembleFolder made = folder(getpid(), process_start(getpid()).value());
  EXPECT_NE(why_not_ours(made, members("10.0.0.1"), Sid(2))->find("not a loopback address"),
            std::string::npos);
  EXPECT_NE(why_not_ours(made, members("zk1"), Sid(2))->find("not a loopback address"),
            std::string::npos);
  EXPECT_NE(why_not_ours(made, members("127.0.0.2"), Sid(2))->find("does not record"),
            std::string::npos);
}

TEST(ProcessStart, IsKnownOfLiveProcessesAlone) {
  EXPECT_TRUE(process_start(getpid()));
  EXPECT_FALSE(process_start(-1));
}

TEST_F(Folder, AnAddressIsThatOfTheServerWhoseProcessListens) {
  const EnsembleFolder ours = folder(getpid(), process_start(getpid()).value());
  EXPECT_EQ(server_at(ours, {"127.0.0.1", port()}), Sid(1));
  const auto unknown = server_at(ours, {"127.0.0.1", 9});
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().find("does not record 127.0.0.1:9"), std::string::npos);
  const auto far = server_at(ours, {"10.0.0.1", port()});
  ASSERT_FALSE(far);
  EXPECT_EQ(far.error(), "10.0.0.1:" + std::to_string(port()) + " is not a loopback address");
  EXPECT_FALSE(server_at(folder(1, 1), {"127.0.0.1", port()}));
}

}  // namespace
}  // namespace zkprobe::tool
