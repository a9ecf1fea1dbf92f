// The folder of an ensemble on this machine, written by scripts/zk-ensemble or `zkprobe ensemble`:
// which servers there are, and which processes. Whatever could harm an ensemble is done only to
// servers that such a folder records.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "base/ids.hpp"
#include "wire/initial_message.hpp"
#include "wire/quorum_config.hpp"

namespace zkprobe::tool {

struct FolderServer {
  Sid sid;
  std::optional<std::int64_t> pid;        // nothing: not running
  std::optional<std::int64_t> started;    // clock ticks since the machine's start
  std::vector<wire::HostPort> addresses;  // election and quorum
  std::optional<std::string> client;
  // Of a folder that was read:
  std::optional<wire::HostPort> election = {};  // the first of the election addresses
  std::optional<wire::HostPort> learner = {};
  std::string log = {};    // a file; empty: none is kept
  bool seat_free = false;  // no Java server is started for it
  bool observer = false;
};

struct EnsembleFolder {
  std::string dir;
  std::vector<FolderServer> servers;
  bool embedded = false;    // written by `zkprobe ensemble`: peers of one process
  std::string script = {};  // scripts/zk-ensemble that wrote it; empty: none
};

// Reads DIR/ensemble.json; or one line that says why it is not such a folder.
tl::expected<EnsembleFolder, std::string> read_ensemble_folder(const std::string& dir);

// Writes DIR/ensemble.json, whole or not at all; the folder is made if it is missing. An error is
// one line.
tl::expected<void, std::string> write_ensemble_folder(const EnsembleFolder& folder);
void remove_ensemble_file(const std::string& dir);

// Field 22 of /proc/PID/stat; nothing if there is no such process.
std::optional<std::int64_t> process_start(std::int64_t pid);

// Why the servers of `members` other than `self` must be left alone: an address that is not
// loopback, one that the folder does not record, a listener that belongs to another process.
// Nothing: all of them are servers of this folder.
std::optional<std::string> why_not_ours(const EnsembleFolder& folder,
                                        const wire::QuorumConfig& members, Sid self);

// Why this address is none of a running server of the folder, or else which server's it is.
tl::expected<Sid, std::string> server_at(const EnsembleFolder& folder,
                                         const wire::HostPort& address);

}  // namespace zkprobe::tool
