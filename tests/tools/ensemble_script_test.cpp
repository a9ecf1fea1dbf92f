#include "ensemble_script.hpp"

#include <gtest/gtest.h>

namespace zkprobe::tool {
namespace {

using Kind = Command::Kind;

Command parsed(const std::string& line) {
  const auto command = parse_command(line);
  return command && *command ? **command : Command{};
}

std::string error_of(const std::string& line) {
  const auto command = parse_command(line);
  return command ? "accepted" : command.error();
}

TEST(EnsembleScript, EveryCommandIsRead) {
  EXPECT_EQ(parsed("wait elected").kind, Kind::kWaitElected);
  EXPECT_EQ(parsed("wait 2s").kind, Kind::kWait);
  EXPECT_EQ(parsed("wait 2s").time, std::chrono::seconds(2));
  EXPECT_EQ(parsed("kill 3"), (Command{Kind::kKill, Sid(3), Duration(0), std::nullopt}));
  EXPECT_EQ(parsed("kill leader"), (Command{Kind::kKill, std::nullopt, Duration(0), std::nullopt}));
  EXPECT_EQ(parsed("start 3").kind, Kind::kStart);
  EXPECT_EQ(parsed("print").kind, Kind::kStatus);
  EXPECT_EQ(parsed("  quit  # at last").kind, Kind::kQuit);
}

TEST(EnsembleScript, AnyCommandMayWaitForItsTime) {
  const Command command = parsed("at 500ms kill 1");
  EXPECT_EQ(command.kind, Kind::kKill);
  EXPECT_EQ(command.earliest, std::chrono::milliseconds(500));
}

TEST(EnsembleScript, EmptyLinesAndCommentsAreNoCommands) {
  EXPECT_FALSE(parse_command("").value());
  EXPECT_FALSE(parse_command("   # kill 3").value());
}

TEST(EnsembleScript, WhatIsNoCommandSaysWhatIsOne) {
  EXPECT_EQ(error_of("start leader"), "expected a server's id, found 'leader'");
  EXPECT_EQ(
      error_of("wait for it"),
      "expected wait elected, wait TIME, kill ID|leader, start ID, at TIME COMMAND, status or "
      "quit, found 'wait for it'");
  EXPECT_EQ(error_of("at noon quit"), "expected a time such as 500ms or 2s, found 'noon'");
  EXPECT_NE(error_of("at 2s"), "accepted");
  EXPECT_NE(error_of("kill"), "accepted");
}

TEST(EnsembleScript, AScriptNamesTheLine) {
  const auto commands = parse_script("s.txt", "wait elected\n\nkill leader\n");
  ASSERT_TRUE(commands);
  EXPECT_EQ(commands->size(), 2U);
  const auto wrong = parse_script("s.txt", "wait elected\n\nkil leader\n");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().substr(0, 9), "s.txt:3: ");
  const auto empty = parse_script("s.txt", "# nothing\n\n");
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().substr(0, 45), "s.txt: no command in it, expected one of wait");
}

}  // namespace
}  // namespace zkprobe::tool
