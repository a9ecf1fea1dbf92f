// Puts peer::LeaderSearch on the network: one round of questions at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "net/vote_asker.hpp"
#include "peer/leader_search.hpp"

namespace zkprobe::net {

class LeaderFinder {
 public:
  // Each answer, as it comes.
  using Heard = std::function<void(const wire::HostPort&, const peer::VoteAnswer&)>;
  // Once a round, from the loop: found() and why_none() of search() say what came of it.
  using Done = std::function<void()>;

  LeaderFinder(asio::io_context& io, std::shared_ptr<Resolver> resolver,
               std::vector<wire::HostPort> seeds, Heard heard);
  ~LeaderFinder() { close(); }
  LeaderFinder(const LeaderFinder&) = delete;
  LeaderFinder& operator=(const LeaderFinder&) = delete;

  // `settings` hold for each question.
  void start(peer::VoteQuery::Settings settings, std::uint64_t random_seed, Done done);
  // Ends the round; `done` is not called.
  void close();

  peer::LeaderSearch& search() { return search_; }

 private:
  void ask(const std::vector<wire::HostPort>& addresses);
  void answered(const wire::HostPort& address, const VoteAsker::Answer& answer);

  asio::io_context& io_;
  const std::shared_ptr<Resolver> resolver_;
  const Heard heard_;
  peer::LeaderSearch search_;
  peer::VoteQuery::Settings settings_;
  SeededRandom random_{0};
  Done done_;
  std::vector<std::shared_ptr<VoteAsker>> askers_;
};

}  // namespace zkprobe::net
