#include "conformance/recognise.hpp"

#include <gtest/gtest.h>

#include "conformance/machine_endpoint.hpp"
#include "fake_endpoint.hpp"

namespace zkprobe::conformance {
namespace {

std::string release_of(Release release) {
  MachineEndpoint endpoint(
      Sid(1),
      *wire::parse_quorum_config("server.1=127.0.0.1:2881:3881:participant\n"
                                 "server.2=127.0.0.1:2882:3882:participant\nversion=0"),
      release);
  const auto found = recognise(endpoint, std::chrono::seconds(5));
  return found ? to_string(found->release) : found.error();
}

TEST(Recognise, TheFormOfAnAnswerAndTheGreetingsTakenTellTheRelease) {
  EXPECT_EQ(release_of({3, 3, 6}), "3.3.0-3.3");
  EXPECT_EQ(release_of({3, 4, 5}), "3.4.0-3.4.5");
  EXPECT_EQ(release_of({3, 4, 14}), "3.4.6-3.4");
  EXPECT_EQ(release_of({3, 5, 10}), "3.5.1-3.5");
  EXPECT_EQ(release_of({3, 9, 6}), "3.6.0-");
}

TEST(Recognise, AServerThatSaysNothingIsLeftWhenTheTimeIsOver) {
  FakeEndpoint mute;
  const Instant began = mute.now();
  const auto found = recognise(mute, std::chrono::milliseconds(500));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error(), "no answer");
  EXPECT_EQ(mute.now() - began, Duration(std::chrono::milliseconds(500)));
}

TEST(Recognise, WhoIsSlowWithAnotherGreetingIsNotTakenForAnOldRelease) {
  FakeEndpoint slow;  // it answers the first question alone
  wire::Notification vote;
  vote.config = "version=0";
  slow.say(wire::frame(wire::encode(vote, wire::NotificationForm::kConfig)));
  const auto found = recognise(slow, std::chrono::seconds(1));
  ASSERT_TRUE(found) << found.error();
  EXPECT_EQ(to_string(found->form), "3.5.0-");
  EXPECT_EQ(to_string(found->release), "3.5.0-");
}

TEST(Recognise, SrvrTellsItExactly) {
  EXPECT_EQ(release_in_srvr("Zookeeper version: 3.9.6-d3cd1c87, built on 2026-01-01\nLatency"),
            (Release{3, 9, 6}));
  EXPECT_EQ(release_in_srvr("Zookeeper version: 3.4.14-4c25d480e, built"), (Release{3, 4, 14}));
  EXPECT_EQ(release_in_srvr("This ZooKeeper instance is not currently serving requests"),
            std::nullopt);
  EXPECT_EQ(release_in_srvr("Zookeeper version: x"), std::nullopt);
}

}  // namespace
}  // namespace zkprobe::conformance
