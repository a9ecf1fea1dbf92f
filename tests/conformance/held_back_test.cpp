// What crashes or alters Java servers of the newest release is played against our own machine
// alone: it must neither end nor change. None of this stands in a file, or in a check that a user
// can run.
#include <gtest/gtest.h>

#include "conformance/machine_endpoint.hpp"
#include "conformance/question.hpp"
#include "conformance/runner.hpp"
#include "wire/framer.hpp"

namespace zkprobe::conformance {
namespace {

constexpr const char* kThree =
    "server.1=127.0.0.1:2881:3881:participant\nserver.2=127.0.0.1:2882:3882:participant\n"
    "server.3=127.0.0.1:2883:3883:participant\nversion=0";

Target ours() {
  Target target;
  target.release = {kNewestRelease, kNewestRelease};
  target.sid = Sid(1);
  target.ours = true;
  return target;
}

// The harmless vote, with this configuration text.
std::string frame_with(const std::string& config) {
  wire::Notification vote = question();
  vote.config = config;
  const Bytes payload = wire::encode(vote, wire::NotificationForm::kConfig);
  return std::to_string(payload.size()) + " " + hex_encode(payload);
}

void expect_unharmed(const std::string& story, MachineEndpoint& endpoint) {
  const auto scenario = parse_scenario("s", "title t\nclass safe\n" + story);
  ASSERT_TRUE(scenario) << scenario.error();
  const Result result = Runner(endpoint, ours()).run(*scenario);
  EXPECT_EQ(result.verdict, Verdict::kPass) << result.line << ": " << result.observed;
  const auto answer = ask_once(endpoint, Place(), std::chrono::seconds(5));
  ASSERT_TRUE(answer) << answer.error();
  ASSERT_TRUE(answer->vote.config);
  EXPECT_EQ(*answer->vote.config, kThree) << "nobody changed its membership";
}

TEST(HeldBack, AMembershipFromAVoteIsNotTakenOver) {
  const std::string altered = std::string(kThree).substr(0, std::string(kThree).rfind('\n')) +
                              "\nserver.9=127.0.0.1:2889:3889:participant\nversion=100";
  MachineEndpoint endpoint(Sid(1), *wire::parse_quorum_config(kThree));
  expect_unharmed("a dial\na greet v1 id=stranger\na frame " + frame_with(altered) +
                      "\na expect open for=2s\nserver expect answer state=LOOKING leader=1\n",
                  endpoint);
}

TEST(HeldBack, ConfigurationTextsThatEndAReceiverDoNotEndOurs) {
  const std::string texts[] = {
      "version=zz",
      "server.x=127.0.0.1:2881:3881:participant\nversion=1",
      "server.1=127.0.0.1:2881:3881:participant\\u00zz\nversion=1",
      "server.1=127.0.0.1:2881:3881:observer\nversion=1",
      "server.1=127.0.0.1:99999:3881:participant\nversion=1",
      "group.1=1:x\nweight.1=y\nversion=1",
      std::string(4096, '\\'),
      std::string(64, '\0'),
  };
  for (const std::string& text : texts) {
    SCOPED_TRACE(text.substr(0, 40));
    MachineEndpoint endpoint(Sid(1), *wire::parse_quorum_config(kThree));
    expect_unharmed("a dial\na greet v1 id=stranger\na frame " + frame_with(text) +
                        "\na expect open for=1s\na vote\na expect vote within=4s\n",
                    endpoint);
  }
}

TEST(HeldBack, APortThatIsNoneInAGreetingEndsThatLinkAlone) {
  for (const char* port : {"65536", "99999", "2147483648", "-1"}) {
    SCOPED_TRACE(port);
    MachineEndpoint endpoint(Sid(1), *wire::parse_quorum_config(kThree));
    expect_unharmed("a dial\na greet v1 id=low address=127.0.0.1:" + std::string(port) +
                        "\na expect closed within=3s\nserver expect answer state=LOOKING\n",
                    endpoint);
  }
}

}  // namespace
}  // namespace zkprobe::conformance
