// Puts peer::VoteQuery on the network: one query to one address. Several run side by side.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/asio.hpp"
#include "net/dial.hpp"
#include "net/resolver.hpp"
#include "net/stream.hpp"
#include "peer/vote_query.hpp"
#include "wire/initial_message.hpp"

namespace zkprobe::net {

class VoteAsker : public std::enable_shared_from_this<VoteAsker> {
 public:
  struct Answer {
    tl::expected<peer::VoteAnswer, peer::QueryFailure> result;
    std::string remote;  // the address that was asked, "" where no connection came about
  };
  using Done = std::function<void(const Answer&)>;

  // `random_seed` decides the pauses between links. A name's addresses are tried in turn.
  VoteAsker(asio::io_context& io, std::shared_ptr<Resolver> resolver, wire::HostPort address,
            peer::VoteQuery::Settings settings, std::uint64_t random_seed);

  // `done` is called once, from the loop; nothing is left open then.
  void start(Done done);
  // `done` is not called afterwards.
  void close();

 private:
  void step(const peer::VoteQuery::Event& event);
  void apply(const peer::VoteQuery::Effect& effect);
  void connect(const peer::VoteQuery::Connect& connect);
  void write(Bytes bytes);
  void read();
  void close_link();
  void set_timer();

  asio::io_context& io_;
  const std::shared_ptr<Resolver> resolver_;
  const wire::HostPort address_;
  peer::VoteQuery query_;
  asio::steady_timer timer_;
  std::shared_ptr<Dial> dial_;
  std::shared_ptr<Stream> stream_;
  bool writing_ = false;
  std::string remote_;
  Done done_;
};

}  // namespace zkprobe::net
