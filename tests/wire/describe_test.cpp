#include "wire/describe.hpp"

#include <gtest/gtest.h>

namespace zkprobe::wire {
namespace {

TEST(Describe, AGreeting) {
  InitialMessage message{GreetingForm::kV1, Sid(3), {{"127.0.0.1", 3888}}};
  EXPECT_EQ(describe(message), "greeting V1 sid=3 addresses=127.0.0.1:3888");
  message = {GreetingForm::kV2, Sid(3), {{"a", 1}, {"::1", 2}}};
  EXPECT_EQ(describe(message), "greeting V2 sid=3 addresses=a:1|[::1]:2");
  message = {GreetingForm::kBareSid, Sid(-65536), {}};
  EXPECT_EQ(describe(message), "greeting bare sid=-65536");
  message = {GreetingForm::kV1, Sid(3), {{"a\x1b[2J\n", 1}}};
  EXPECT_EQ(describe(message), "greeting V1 sid=3 addresses=a\\x1b[2J\\x0a:1");
}

TEST(Describe, ANotification) {
  Notification n{ServerState::kLooking, Sid(3), Zxid(-1),           ElectionRound(1),
                 PeerEpoch::min(),      2,      "version=100000000"};
  EXPECT_EQ(describe(n),
            "notification LOOKING leader=3 zxid=0xffffffffffffffff round=0x1 "
            "peerEpoch=0x8000000000000000 version=2 config=0x100000000");
  n.config = "";
  EXPECT_TRUE(describe(n).ends_with(" version=2 config=empty"));
  n.config = "version=x";
  EXPECT_TRUE(describe(n).ends_with(" version=2 config=unreadable"));
  n.config.reset();
  EXPECT_TRUE(describe(n).ends_with(" version=2"));
}

TEST(Describe, AConfiguration) {
  auto config = parse_quorum_config("server.2=a:1:2\nserver.1=b:1:2\nversion=5").value();
  EXPECT_EQ(describe(config), "2 participants (1 2), majority, version 0x5");
  config.oracle = true;
  EXPECT_EQ(describe(config), "2 participants (1 2), oracle, version 0x5");
  config =
      parse_quorum_config("server.1=a:1:2\nserver.4=b:1:2:observer\ngroup.1=1\nweight.1=2").value();
  EXPECT_EQ(describe(config),
            "1 participant (1), 1 observer (4), hierarchical (1: 1), weights (1=2), version 0x0");
  EXPECT_EQ(describe(QuorumConfig{}), "0 participants, majority, version 0x0");
}

}  // namespace
}  // namespace zkprobe::wire
