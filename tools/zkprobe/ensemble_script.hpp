// The commands of an embedded ensemble, from the keyboard and from a script, one a line:
//
//   wait elected      until a leader leads a quorum and every running member follows it
//   wait 2s           so long
//   kill 3            end a member at once; `kill leader` ends the one that leads
//   start 3           start it again
//   at 5s kill 1      any command, not before this time since the start
//   status            print every member (also: print)
//   quit
//
// '#' begins a comment.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"

namespace zkprobe::tool {

struct Command {
  enum class Kind { kWaitElected, kWait, kKill, kStart, kStatus, kQuit };
  Kind kind = Kind::kStatus;
  std::optional<Sid> sid;            // of kill and start; nothing: the leader
  Duration time{0};                  // of wait
  std::optional<Duration> earliest;  // at

  bool operator==(const Command&) const = default;
};

// Nothing for a line without a command; or what was expected.
tl::expected<std::optional<Command>, std::string> parse_command(std::string_view line);

// A whole script, of at least one command; the error is "FILE:LINE: ...".
tl::expected<std::vector<Command>, std::string> parse_script(const std::string& file,
                                                             const std::string& text);

}  // namespace zkprobe::tool
