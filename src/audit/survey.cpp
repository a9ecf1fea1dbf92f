#include "audit/survey.hpp"

#include <array>

namespace zkprobe::audit {

std::string_view to_string(Silence silence) {
  switch (silence) {
    case Silence::kRefused:
      return "refused";
    case Silence::kUnresolved:
      return "unresolved";
    case Silence::kNoRoute:
      return "no route";
    case Silence::kNoReply:
      return "no reply";
    case Silence::kMute:
      return "mute";
    case Silence::kCloses:
      return "closes";
    case Silence::kNoVote:
      return "no vote";
    case Silence::kMember:
      return "asker is a member";
    case Silence::kOther:
      break;
  }
  return "other";
}

Silence silence_of_connection(std::string_view text) {
  struct Known {
    std::string_view words;
    Silence silence;
  };
  // What the system's strerror and getaddrinfo say, and net::Dial.
  static constexpr std::array kKnown = {Known{"refused", Silence::kRefused},
                                        Known{"nobody listens", Silence::kRefused},
                                        Known{"ost not found", Silence::kUnresolved},
                                        Known{"look-up", Silence::kUnresolved},
                                        Known{"ame or service", Silence::kUnresolved},
                                        Known{"No address", Silence::kUnresolved},
                                        Known{"name resolution", Silence::kUnresolved},
                                        Known{"o route", Silence::kNoRoute},
                                        Known{"unreachable", Silence::kNoRoute},
                                        Known{"timed out", Silence::kNoReply},
                                        Known{"no connection within", Silence::kNoReply}};
  for (const Known& known : kKnown) {
    if (text.find(known.words) != std::string_view::npos) return known.silence;
  }
  return Silence::kOther;
}

Silence silence_of(const peer::QueryFailure& failure) {
  switch (failure.kind) {
    case peer::QueryFailure::Kind::kUnreachable:
      return silence_of_connection(failure.text);
    case peer::QueryFailure::Kind::kSilent:
      return Silence::kMute;
    case peer::QueryFailure::Kind::kClosed:
      return Silence::kCloses;
    case peer::QueryFailure::Kind::kNoVote:
      return Silence::kNoVote;
    case peer::QueryFailure::Kind::kAskerIsMember:
      return Silence::kMember;
  }
  return Silence::kOther;
}

std::string_view to_string(DialBack::Outcome outcome) {
  switch (outcome) {
    case DialBack::Outcome::kCame:
      return "came";
    case DialBack::Outcome::kNone:
      return "none";
    case DialBack::Outcome::kNoGreeting:
      return "no greeting";
    case DialBack::Outcome::kUntestable:
      break;
  }
  return "untestable";
}

void bound_config(peer::VoteAnswer& answer) {
  if (!answer.config) return;
  const std::size_t members = answer.config->servers.size();
  std::size_t addresses = 0;
  for (const wire::QuorumServer& server : answer.config->servers) {
    addresses += server.addresses.size();
  }
  if (members <= kMaxMembers && addresses <= kMaxMemberAddresses) return;
  answer.config_error = "expected at most " + std::to_string(kMaxMembers) + " servers with " +
                        std::to_string(kMaxMemberAddresses) + " addresses, found " +
                        std::to_string(members) + " with " + std::to_string(addresses);
  answer.config.reset();
  answer.notification.config.reset();
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host.starts_with("127.") || host == "::1" ||
         host == "0:0:0:0:0:0:0:1";
}

std::string host_of(std::string_view endpoint) {
  const std::size_t colon = endpoint.rfind(':');
  std::string_view host = endpoint.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return std::string(host);
}

}  // namespace zkprobe::audit
