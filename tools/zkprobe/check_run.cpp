#include "check_run.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

#include "check_transcript.hpp"
#include "conformance/recognise.hpp"
#include "conformance/tcp_endpoint.hpp"

namespace zkprobe::tool {
namespace {

using conformance::Class;
using conformance::Verdict;

constexpr std::size_t kLastLines = 15;
// For what is asked besides: a port that may be closed.
constexpr Duration kMostPatience = std::chrono::seconds(3);

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace

std::string read_check_file(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    throw UsageError("check: " + path + ": is a folder, expected a file");
  }
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.good() && !file.eof()) throw UsageError("check: " + path + ": cannot be read");
  if (text.empty()) throw UsageError("check: " + path + ": cannot be read, or is empty");
  return text;
}

CheckRun::CheckRun(const CheckOptions& options, std::vector<conformance::Scenario> scenarios)
    : options_(options), style_(Style::of_standard_output()), scenarios_(std::move(scenarios)) {
  if (!options.baseline.empty()) {
    baseline_ = read_baseline(read_check_file(options.baseline));
    if (!baseline_) {
      throw UsageError("check: " + options.baseline +
                       ": expected the records of 'zkprobe check --json'");
    }
  }
  if (!options.transcript.empty()) {
    transcript_.open(options.transcript, std::ios::binary);
    if (!transcript_) throw UsageError("check: " + options.transcript + ": cannot be written");
  }
  if (options.ensemble.empty()) return;
  const auto folder = read_ensemble_folder(options.ensemble);
  if (!folder) throw UsageError("check: " + folder.error());
  folder_ = *folder;
  if (!FolderMembers::why_not(*folder)) members_.emplace(*folder);
}

ExitCode CheckRun::run() {
  for (const wire::HostPort& address : options_.addresses) {
    if (interrupted_) break;
    if (&address != &options_.addresses.front()) ++position_;
    try {
      server(address);
    } catch (const UsageError&) {
      if (members_) members_->restore();
      throw;
    }
    // The next one may have been ended for the sake of this one.
    if (members_) members_->restore();
  }
  if (options_.shared.json) {
    print(to_line(check_totals(all_)));
  } else if (reached_any_) {
    print((interrupted_ ? "\ninterrupted: " : "\n") + check_summary(all_));
  }
  if (!options_.junit.empty()) write_junit();
  if (!reached_any_ && !interrupted_) return ExitCode::kUnreachable;
  const bool unreachable = std::any_of(all_.begin(), all_.end(), is_unreached);
  return unreachable || worse_ || interrupted_ ? ExitCode::kDoesNotHold : ExitCode::kHolds;
}

void CheckRun::write_junit() const {
  std::ofstream file(options_.junit, std::ios::binary);
  file << check_junit(all_);
  if (!file.flush()) throw UsageError("check: " + options_.junit + ": cannot be written");
}

void CheckRun::write_transcript(const Checked& one, const conformance::Recorder& recorder) {
  transcript_ << transcript_of(one, recorder);
  if (!transcript_.flush()) {
    throw UsageError("check: " + options_.transcript + ": cannot be written");
  }
}

void CheckRun::server(const wire::HostPort& address) {
  conformance::TcpEndpoint endpoint(address);
  endpoint.interrupt_on_signals();
  died_.clear();
  const auto found = conformance::recognise(endpoint, options_.shared.timeout);
  interrupted_ = endpoint.interrupted();
  if (interrupted_) return;
  const std::string name = wire::to_string(address);
  if (!found) {
    const std::string why =
        found.error() + (endpoint.failure().empty() ? "" : " (" + endpoint.failure() + ")");
    std::fprintf(stderr, "zkprobe: check: %s: %s\n", name.c_str(), why.c_str());
    all_.push_back(unreached(name, why));
    if (options_.shared.json) print(to_line(check_record(all_.back())));
    return;
  }
  reached_any_ = true;
  // How the folder spells it.
  const wire::HostPort recorded_as =
      folder_ ? as_recorded(*folder_, address, endpoint.reached()) : address;
  if (folder_) expect_ours(recorded_as, found->config);
  const auto [target, notes] =
      check_target(endpoint, address, *found, options_.target,
                   std::min(options_.shared.timeout, kMostPatience), folder_ ? &*folder_ : nullptr);
  for (const std::string& note : notes) {
    std::fprintf(stderr, "zkprobe: check: %s: %s\n", name.c_str(), note.c_str());
  }
  if (!options_.shared.json) {
    print(name + ": release " + to_string(target.release) + "\n");
    if (target.release.first != target.release.last) {
      print(
          "the release is not known exactly (name a client port with --client, or --release): "
          "what depends on it is skipped\n");
    }
  }
  play(endpoint, name, recorded_as, target, found->config);
}

// With a folder nothing but questions is sent to a server that is none of its own.
void CheckRun::expect_ours(const wire::HostPort& address,
                           const std::optional<wire::QuorumConfig>& config) {
  guard(address, config);
  const FolderServer* const server = recorded(address);
  if (server == nullptr || server->seat_free) return;
  if (const auto at = server_at(*folder_, address); !at) {
    throw UsageError("check: refused: " + at.error());
  }
}

void CheckRun::play(conformance::TcpEndpoint& endpoint, const std::string& name,
                    const wire::HostPort& address, const conformance::Target& target,
                    const std::optional<wire::QuorumConfig>& config) {
  for (const conformance::Scenario& scenario : scenarios_) {
    Checked one{name, to_string(target.release), scenario, {}, {}};
    const bool begins_anew = members_ && scenario.begins != conformance::Beginning::kAsIs;
    if (!died_.empty() && !begins_anew && !revive(address)) {
      one.result.verdict = Verdict::kSkip;
      one.result.observed = "the server died in " + died_;
    } else {
      if (scenario.danger == Class::kDestructive && died_.empty()) guard(address, config);
      died_.clear();
      conformance::Members* const members = members_ ? &*members_ : nullptr;
      conformance::Recorder recorder(endpoint);
      const bool keeps = transcript_.is_open();
      conformance::Endpoint& through =
          keeps ? static_cast<conformance::Endpoint&>(recorder) : endpoint;
      one.result = conformance::Runner(through, target, members).run(scenario);
      look_after(endpoint, address, one);
      if (keeps) write_transcript(one, recorder);
    }
    interrupted_ = one.result.interrupted;
    if (interrupted_) return;
    tell(one);
    all_.push_back(std::move(one));
  }
}

// A server that died is started again where that can be.
bool CheckRun::revive(const wire::HostPort& address) {
  const FolderServer* const server = recorded(address);
  return members_ && server != nullptr && !server->seat_free &&
         members_->act(server->sid, conformance::Deed::kStart).has_value();
}

// Whether the server is still there: its process, or after a failure its port.
void CheckRun::look_after(conformance::TcpEndpoint& endpoint, const wire::HostPort& address,
                          Checked& one) {
  if (one.result.verdict == Verdict::kSkip) return;
  const FolderServer* const server = recorded(address);
  bool gone = false;
  if (server != nullptr && !server->seat_free) {
    gone = !is_running(*server);
    // A process that is killed closes its connections before it is gone.
    for (int looks = 0; looks < 10 && !gone && one.result.verdict == Verdict::kFail; ++looks) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      gone = !is_running(*server);
    }
  } else if (one.result.verdict == Verdict::kFail) {
    const auto link = endpoint.dial(conformance::Place(), std::chrono::seconds(3));
    gone = !link && !endpoint.interrupted();
    if (link) endpoint.close(*link);
  }
  if (!gone) return;
  died_ = one.scenario.id;
  if (one.result.expected.empty()) one.result.expected = "a server that lives on";
  one.result.observed +=
      (one.result.observed.empty() ? "" : "; ") + std::string("the server has died");
  one.result.verdict = Verdict::kFail;
  if (server != nullptr) one.log = last_log_lines(server->log, kLastLines);
}

void CheckRun::tell(const Checked& one) {
  const bool failed = one.result.verdict == Verdict::kFail;
  if (!baseline_) {
    worse_ = worse_ || failed;
  } else {
    const auto before = baseline_->find(one, position_);
    if (before == std::string(to_string(one.result.verdict))) return;
    worse_ = worse_ || failed;
    if (!options_.shared.json) print("was " + before.value_or("not run") + ", now:\n");
  }
  print(options_.shared.json ? to_line(check_record(one)) : check_text(one, style_));
}

// The folder's entry as it is now.
const FolderServer* CheckRun::recorded(const wire::HostPort& address) {
  if (!folder_) return nullptr;
  if (auto now = read_ensemble_folder(folder_->dir)) folder_ = *std::move(now);
  return recorded_at(*folder_, address, "");
}

// What can end a server is done to servers of the folder alone.
void CheckRun::guard(const wire::HostPort& address,
                     const std::optional<wire::QuorumConfig>& config) const {
  const auto folder = read_ensemble_folder(options_.ensemble);
  if (!folder) throw UsageError("check: " + folder.error());
  wire::QuorumConfig members;
  if (config) members = *config;
  const FolderServer* server = nullptr;
  for (const FolderServer& one : folder->servers) {
    if (std::find(one.addresses.begin(), one.addresses.end(), address) != one.addresses.end()) {
      server = &one;
    }
  }
  if (server == nullptr) {
    throw UsageError("check: " + wire::to_string(address) + " is no server of " +
                     options_.ensemble + ": expected one for destructive checks");
  }
  // Only the server under test has to run; the others' seats may be free.
  members.servers.erase(std::remove_if(members.servers.begin(), members.servers.end(),
                                       [&address](const wire::QuorumServer& one) {
                                         return one.addresses[0].election_port != address.port;
                                       }),
                        members.servers.end());
  // Whoever sits on a free seat is started by hand: the folder knows no process of it.
  const Sid self = server->seat_free ? server->sid : Sid::min();
  if (const auto why = why_not_ours(*folder, members, self)) {
    throw UsageError("check: destructive checks are refused: " + *why);
  }
}

}  // namespace zkprobe::tool
