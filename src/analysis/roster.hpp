// The servers of a recording: who they are, which release they speak, and who may vote.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analysis/recording.hpp"
#include "quorum/quorum_verifier.hpp"

namespace zkprobe::analysis {

struct Server {
  Sid sid;
  capture::ReleaseRange release;
  bool observer = false;
  // false: a stranger, in no configuration that the capture shows; where it shows none, who only
  // asks for votes: LOOKING in round 0 with a zxid below zero.
  bool member = true;
  bool inferred = false;             // nobody said where it listens
  std::vector<std::string> listens;  // "127.0.0.1:3888": for votes; as dialled
  std::uint64_t votes = 0;
  std::uint64_t packets = 0;

  // Nothing is known of it.
  bool release_known() const { return release != capture::ReleaseRange(); }
};

// A configuration text that the capture shows.
struct SeenConfig {
  std::int32_t text = Record::kNoText;
  std::optional<wire::QuorumConfig> config;  // nothing: it cannot be read
};

class Roster {
 public:
  explicit Roster(const Recording& recording);

  const std::map<Sid, Server>& servers() const { return servers_; }
  const Server* find(Sid sid) const;
  // By number of the text.
  const SeenConfig* config(std::int32_t text) const;
  // The newest that was announced at or before that record; nothing where none was.
  const quorum::QuorumVerifier* verifier_at(RecordIndex record) const;
  // Who decides then: the configuration's voters, or without one whoever voted for a server, led or
  // followed.
  const quorum::QuorumVerifier& voters_at(RecordIndex record) const;
  // What the server itself announced with that message; without a text, as voters_at().
  const quorum::QuorumVerifier& voters_of(const Recording& recording, RecordIndex record) const;
  // The voters were counted, no configuration names them.
  bool assumed() const { return configs_.empty(); }

 private:
  void read_configs(const Recording& recording);
  void read_streams(const Recording& recording);
  void find_askers(const Recording& recording);
  void assume_voters(const Recording& recording);

  std::map<Sid, Server> servers_;
  std::map<std::int32_t, SeenConfig> configs_;
  // From this record on, this is the newest.
  std::map<RecordIndex, std::unique_ptr<quorum::QuorumVerifier>> newest_;
  std::map<std::int32_t, std::unique_ptr<quorum::QuorumVerifier>> verifiers_;  // by text
  std::unique_ptr<quorum::QuorumVerifier> assumed_;
};

}  // namespace zkprobe::analysis
