// A server is found however its address is spelled, and no other is taken for it.
#include "known_address.hpp"

#include <gtest/gtest.h>

namespace zkprobe::tool {
namespace {

std::string found(const std::vector<wire::HostPort>& known, const wire::HostPort& address,
                  const std::string& reached) {
  const auto one = known_address(known, address, reached);
  return one ? wire::to_string(*one) : "none";
}

TEST(KnownAddress, TheSameHostInOtherWordsIsTheSame) {
  const std::vector<wire::HostPort> all = {{"127.0.0.1", 3888}, {"127.0.0.2", 3888}};
  EXPECT_EQ(found(all, {"127.0.0.2", 3888}, ""), "127.0.0.2:3888");
  EXPECT_EQ(found(all, {"localhost", 3888}, "127.0.0.1"), "127.0.0.1:3888");
  EXPECT_EQ(found(all, {"localhost", 3888}, ""), "none") << "either may be meant";
  EXPECT_EQ(found(all, {"127.0.0.1", 3889}, "127.0.0.1"), "none");
  const std::vector<wire::HostPort> java = {{"0:0:0:0:0:0:0:1", 3888}, {"127.0.0.1", 3888}};
  EXPECT_EQ(found(java, {"::1", 3888}, "::1"), wire::to_string(java[0]));
}

TEST(KnownAddress, APortThatOnlyOneHasIsEnough) {
  const std::vector<wire::HostPort> all = {{"zk1.example", 3881}, {"zk2.example", 3882}};
  EXPECT_EQ(found(all, {"10.0.0.2", 3882}, "10.0.0.2"), "zk2.example:3882");
  EXPECT_EQ(found({}, {"10.0.0.2", 3882}, ""), "none");
}

}  // namespace
}  // namespace zkprobe::tool
