// What an audit saw: every address that was asked, from one host or from several.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "base/time.hpp"
#include "peer/vote_query.hpp"
#include "wire/initial_message.hpp"

namespace zkprobe::audit {

using Answer = tl::expected<peer::VoteAnswer, peer::QueryFailure>;

// Why no answer came, for an operator: what has to be looked at differs. The words stand in
// records, see src/audit/README.md.
enum class Silence {
  kRefused,     // the host is there and nothing listens
  kUnresolved,  // the name stands for no address
  kNoRoute,     // a router or the host's own network said so
  kNoReply,     // not even a connection: packets vanish
  kMute,        // a connection, and then nothing
  kCloses,      // the link is closed each time
  kNoVote,      // something else than a ZooKeeper server answers
  kMember,      // the question's id is a member there: not to be asked
  kOther
};
std::string_view to_string(Silence silence);  // "refused", "unresolved", ...
Silence silence_of(const peer::QueryFailure& failure);
// Of the text of a failed connection: what net::Dial says of one address.
Silence silence_of_connection(std::string_view text);

// A connection to a learner port, closed without a byte.
struct PortTry {
  wire::HostPort address;
  std::optional<std::string> failure;  // nothing: the port took the connection

  bool operator==(const PortTry&) const = default;
};

// A greeting with a lower id than every member's was sent; a server answers it by closing and
// dialling the address that the greeting names (3.5.0 and later).
struct DialBack {
  enum class Outcome {
    kCame,        // a greeting came
    kNone,        // nobody called in time
    kNoGreeting,  // a call, whose bytes are no greeting (TLS, for one)
    kUntestable   // the test cannot be made; `text` says why
  };
  Outcome outcome = Outcome::kNone;
  std::optional<wire::InitialMessage> greeting;  // kCame
  wire::HostPort listener;                       // where this host waited
  std::string text;
  Duration took{0};  // kCame, kNoGreeting: from our greeting to the call
  // The server closed the link that was greeted after so long: it read the greeting.
  std::optional<Duration> closed;

  bool operator==(const DialBack&) const = default;
};
std::string_view to_string(
    DialBack::Outcome outcome);  // "came", "none", "no greeting", "untestable"

// One address and what came of it.
struct Sighting {
  wire::HostPort address;
  bool seed = false;  // named on the command line
  // Who named it: the addresses of the servers whose configuration does.
  std::vector<wire::HostPort> named_by;
  std::string remote;            // "10.0.0.1:3888": what was reached; "" without a connection
  std::optional<Answer> result;  // nothing: interrupted before
  std::optional<DialBack> dial_back;
  std::optional<PortTry> learner_port;

  const peer::VoteAnswer* answer() const {
    return result && result->has_value() ? &**result : nullptr;
  }
};

// What one host saw.
struct View {
  std::string host;                // its name
  std::string time;                // RFC 3339, when it began
  std::vector<std::string> local;  // the addresses that it has towards the servers
  bool directions = false;
  std::vector<Sighting> sightings;
  // Addresses that configurations name and that were not asked: beyond the limit, or such as mean
  // this host (a wildcard, or a loopback address that another host named).
  std::size_t beyond_limit = 0;
};

// Larger than any ensemble. An answer with a larger configuration is kept without it, with a
// config_error: what a stranger sends must not keep this host busy.
inline constexpr std::size_t kMaxMembers = 256;
inline constexpr std::size_t kMaxMemberAddresses = 1024;
void bound_config(peer::VoteAnswer& answer);

// "localhost", 127.0.0.0/8, ::1.
bool is_loopback(std::string_view host);
// The host of "10.0.0.1:3888" or "[::1]:3888".
std::string host_of(std::string_view endpoint);

}  // namespace zkprobe::audit
