#include "net/leader_finder.hpp"

namespace zkprobe::net {

LeaderFinder::LeaderFinder(asio::io_context& io, std::shared_ptr<Resolver> resolver,
                           std::vector<wire::HostPort> seeds, Heard heard)
    : io_(io),
      resolver_(std::move(resolver)),
      heard_(std::move(heard)),
      search_(std::move(seeds)) {}

void LeaderFinder::start(peer::VoteQuery::Settings settings, std::uint64_t random_seed, Done done) {
  close();
  settings_ = settings;
  random_ = SeededRandom(random_seed);
  done_ = std::move(done);
  ask(search_.begin_round());
}

void LeaderFinder::close() {
  done_ = nullptr;
  for (const auto& asker : askers_) asker->close();
  askers_.clear();
}

void LeaderFinder::ask(const std::vector<wire::HostPort>& addresses) {
  for (const wire::HostPort& address : addresses) {
    askers_.push_back(
        std::make_shared<VoteAsker>(io_, resolver_, address, settings_, random_.next()));
    askers_.back()->start(
        [this, address](const VoteAsker::Answer& answer) { answered(address, answer); });
  }
}

void LeaderFinder::answered(const wire::HostPort& address, const VoteAsker::Answer& answer) {
  if (answer.result) {
    const auto more = search_.answered(address, *answer.result);
    heard_(address, *answer.result);
    if (!done_) return;  // closed by the handler
    if (!search_.found()) ask(more);
  } else {
    search_.failed(address, answer.result.error());
  }
  if (!search_.found() && !search_.round_over()) return;
  const Done done = std::move(done_);
  close();
  done();
}

}  // namespace zkprobe::net
