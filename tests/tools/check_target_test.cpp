// Which server of a folder an address means, and which release is believed.
#include "check_target.hpp"

#include <gtest/gtest.h>

namespace zkprobe::tool {
namespace {

EnsembleFolder folder() {
  EnsembleFolder all;
  for (std::uint16_t sid = 1; sid <= 2; ++sid) {
    FolderServer server;
    server.sid = Sid(sid);
    server.addresses = {{"127.0.0.1", static_cast<std::uint16_t>(3880 + sid)},
                        {"127.0.0.1", static_cast<std::uint16_t>(2880 + sid)}};
    all.servers.push_back(server);
  }
  return all;
}

TEST(CheckTarget, AServerOfTheFolderIsFoundUnderAnySpelling) {
  const EnsembleFolder all = folder();
  EXPECT_EQ(recorded_at(all, {"127.0.0.1", 3882}, "")->sid, Sid(2));
  EXPECT_EQ(recorded_at(all, {"localhost", 3882}, "127.0.0.1")->sid, Sid(2));
  EXPECT_EQ(as_recorded(all, {"localhost", 3882}, "127.0.0.1"), all.servers[1].addresses[0]);
}

TEST(CheckTarget, AServerOfAnotherMachineIsNoneOfTheFolder) {
  const wire::HostPort there{"zk2.example", 3882};
  EXPECT_EQ(recorded_at(folder(), there, "10.0.0.2"), nullptr);
  EXPECT_EQ(as_recorded(folder(), there, "10.0.0.2"), there);
  EXPECT_EQ(recorded_at(folder(), {"localhost", 3889}, "127.0.0.1"), nullptr);
}

TEST(CheckTarget, TheFormOfAnAnswerCountsMoreThanWhatIsNamed) {
  conformance::Recognised found;
  found.form = *conformance::parse_range("3.5-");
  EXPECT_EQ(contradiction(found, *conformance::parse_range("3.9.6"), "--release"), std::nullopt);
  EXPECT_EQ(contradiction(found, *conformance::parse_range("3.4.14"), "--release"),
            "--release tells release 3.4.14, but its answer has the form of 3.5.0-: that counts");
}

}  // namespace
}  // namespace zkprobe::tool
