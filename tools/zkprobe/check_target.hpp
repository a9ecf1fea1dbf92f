// What `zkprobe check` knows of the server that it checks: its release, its id, its other ports,
// and what it does not offer.
#pragma once

#include <cstdint>
#include <optional>

#include "conformance/recognise.hpp"
#include "conformance/runner.hpp"
#include "conformance/tcp_endpoint.hpp"
#include "ensemble_folder.hpp"

namespace zkprobe::tool {

// What the user names, before anything that the server tells.
struct CheckTargetOptions {
  std::optional<wire::HostPort> client;   // tells the release (srvr)
  std::optional<wire::HostPort> learner;  // the server's learner port
  std::optional<conformance::ReleaseRange> release;
  std::optional<std::int64_t> sid;
};

// Asks `srvr` for the release, tries the learner port, and tells the endpoint every address that
// the scenarios may name. `folder`: null where no --ensemble is given.
conformance::Target check_target(conformance::TcpEndpoint& endpoint, const wire::HostPort& address,
                                 const conformance::Recognised& found,
                                 const CheckTargetOptions& options, const EnsembleFolder* folder);

}  // namespace zkprobe::tool
