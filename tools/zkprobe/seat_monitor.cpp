#include "seat_monitor.hpp"

#include <sys/resource.h>

#include <filesystem>

namespace zkprobe::tool {
namespace {

namespace fs = std::filesystem;

std::int64_t bytes_of(const std::string& directory, const std::string& prefix) {
  std::int64_t total = 0;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    if (!entry.path().filename().string().starts_with(prefix)) continue;
    const auto size = entry.file_size(error);
    if (!error) total += static_cast<std::int64_t>(size);
  }
  return total;
}

std::int64_t open_files() {
  std::error_code error;
  std::int64_t count = 0;
  for (fs::directory_iterator at("/proc/self/fd", error), end; !error && at != end;
       at.increment(error)) {
    ++count;
  }
  return count > 0 ? count : -1;
}

std::int64_t max_files() {
  struct rlimit limit {};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? static_cast<std::int64_t>(limit.rlim_cur) : -1;
}

}  // namespace

SeatMonitor::SeatMonitor(const peer::Config& config, store::DataPaths paths,
                         const peer::Keeper& keeper)
    : config_(config),
      paths_(std::move(paths)),
      keeper_(keeper),
      since_(std::chrono::steady_clock::now()) {}

void SeatMonitor::open(net::asio::io_context& io, std::shared_ptr<net::Resolver> resolver,
                       Callbacks callbacks) {
  if (!config_.client) return;
  net::MonitorPort::Settings settings;
  settings.address = *config_.client;
  settings.text = peer::monitor_settings(config_, fs::current_path().string());
  settings.text.data_dir = fs::absolute(paths_.snapshots()).string();
  settings.text.data_log_dir = fs::absolute(paths_.logs()).string();
  port_ = std::make_shared<net::MonitorPort>(
      io, std::move(resolver), settings,
      net::MonitorPort::Callbacks{[this, driver = callbacks.driver] { return values(driver()); },
                                  callbacks.note});
  port_->start([failed = callbacks.failed](const auto& bound) {
    if (!bound) failed("cannot listen on the client port: " + bound.error());
  });
}

void SeatMonitor::close() {
  if (port_) port_->stop();
}

void SeatMonitor::serving(bool serves) {
  if (serves_ == serves) return;
  serves_ = serves;
  since_ = std::chrono::steady_clock::now();
}

peer::MonitorValues SeatMonitor::values(const net::PeerDriver* driver) const {
  peer::MonitorValues values;
  values.version = to_string(config_.release) + "-zkprobe";
  values.config = driver ? driver->peer().config() : config_.members;
  values.open_files = open_files();
  values.max_files = max_files();
  const replica::DataTree* tree = keeper_.tree();
  if (driver && serves_ && tree) {
    const bool observes = driver->peer().state() == wire::ServerState::kObserving;
    values.role = observes ? peer::MonitorRole::kObserver : peer::MonitorRole::kFollower;
    values.observer_master = driver->peer().leader().value_or(Sid(-1));
    values.last_zxid = tree->last_zxid();
    values.uptime = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - since_);
    // DataTree.getNodeCount: "/" counts twice.
    values.nodes = static_cast<std::int64_t>(tree->node_count()) + 1;
    values.ephemerals = static_cast<std::int64_t>(tree->ephemeral_count());
    values.data_bytes = static_cast<std::int64_t>(tree->data_size());
    values.sessions = static_cast<std::int64_t>(tree->sessions().size());
    values.snapshot_files_bytes = bytes_of(paths_.snapshots(), "snapshot.");
    values.log_files_bytes = bytes_of(paths_.logs(), "log.");
  }
  values.counters = {{"learner_proposal_received_count", counts.proposals},
                     {"learner_commit_received_count", counts.commits},
                     {"looking_count", counts.elections},
                     {"digest_mismatches_count", counts.digest_mismatches}};
  return values;
}

}  // namespace zkprobe::tool
