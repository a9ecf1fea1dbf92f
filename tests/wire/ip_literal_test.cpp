// Expected values are those of java.net.InetAddress and InetSocketAddress.getHostString, Java 17.
#include "wire/ip_literal.hpp"

#include <gtest/gtest.h>

namespace zkprobe::wire {
namespace {

TEST(HostText, WritesLiteralsAsJavaDoes) {
  EXPECT_EQ(java_host_text("::1"), "0:0:0:0:0:0:0:1");
  EXPECT_EQ(java_host_text("FE80::a"), "fe80:0:0:0:0:0:0:a");
  EXPECT_EQ(java_host_text("1:2:3:4:5:6:7::"), "1:2:3:4:5:6:7:0");
  EXPECT_EQ(java_host_text("::2:3:4:5:6:7:8"), "0:2:3:4:5:6:7:8");
  EXPECT_EQ(java_host_text("1:2:3:4:5:6:1.2.3.4"), "1:2:3:4:5:6:102:304");
  EXPECT_EQ(java_host_text("::ffff:1.2.3.4"), "1.2.3.4");
  EXPECT_EQ(java_host_text("127.1"), "127.0.0.1");
  EXPECT_EQ(java_host_text("1.2.3"), "1.2.0.3");
  EXPECT_EQ(java_host_text("1.2.65535"), "1.2.255.255");
  EXPECT_EQ(java_host_text("1.16777215"), "1.255.255.255");
  EXPECT_EQ(java_host_text("4294967295"), "255.255.255.255");
  EXPECT_EQ(java_host_text(""), "localhost");
}

TEST(HostText, LeavesNamesAndWhatIsNoLiteralAlone) {
  for (const char* host :
       {"localhost", "zk-1.example.org", "256.1.1.1", "1.16777216", "1..2", "1.2.3.4.5", "::1.2",
        "1::2::3", "12345::1", ":::1", "::1:", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
        "1.2.3.4::", "::+1", "::-1", "fe80::1%eth0", "0:1:2:3:4:5:6:7::"}) {
    EXPECT_EQ(java_host_text(host), host);
  }
}

TEST(AnyLocal, KnowsEverySpelling) {
  for (const char* host : {"0.0.0.0", "0", "0.0", "0.0.0", "00.0.0.0", "::", "0:0:0:0:0:0:0:0",
                           "0000:0::", "::0", "0::0", "::0.0.0.0", "::ffff:0.0.0.0"}) {
    EXPECT_TRUE(is_any_local(host)) << host;
  }
  for (const char* host : {"127.0.0.1", "0.0.0.1", "::1", "1::", "localhost", "", ":", "0:0"}) {
    EXPECT_FALSE(is_any_local(host)) << host;
  }
}

}  // namespace
}  // namespace zkprobe::wire
