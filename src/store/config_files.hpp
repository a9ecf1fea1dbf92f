// zoo.cfg and its dynamic files, rewritten when the ensemble is reconfigured, so that the next
// start begins with the configuration that was accepted. Each file is replaced whole: a server that
// dies in between starts with the old or with the new one. Java:
// QuorumPeer.setLastSeenQuorumVerifier, setQuorumVerifier, QuorumPeerConfig.backupOldConfig (which
// Java does at each start).
#pragma once

#include <string>

#include "store/file_system.hpp"
#include "wire/quorum_config.hpp"

namespace zkprobe::store {

// zoo.cfg.dynamic.next: what was proposed, before it is acknowledged.
Stored<void> keep_proposed(FileSystem& files, const std::string& zoo_cfg,
                           const wire::QuorumConfig& config);

// What is in force: zoo.cfg.dynamic.<version> first, then zoo.cfg, which names it. A zoo.cfg that
// held the members itself is kept as zoo.cfg.bak. `self` is this server: where the configuration
// says on which address clients connect, zoo.cfg no longer does. zoo.cfg.dynamic.next goes with
// `none_proposed`: nothing newer was proposed. `zoo_cfg` is written into the file: an absolute
// path.
Stored<void> keep_in_force(FileSystem& files, const std::string& zoo_cfg,
                           const wire::QuorumConfig& config, Sid self, bool none_proposed);

}  // namespace zkprobe::store
