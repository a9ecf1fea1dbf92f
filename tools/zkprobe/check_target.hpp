// What `zkprobe check` knows of the server that it checks: its release, its id, its other ports,
// and what it does not offer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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

struct CheckTarget {
  conformance::Target target;
  std::vector<std::string> notes;  // what was named and is of no use, a line each
};

// Asks `srvr` for the release, tries the learner port, and tells the endpoint every address that
// the scenarios may name. `patience`: for each answer. `folder`: null where no --ensemble is given.
CheckTarget check_target(conformance::TcpEndpoint& endpoint, const wire::HostPort& address,
                         const conformance::Recognised& found, const CheckTargetOptions& options,
                         Duration patience, const EnsembleFolder* folder);

// The folder's entry for the server at `address`, which leads to `reached`; null: it has none.
const FolderServer* recorded_at(const EnsembleFolder& folder, const wire::HostPort& address,
                                const std::string& reached);
// As the folder spells it; `address` itself where the folder has none.
wire::HostPort as_recorded(const EnsembleFolder& folder, const wire::HostPort& address,
                           const std::string& reached);
// Why the wire proves that a release is not the one that `who` names ("--release"). Nothing: it
// may be.
std::optional<std::string> contradiction(const conformance::Recognised& found,
                                         const conformance::ReleaseRange& named,
                                         const std::string& who);

}  // namespace zkprobe::tool
