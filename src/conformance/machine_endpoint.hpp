// Our own election machine as the server under test, in this process and on a time of its own: what
// takes minutes on the wire takes none here. It links as net::ConnectionManager does, with
// wire::decode_greeting, quorum::decide_accepted and wire::Framer.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "conformance/endpoint.hpp"
#include "conformance/scenario.hpp"
#include "election/election.hpp"
#include "quorum/link_policy.hpp"
#include "wire/framer.hpp"
#include "wire/initial_message.hpp"

namespace zkprobe::conformance {

class MachineEndpoint final : public Endpoint {
 public:
  // A server of `config` that begins to look for a leader at time zero.
  MachineEndpoint(Sid self, wire::QuorumConfig config, Release release = kNewestRelease);

  std::optional<Link> dial(const Place& place, Duration patience) override;
  void write(Link link, BytesView bytes) override;
  void close(Link link) override;
  Event wait(Link link, Duration patience) override;
  std::string listen(const std::string& peer) override;
  std::string listen_at(const std::string& peer, const Place& place) override;
  std::optional<Link> accept(const std::string& peer, Duration patience) override;
  void pass(Duration duration) override;
  Instant now() const override { return now_; }

  // What an election machine has not, for Target::lacks.
  static std::map<Need, std::string> lacks();

  // It looks for a leader again, as a peer does that lost its own.
  void look() { step(election::Look{}); }
  const election::Election& machine() const { return machine_; }

 private:
  // A greeting must be whole within so long (net::ConnectionManager).
  static constexpr Duration kGreetingTimeout = std::chrono::seconds(5);
  struct Open {
    std::optional<Sid> sid;  // greeted
    Bytes greeting;          // so far
    Instant greeted_by;
    wire::Framer framer;
    Bytes out;
    bool closed = false;
  };

  void greeted(Link link, Open& open);
  void frames(Link link, Open& open);
  void dial_back(Sid sid, const std::vector<wire::HostPort>& addresses);
  void step(const election::Input& input);
  void send(Sid to, const Bytes& payload);
  bool advance(Instant until);

  const Sid self_;
  const wire::QuorumConfig config_;
  const wire::Dialect dialect_;
  election::Election machine_;
  Instant now_;
  std::map<Link, Open> links_;
  std::map<Sid, Link> current_;                   // the link that is kept for an id
  std::map<Sid, Bytes> last_sent_;                // repeated on a new link
  std::map<std::string, std::string> listeners_;  // peer to address
  std::map<std::string, std::deque<Link>> calls_;
  quorum::ObserverIds observers_;
  Link next_ = 1;
};

}  // namespace zkprobe::conformance
