// The answers of a real 3.9.6 server are the golden files (fixtures/monitor).
#include "peer/monitor_text.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "peer/config_fixtures.hpp"
#include "peer/monitor_metrics.hpp"
#include "wire/quorum_config.hpp"

namespace zkprobe::peer {
namespace {

std::string java(const std::string& name) { return test::read_fixture("monitor/" + name); }

// "zk_znode_count 11" of Java's answer to mntr, in its order.
std::vector<std::pair<std::string, std::string>> metrics(const std::string& text) {
  std::vector<std::pair<std::string, std::string>> made;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto tab = line.find('\t');
    if (line.find("_write_per_namespace") != std::string::npos) continue;  // as data is written
    made.emplace_back(line.substr(3, tab - 3), line.substr(tab + 1));
  }
  return made;
}

// What the server knew when it answered.
MonitorValues values_behind(const std::string& role) {
  std::map<std::string, std::string> known;
  for (const auto& [name, value] : metrics(java(role + ".mntr"))) known[name] = value;
  const auto number = [&known](const std::string& name) { return std::stoll(known.at(name)); };
  MonitorValues values;
  values.role = role == "observer" ? MonitorRole::kObserver : MonitorRole::kFollower;
  values.version = known.at("version");
  values.last_zxid = Zxid(0x1'0000'0008);
  values.observer_master = Sid(3);
  values.uptime = std::chrono::milliseconds(number("uptime"));
  values.nodes = number("znode_count");
  values.ephemerals = number("ephemerals_count");
  values.data_bytes = number("approximate_data_size");
  values.sessions = number("global_sessions");
  values.open_files = number("open_file_descriptor_count");
  values.max_files = number("max_file_descriptor_count");
  values.packets_received = number("packets_received");
  values.packets_sent = number("packets_sent");
  values.connections = number("num_alive_connections");
  values.snapshot_files_bytes = 1049250;
  values.log_files_bytes = 1049250;
  const std::string conf = java(role + ".conf");
  values.config = *wire::parse_quorum_config(conf.substr(conf.find("server.1=")));
  for (const std::string_view name : kCounters) {
    values.counters[std::string(name)] = number(std::string(name));
  }
  for (const std::string_view name : kSummaries) {
    const std::string of(name);
    values.summaries[of] = {number("min_" + of), number("max_" + of), number("cnt_" + of),
                            number("sum_" + of)};
  }
  return values;
}

MonitorSettings settings_behind(int sid, int port) {
  Config config;
  config.self = Sid(sid);
  config.client = wire::HostPort{"127.0.0.1", static_cast<std::uint16_t>(port)};
  config.data_dir = "/var/lib/zookeeper" + std::to_string(sid);
  config.data_log_dir = config.data_dir;
  config.tick_ms = 2000;
  config.min_session_timeout_ms = 4000;
  config.max_session_timeout_ms = 40000;
  config.init_limit = 10;
  config.sync_limit = 5;
  return monitor_settings(config, "/");
}

bool is_measured_by_clients(const std::string& name) {
  for (const std::string_view of : kPercentiles) {
    if (name.ends_with("_" + std::string(of))) return true;
  }
  return false;
}

TEST(MonitorText, SrvrIsJavas) {
  for (const std::string role : {"follower", "observer"}) {
    MonitorValues values = values_behind(role);
    values.packets_received -= 1;  // srvr was asked before mntr
    values.packets_sent -= 1;
    EXPECT_EQ(java(role + ".srvr"), monitor_answer("srvr", settings_behind(2, 21228), values));
  }
}

TEST(MonitorText, ConfIsJavas) {
  EXPECT_EQ(java("follower.conf"),
            monitor_answer("conf", settings_behind(2, 21228), values_behind("follower")));
  EXPECT_EQ(java("observer.conf"),
            monitor_answer("conf", settings_behind(4, 20778), values_behind("observer")));
}

TEST(MonitorText, MntrHasJavasLinesInJavasOrder) {
  for (const std::string role : {"follower", "observer"}) {
    const auto expected = metrics(java(role + ".mntr"));
    const auto found =
        metrics(monitor_answer("mntr", settings_behind(2, 21228), values_behind(role)));
    ASSERT_EQ(expected.size(), found.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_EQ(expected[i].first, found[i].first);
      if (is_measured_by_clients(expected[i].first)) continue;
      EXPECT_EQ(expected[i].second, found[i].second) << expected[i].first;
    }
  }
}

TEST(MonitorText, RuokAndIsroAreJavas) {
  for (const std::string word : {"ruok", "isro"}) {
    EXPECT_EQ(java("follower." + word), monitor_answer(word, {}, values_behind("follower")));
    EXPECT_EQ(java("looking." + word), monitor_answer(word, {}, {}));
  }
}

TEST(MonitorText, WhoDoesNotServeSaysSo) {
  for (const std::string word : {"srvr", "mntr", "conf"}) {
    EXPECT_EQ(java("looking." + word), monitor_answer(word, {}, {}));
  }
}

TEST(MonitorText, WhatNobodyFilledInIsZero) {
  MonitorValues values;
  values.role = MonitorRole::kFollower;
  for (const auto& [name, value] : metrics(monitor_answer("mntr", {}, values))) {
    if (name.starts_with("avg_")) {
      EXPECT_EQ("0.0", value) << name;
    } else if (name.starts_with("p99_") || name.starts_with("cnt_")) {
      EXPECT_EQ("0", value) << name;
    }
  }
  values.counters["no such thing"] = 1;
  EXPECT_EQ(std::string::npos, monitor_answer("mntr", {}, values).find("no such thing"));
}

TEST(MonitorText, AveragesHaveFourPlaces) {
  MonitorValues values;
  values.role = MonitorRole::kFollower;
  MonitorSummary& time = values.summaries["fsynctime"];
  for (const int ms : {7, 2, 2}) time.add(ms);
  const std::string text = monitor_answer("mntr", {}, values);
  EXPECT_NE(std::string::npos,
            text.find("zk_avg_fsynctime\t3.6667\nzk_min_fsynctime\t2\nzk_max_fsynctime\t7\n"
                      "zk_cnt_fsynctime\t3\nzk_sum_fsynctime\t11\n"));
}

TEST(MonitorText, SeveralAddressesShowEachPortOnce) {
  MonitorSettings settings;
  settings.self = Sid(1);
  MonitorValues values;
  values.role = MonitorRole::kFollower;
  values.config = *wire::parse_quorum_config(
      "server.1=127.0.0.1:2001:3001|127.0.0.2:2001:3002:observer\n"
      "server.2=127.0.0.1:2002:3003:participant\nversion=5");
  const std::string text = monitor_answer("conf", settings, values);
  EXPECT_NE(std::string::npos, text.find("\nelectionPort=3001|3002\nquorumPort=2001\npeerType=1\n"))
      << text;
  // Not named any more: the ports of the file, and the type that it gave.
  settings.members = std::exchange(values.config, {});
  settings.learner_type = wire::LearnerType::kParticipant;
  const std::string gone = monitor_answer("conf", settings, values);
  EXPECT_NE(std::string::npos,
            gone.find("\nelectionPort=3001|3002\nquorumPort=2001\npeerType=0\nmembership: \n"))
      << gone;
}

TEST(MonitorText, FoldersAreAbsolute) {
  Config config;
  config.data_dir = "data";
  config.data_log_dir = "/log";
  const MonitorSettings settings = monitor_settings(config, "/srv/zk");
  EXPECT_EQ("/srv/zk/data/version-2", settings.data_dir);
  EXPECT_EQ("/log/version-2", settings.data_log_dir);
}

std::string answered(const SystemProperties& properties, const std::string& word) {
  MonitorSettings settings;
  settings.words = MonitorWords(properties);
  return monitor_answer(word, settings, {});
}

TEST(MonitorWords, WithoutAWhitelistTheFiveAreAnswered) {
  EXPECT_EQ("imok", answered({}, "ruok"));
  EXPECT_EQ("stat is not executed because it is not in the whitelist.\n", answered({}, "stat"));
}

TEST(MonitorWords, AWhitelistIsReadAsJavaReadsIt) {
  const SystemProperties two{{"4lw.commands.whitelist", " ruok , mntr,,"}};
  EXPECT_EQ("imok", answered(two, "ruok"));
  EXPECT_EQ("isro is not executed because it is not in the whitelist.\n", answered(two, "isro"));
  EXPECT_EQ(java("looking.srvr"), answered(two, "srvr"));  // always
  EXPECT_EQ("null",
            answered({{"4lw.commands.whitelist", ""}, {"readonlymode.enabled", "true"}}, "isro"));
  EXPECT_EQ("null", answered({{"4lw.commands.whitelist", "ruok, *"}}, "isro"));
}

TEST(MonitorWords, WhatNobodyAnswersIsSaid) {
  EXPECT_EQ("dump is not executed because zkprobe does not know it.\n",
            answered({{"4lw.commands.whitelist", "*"}}, "dump"));
}

TEST(MonitorWords, OthersAreNoWords) {
  EXPECT_TRUE(is_four_letter_word("wchs"));
  for (const std::string_view other : {"GET ", "Ruok", "ruo", "", "srvr\n"}) {
    EXPECT_FALSE(is_four_letter_word(other)) << other;
  }
}

}  // namespace
}  // namespace zkprobe::peer
