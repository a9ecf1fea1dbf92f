// The run of `zkprobe check`: every scenario against every server, in order, and what is told of
// it.
#pragma once

#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "check_report.hpp"
#include "check_target.hpp"
#include "conformance/recorder.hpp"
#include "context.hpp"
#include "folder_members.hpp"
#include "options.hpp"

namespace zkprobe::tool {

struct CheckOptions {
  SharedOptions shared;
  std::vector<wire::HostPort> addresses;
  bool list = false;
  bool intrusive = false;
  std::vector<std::string> only, files;
  std::string junit, baseline, ensemble, transcript;
  CheckTargetOptions target;
};

// A file that the user named; what cannot be read is a UsageError.
std::string read_check_file(const std::string& path);

class CheckRun {
 public:
  // Throws UsageError for what cannot be begun.
  CheckRun(const CheckOptions& options, std::vector<conformance::Scenario> scenarios);
  // SIGINT and SIGTERM end it with what is known so far.
  ExitCode run();

 private:
  void server(const wire::HostPort& address);
  // `name` as the user spells it, `address` as the folder does.
  void play(conformance::TcpEndpoint& endpoint, const std::string& name,
            const wire::HostPort& address, const conformance::Target& target,
            const std::optional<wire::QuorumConfig>& config);
  bool revive(const wire::HostPort& address);
  void look_after(conformance::TcpEndpoint& endpoint, const wire::HostPort& address, Checked& one);
  void tell(const Checked& one);
  void expect_ours(const wire::HostPort& address, const std::optional<wire::QuorumConfig>& config);
  void guard(const wire::HostPort& address, const std::optional<wire::QuorumConfig>& config) const;
  const FolderServer* recorded(const wire::HostPort& address);
  void write_junit() const;
  void write_transcript(const Checked& one, const conformance::Recorder& recorder);

  const CheckOptions& options_;
  const Style style_;
  const std::vector<conformance::Scenario> scenarios_;
  std::optional<Baseline> baseline_;
  std::optional<EnsembleFolder> folder_;
  std::optional<FolderMembers> members_;
  std::vector<Checked> all_;
  std::ofstream transcript_;
  std::string died_;  // the scenario in which the present server died
  bool interrupted_ = false;
  bool reached_any_ = false;
  std::size_t position_ = 0;  // of the present server among the addresses
  bool worse_ = false;
};

}  // namespace zkprobe::tool
