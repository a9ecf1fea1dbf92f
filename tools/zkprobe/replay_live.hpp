// zkprobe replay FILE --target ADDRESS --as SID: one captured peer against a live server.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "analysis/replay_tape.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "context.hpp"
#include "wire/initial_message.hpp"

namespace zkprobe::tool {

struct ReplayLiveOptions {
  wire::HostPort target;
  Sid as;
  std::optional<Sid> peer;         // of the capture; nothing: `as`
  std::optional<Sid> counterpart;  // of the capture; nothing: the target's id, or the busiest
  std::size_t election = 1;
  bool fast = false;
  bool json = false;
  std::string ensemble_dir;
  Duration timeout{5'000'000};
};

// Asks the target, checks that it may be played against, plays, compares and prints.
ExitCode replay_live(const analysis::Tape& tape, const ReplayLiveOptions& options);

}  // namespace zkprobe::tool
