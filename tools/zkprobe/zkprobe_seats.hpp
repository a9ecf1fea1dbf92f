// Which voters of an ensemble decline to lead as we do: those that are zkprobe.
#pragma once

#include <string>

#include "base/time.hpp"
#include "peer/config.hpp"
#include "quorum/quorum_verifier.hpp"

namespace zkprobe::tool {

// Every other voter is asked `srvr` on its client port, all at once: zkprobe's version says that it
// is one. Where the member list names no client port, our own is tried on its host. Who does not
// answer within `timeout` is taken for a Java server.
quorum::SidSet ask_for_zkprobe(const peer::Config& config, Duration timeout);

// Whether this is the answer of zkprobe to `srvr`.
bool is_zkprobe(const std::string& srvr);

}  // namespace zkprobe::tool
