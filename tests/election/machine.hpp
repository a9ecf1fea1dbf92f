// Helpers for tests of the election machine: servers of {1 2 3}, their messages, their effects.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "election/election.hpp"

namespace zkprobe::test {

// Participants on loopback ports made from their ids.
wire::QuorumConfig voters(const std::vector<std::int64_t>& sids, std::int64_t version = 0);

election::Settings settings_of(std::int64_t self, Release release = kNewestRelease);

struct Said {
  wire::ServerState state = wire::ServerState::kLooking;
  std::int64_t leader = 0;
  std::int64_t zxid = 0;
  std::int64_t round = 1;
  std::int64_t epoch = 0;
  std::string config;
};
// As a server of the newest releases writes it.
Bytes payload(const Said& said);
election::Received from(std::int64_t sid, const Said& said);

template <class Wanted>
std::vector<Wanted> only(const election::Effects& effects) {
  std::vector<Wanted> wanted;
  for (const election::Effect& effect : effects) {
    if (const auto* one = std::get_if<Wanted>(&effect)) wanted.push_back(*one);
  }
  return wanted;
}

// Whom the effects send to, in order.
std::vector<std::int64_t> receivers(const election::Effects& effects);
bool reports(const election::Effects& effects, election::Report::Kind kind);

// Steps the machine of server `self` and hands back what it sends to itself, as a caller does.
election::Effects step(election::Election& machine, std::int64_t self, Instant now,
                       const election::Input& input);

inline Instant at(std::int64_t milliseconds) {
  return Instant{std::chrono::milliseconds(milliseconds)};
}

}  // namespace zkprobe::test
