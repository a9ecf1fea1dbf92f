#include "analysis/election.hpp"

#include <gtest/gtest.h>

namespace zkprobe::analysis {
namespace {

TEST(Election, FindsTheTaleOfAServer) {
  Election election;
  election.tales.resize(2);
  election.tales[0].sid = Sid(1);
  election.tales[1].sid = Sid(7);
  ASSERT_NE(election.find(Sid(7)), nullptr);
  EXPECT_EQ(election.find(Sid(7)), &election.tales[1]);
  EXPECT_EQ(election.find(Sid(2)), nullptr);
  EXPECT_EQ(to_string(PhaseKind::kDrain), "drain");
}

}  // namespace
}  // namespace zkprobe::analysis
