// Who the members of a captured ensemble are: what votes say, or else who was seen.
#pragma once

#include <optional>
#include <vector>

#include "analysis/replay_script.hpp"
#include "wire/quorum_config.hpp"

namespace zkprobe::analysis {

// The configuration that this vote carries; nothing where it has none, an empty or a broken one.
std::optional<wire::QuorumConfig> config_of(const TapeEvent& event);

// The members that a capture without configurations shows: who votes, and whom others vote for.
// Their addresses are made up. Majority decides. Ids below zero, and askers, are no members.
wire::QuorumConfig seen_members(const Tape& tape, const std::vector<Script>& scripts);

}  // namespace zkprobe::analysis
