// Our machine as an endpoint: links, and a time of its own.
#include "conformance/machine_endpoint.hpp"

#include <gtest/gtest.h>

namespace zkprobe::conformance {
namespace {

using What = Endpoint::Event::What;

MachineEndpoint make() {
  return MachineEndpoint(
      Sid(1), *wire::parse_quorum_config("server.1=127.0.0.1:2881:3881:participant\n"
                                         "server.2=127.0.0.1:2882:3882:participant\nversion=0"));
}

Bytes greeting(std::int64_t sid) {
  Writer writer;
  writer.i64(sid);
  return writer.take();
}

TEST(MachineEndpoint, ASilentLinkEndsAfterItsTimeAndNoTimePasses) {
  MachineEndpoint endpoint = make();
  const auto link = *endpoint.dial(Place(), {});
  EXPECT_EQ(endpoint.wait(link, std::chrono::seconds(4)).what, What::kNothing);
  EXPECT_EQ(endpoint.wait(link, std::chrono::seconds(4)).what, What::kClosed);
  EXPECT_EQ(endpoint.now(), Instant{std::chrono::seconds(5)});
}

TEST(MachineEndpoint, AMemberIsToldTheVoteAgainAndAgain) {
  MachineEndpoint endpoint = make();
  const auto link = *endpoint.dial(Place(), {});
  endpoint.write(link, greeting(2));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(endpoint.wait(link, std::chrono::seconds(10)).what, What::kBytes) << i;
  }
}

TEST(MachineEndpoint, ANewerLinkOfOneIdEndsTheOlder) {
  MachineEndpoint endpoint = make();
  const auto one = *endpoint.dial(Place(), {});
  endpoint.write(one, greeting(9));
  const auto two = *endpoint.dial(Place(), {});
  endpoint.write(two, greeting(9));
  EXPECT_EQ(endpoint.wait(one, {}).what, What::kClosed);
  EXPECT_EQ(endpoint.wait(two, {}).what, What::kNothing);
  endpoint.close(one);
  endpoint.close(two);
  EXPECT_EQ(endpoint.wait(two, {}).what, What::kClosed);
}

}  // namespace
}  // namespace zkprobe::conformance
