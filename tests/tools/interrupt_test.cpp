#include "interrupt.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace zkprobe::tool {
namespace {

TEST(Interrupt, IsNotedAndEndsAReadThatWaits) {
  EXPECT_FALSE(interrupted());
  note_interrupts();
  for (const int signal : {SIGINT, SIGTERM}) {
    struct sigaction action {};
    ASSERT_EQ(sigaction(signal, nullptr, &action), 0);
    EXPECT_EQ(action.sa_flags & SA_RESTART, 0) << signal;
  }
  std::raise(SIGTERM);
  EXPECT_TRUE(interrupted());
}

}  // namespace
}  // namespace zkprobe::tool
