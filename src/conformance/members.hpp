// The ensemble around the server under test, where its processes may be touched: what scenarios of
// class destructive do to members.
#pragma once

#include <set>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "base/ids.hpp"

namespace zkprobe::conformance {

enum class Deed {
  kKill,     // at once, and it is over
  kStart,    // until its election port accepts connections
  kSilence,  // it keeps its sockets, the kernel accepts, and it does nothing (SIGSTOP)
  kWake      // it goes on after kSilence
};

class Members {
 public:
  virtual ~Members() = default;

  // In order of id.
  virtual std::vector<Sid> voters() const = 0;
  // An error is one line.
  virtual tl::expected<void, std::string> act(Sid member, Deed deed) = 0;
  // All run that can; nothing is waited for.
  virtual tl::expected<void, std::string> run_all() = 0;
  // This one alone runs, as new as on its first day.
  virtual tl::expected<void, std::string> run_alone(Sid member) = 0;
};

}  // namespace zkprobe::conformance
