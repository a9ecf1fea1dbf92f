// Which server stands behind an address, learnt from greetings, configuration texts, LearnerInfo
// and votes. Bounded; what was learnt last counts.
//
// Asked in this order: the address and port that a greeting or a configuration names, or that
// answered as LEADING; the port alone, where servers are configured by name and only one has that
// port; the host alone, where only one server was seen on it and the dialler stands elsewhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/ids.hpp"
#include "capture/endpoint.hpp"
#include "wire/initial_message.hpp"

namespace zkprobe::capture {

class Directory {
 public:
  static constexpr std::size_t kMaxEntries = 16'384;

  // The server dialled from this host, and listens for votes at these addresses.
  void greeting(const IpAddress& from, const wire::InitialMessage& greeting);
  // The server dialled a learner port from this host.
  void learner(const IpAddress& from, Sid sid);
  // This listener's vote is LEADING: it votes for itself.
  void leading(const Endpoint& listener, Sid sid);
  // A configuration text; one that was seen a moment ago costs a comparison.
  void config(std::string_view text);

  std::optional<Sid> find(const Endpoint& listener, const IpAddress& dialled_from) const;
  // The only server seen on this host.
  std::optional<Sid> find_host(const IpAddress& address) const;
  // Whether a server is known to listen for votes, or for learners, there.
  bool election_port(const Endpoint& listener) const;
  bool learner_port(const Endpoint& listener) const;
  // A stream to this listener was an election, or a learner's.
  void saw_election(const Endpoint& listener);
  void saw_learner(const Endpoint& listener);

  // Grows with everything learnt.
  std::uint64_t version() const { return version_; }

 private:
  struct Listener {
    std::optional<Sid> sid;
    bool election = false;
    bool learner = false;
  };
  // A port or a host: its one server, or the mark that there are several.
  struct Only {
    Sid sid;
    bool several = false;
  };
  Listener* listener(const Endpoint& endpoint);
  void name(const Endpoint& endpoint, Sid sid, bool election);
  void name_port(std::uint16_t port, Sid sid);
  void host(const IpAddress& address, Sid sid);
  void address(std::string_view host, std::uint16_t port, Sid sid, bool election);

  std::unordered_map<Endpoint, Listener, EndpointHash> listeners_;
  std::unordered_map<IpAddress, Only, IpAddressHash> hosts_;
  std::unordered_map<std::uint16_t, Only> ports_;
  // An ensemble has few texts in force at a time; each is parsed once.
  std::string last_config_[32];
  std::size_t oldest_config_ = 0;
  std::uint64_t version_ = 0;
};

}  // namespace zkprobe::capture
