// Fills a directory that has no vote: attaches to the leader as an observer that no configuration
// names, and keeps what it gets until UPTODATE has come and everything before it is on the disk. It
// stays for syncLimit and one more tick: a leader that was cut off from its ensemble gives up by
// then, and what was under way is committed and comes.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/kept_session.hpp"
#include "net/leader_finder.hpp"
#include "peer/config.hpp"

namespace zkprobe::tool {

class SeatFiller {
 public:
  struct Handlers {
    net::KeptSession::Handlers session;
    // Why nobody can be asked now; it is tried again.
    std::function<void(const std::string&)> waits;
    // Once, from the loop. Nothing comes after it.
    std::function<void()> filled;
  };

  SeatFiller(net::asio::io_context& io, std::shared_ptr<net::Resolver> resolver,
             const peer::Config& config, peer::Storage& storage, peer::Keeper& keeper,
             Handlers handlers);
  void start();
  void close();
  void storage_done(const std::vector<peer::StorageDone>& done);

 private:
  void search();
  void searched();
  void search_later();
  void followed(const learner::Effect& effect);
  void linger();
  void finish_if_settled();

  net::asio::io_context& io_;
  const peer::Config& config_;
  peer::Keeper& keeper_;
  const Handlers handlers_;
  net::LeaderFinder finder_;
  net::KeptSession session_;
  net::asio::steady_timer pause_timer_;
  Duration pause_;
  net::asio::steady_timer linger_timer_;
  bool up_to_date_ = false;  // and stayed
  bool closed_ = false;
  std::string told_;
};

}  // namespace zkprobe::tool
