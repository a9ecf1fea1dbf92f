// What `zkprobe status` says about the answers: records, a table, a sentence and an exit code.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "context.hpp"
#include "output.hpp"
#include "peer/vote_query.hpp"
#include "wire/initial_message.hpp"

namespace zkprobe::tool {

// One address and what came of asking it. Nothing yet: the run was interrupted before.
struct StatusEntry {
  wire::HostPort address;
  std::optional<tl::expected<peer::VoteAnswer, peer::QueryFailure>> result;

  const peer::VoteAnswer* answer() const {
    return result && result->has_value() ? &**result : nullptr;
  }
};

// {"address","reachable",...}; keys that the answer does not have are left out.
Json status_record(const StatusEntry& entry);

// 3 if nobody answered; 1 if any did not answer, is LOOKING or disagrees; else 0.
ExitCode status_code(const std::vector<StatusEntry>& entries);

// How the answers differ: leaders, epochs, configurations and their member lists, what those that
// lead were elected with. Empty where they agree; several that lead alike may be one server by
// several names. Rounds and zxids of votes differ in a healthy ensemble, and 3.3 to 3.4.5 never
// renew the epoch of a vote.
std::string disagreement(const std::vector<StatusEntry>& entries);

// One sentence for people.
std::string status_verdict(const std::vector<StatusEntry>& entries);

// The table, what went wrong, the configuration and the verdict.
std::string status_text(const std::vector<StatusEntry>& entries, const Style& style);

// Whether --watch has something to print: all but the time that the answer took.
bool status_changed(const StatusEntry& before, const StatusEntry& after);

// The line of --watch: "TIME  ADDRESS  STATE  leader 3  ...".
std::string status_line(const StatusEntry& entry, const std::string& time,
                        std::size_t address_width, const Style& style);

}  // namespace zkprobe::tool
