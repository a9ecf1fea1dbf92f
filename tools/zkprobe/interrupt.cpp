#include "interrupt.hpp"

#include <csignal>

namespace zkprobe::tool {
namespace {

volatile std::sig_atomic_t came = 0;
void note(int) { came = 1; }

}  // namespace

void note_interrupts() {
  struct sigaction action {};
  action.sa_handler = note;  // without SA_RESTART, which std::signal sets
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() { return came != 0; }

}  // namespace zkprobe::tool
