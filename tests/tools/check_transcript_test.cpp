// The records of a transcript, of our election machine in this process.
#include "check_transcript.hpp"

#include <gtest/gtest.h>

#include "conformance/machine_endpoint.hpp"

namespace zkprobe::tool {
namespace {

using conformance::MachineEndpoint;
using conformance::Recorder;

constexpr const char* kThree =
    "server.1=127.0.0.1:2881:3881:participant\nserver.2=127.0.0.1:2882:3882:participant\n"
    "server.3=127.0.0.1:2883:3883:participant\nversion=0";

std::vector<Json> played(const std::string& text) {
  MachineEndpoint machine(Sid(1), *wire::parse_quorum_config(kThree));
  Recorder recorder(machine);
  Checked one;
  one.address = "127.0.0.1:3881";
  one.release = "3.9.6";
  one.scenario = *conformance::parse_scenario("s", "title t\nclass safe\n" + text);
  conformance::Target target;
  target.release = {kNewestRelease, kNewestRelease};
  target.sid = Sid(1);
  one.result = conformance::Runner(recorder, target).run(one.scenario);
  std::vector<Json> records;
  const std::string lines = transcript_of(one, recorder);
  for (std::size_t begin = 0; begin < lines.size();) {
    const std::size_t end = lines.find('\n', begin);
    records.push_back(Json::parse(lines.substr(begin, end - begin)));
    begin = end + 1;
  }
  return records;
}

TEST(CheckTranscript, EveryMessageInOrderAndWhatMayVaryApart) {
  const auto records = played(
      "a dial\na greet v1 id=2\na vote LOOKING leader=2 zxid=5 round=1 epoch=3\n"
      "a expect vote leader=2 within=5s\n");
  ASSERT_GE(records.size(), 6U);
  EXPECT_EQ(records[0]["record"], "scenario");
  EXPECT_EQ(records[0]["result"], "pass");
  EXPECT_EQ(records[0]["messages"], records.size() - 1);
  const auto head = [](const Json& one) {
    return one["peer"].get<std::string>() + " " + one["from"].get<std::string>() + " " +
           one["kind"].get<std::string>();
  };
  EXPECT_EQ(head(records[1]), "a peer open");
  EXPECT_EQ(head(records[2]), "a peer initial");
  EXPECT_EQ(records[2]["fields"]["sid"], 2);
  EXPECT_FALSE(records[2]["fields"].contains("addresses"));
  EXPECT_EQ(records[2]["varies"]["addresses"][0], "127.0.0.1:1");
  EXPECT_EQ(head(records[3]), "a peer notification");
  const Json& answer = records[records.size() - 2];
  EXPECT_EQ(head(answer), "a server notification");
  EXPECT_EQ(answer["fields"]["leader"], 2);
  EXPECT_EQ(answer["fields"]["config"], without_ports(kThree));
  EXPECT_EQ(answer["varies"]["config"], kThree);
  EXPECT_TRUE(answer["varies"]["ms"].is_number());
  EXPECT_EQ(head(records.back()), "a peer close");
}

TEST(CheckTranscript, BytesThatNobodyWritesAndTheEndOfALink) {
  const auto records = played("a dial\na greet -65530\na expect closed\nserver expect answer\n");
  ASSERT_GE(records.size(), 5U);
  EXPECT_EQ(records[2]["kind"], "malformed");
  EXPECT_EQ(records[3]["from"], "server");
  EXPECT_EQ(records[3]["kind"], "close");
  EXPECT_FALSE(records[3].contains("asks"));
  EXPECT_EQ(records[4]["peer"], "server");
  EXPECT_EQ(records[4]["asks"], true);
}

TEST(CheckTranscript, PortsOfAConfigurationAreSetAside) {
  EXPECT_EQ(without_ports("server.1=h:2888:3888:participant;0.0.0.0:2181\nversion=1f"),
            "server.1=h:PORT:PORT:participant;0.0.0.0:PORT\nversion=1f");
  EXPECT_EQ(without_ports(""), "");
}

}  // namespace
}  // namespace zkprobe::tool
