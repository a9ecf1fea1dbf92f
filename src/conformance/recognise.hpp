// Which release a server is, as far as the wire tells, and which member.
#pragma once

#include <optional>
#include <string>

#include "conformance/endpoint.hpp"
#include "conformance/scenario.hpp"
#include "wire/quorum_config.hpp"

namespace zkprobe::conformance {

struct Recognised {
  // 3.5.1 to 3.5 and later lines are told apart by what greetings they take: no patch is known.
  ReleaseRange release;
  // What the form of its answer alone proves, whatever it says of itself elsewhere.
  ReleaseRange form;
  std::optional<wire::QuorumConfig> config;  // in the answer of 3.5 and later
};
// Asks as `zkprobe status` does, and greets twice more: nothing changes there. Or why there was no
// answer within `patience`; each greeting may take that long.
tl::expected<Recognised, std::string> recognise(Endpoint& endpoint, Duration patience);

// What `srvr` answers on a client port: "Zookeeper version: 3.9.6-deadbeef, built on ...".
std::optional<Release> release_in_srvr(std::string_view text);

}  // namespace zkprobe::conformance
