#include "context.hpp"

#include <gtest/gtest.h>

#include "support/fixtures.hpp"

namespace zkprobe::tool {
namespace {

TEST(ExitCodes, StandInTheReadmeAsInTheHelp) {
  const std::string readme = test::read_fixture("../README.md");
  for (const auto& [code, means] : kExitCodes) {
    const std::string row =
        "| " + std::to_string(static_cast<int>(code)) + " | " + std::string(means) + " |";
    EXPECT_NE(std::string::npos, readme.find(row)) << row;
    EXPECT_NE(std::string::npos, exit_codes_text().find(means));
  }
}

TEST(ExitCodes, AreOneLineEachInTheHelp) {
  EXPECT_NE(std::string::npos,
            exit_codes_text().find("\n  1   it was reached and does not hold\n"));
  EXPECT_NE(std::string::npos, exit_codes_text().find("\n  70  a defect in zkprobe"));
}

TEST(ExitCodes, OutputThatIsLostDoesNotHold) {
  EXPECT_EQ(with_output(ExitCode::kHolds, false), ExitCode::kHolds);
  EXPECT_EQ(with_output(ExitCode::kHolds, true), ExitCode::kDoesNotHold);
  EXPECT_EQ(with_output(ExitCode::kUnreachable, true), ExitCode::kUnreachable);
}

}  // namespace
}  // namespace zkprobe::tool
