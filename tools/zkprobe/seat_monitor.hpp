// What a seat's client port tells monitoring: of the peer, its tree and its directory.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "net/monitor_port.hpp"
#include "net/peer_driver.hpp"
#include "peer/config.hpp"
#include "peer/keeper.hpp"
#include "store/data_files.hpp"

namespace zkprobe::tool {

// What is counted while the seat is held.
struct SeatCounts {
  std::int64_t proposals = 0;
  std::int64_t commits = 0;
  std::int64_t elections = 0;
  std::int64_t digest_mismatches = 0;
};

class SeatMonitor {
 public:
  struct Callbacks {
    std::function<const net::PeerDriver*()> driver;  // nothing: the seat is not taken yet
    std::function<void(const std::string&)> note;    // a client that was closed
    std::function<void(const std::string&)> failed;  // the port cannot be had
  };

  SeatMonitor(const peer::Config& config, store::DataPaths paths, const peer::Keeper& keeper);
  // Answers on the client port of zoo.cfg, where it names one. Nobody is served there.
  void open(net::asio::io_context& io, std::shared_ptr<net::Resolver> resolver,
            Callbacks callbacks);
  void close();

  SeatCounts counts;
  // The learner is in sync since now, or no longer.
  void serving(bool serves);

  // `driver` may be nothing: the seat is not taken yet.
  peer::MonitorValues values(const net::PeerDriver* driver) const;

 private:
  const peer::Config& config_;
  const store::DataPaths paths_;
  const peer::Keeper& keeper_;
  std::shared_ptr<net::MonitorPort> port_;
  bool serves_ = false;
  std::chrono::steady_clock::time_point since_;
};

}  // namespace zkprobe::tool
