// What stands behind `server.N=`: reading and printing. Java: QuorumPeer.QuorumServer.
#include <algorithm>
#include <cctype>

#include "wire/ip_literal.hpp"
#include "wire/java_text.hpp"
#include "wire/quorum_config.hpp"

namespace zkprobe::wire {
namespace {

// One line, read piece by piece; the first refusal is kept.
class ServerLine {
 public:
  ServerLine(Sid sid, std::string_view value) : value_(value) { server_.sid = sid; }

  Decoded<QuorumServer> parse(bool multi_address) {
    const auto parts = java_split(value_, ';');
    if (parts.empty() || parts.size() > 3) {
      return refuse("server[;client[;secure client]]");
    }
    if (!parse_addresses(parts[0], multi_address)) return refuse(expected_);
    if (parts.size() >= 2 && !(parts.size() == 3 && parts[1].empty())) {
      server_.client = parse_client(parts[1]);
      if (!server_.client) return refuse("a client part of port or host:port");
    }
    if (parts.size() == 3) {
      server_.secure_client = parse_client(parts[2]);
      if (!server_.secure_client) return refuse("a secure client part of port or host:port");
    }
    return server_;
  }

 private:
  bool expect(bool met, const char* what) {
    if (!met && expected_.empty()) expected_ = what;
    return met;
  }

  DecodeFailure refuse(std::string expected) const {
    return DecodeFailure(DecodeError{DecodeFault::kMalformed, "server." + to_string(server_.sid), 0,
                                     std::move(expected), printable(value_)});
  }

  bool parse_addresses(std::string_view text, bool multi_address) {
    const auto pieces = java_split(text, '|');
    if (!expect(!pieces.empty() && pieces.size() <= kMaxServerAddresses, "1 to 64 addresses")) {
      return false;
    }
    if (!expect(
            multi_address || pieces.size() == 1,
            "one address (several need -Dzookeeper.multiAddress.enabled=true: what zoo.cfg says of "
            "that does not count)")) {
      return false;
    }
    return std::all_of(pieces.begin(), pieces.end(),
                       [this](std::string_view piece) { return parse_address(piece); });
  }

  bool parse_address(std::string_view piece) {
    const auto parts = java_host_and_ports(piece);
    if (!expect(parts && parts->size() >= 3 && parts->size() <= 4, "host:port:port[:type]")) {
      return false;
    }
    const auto quorum_port = java_port((*parts)[1]);
    const auto election_port = java_port((*parts)[2]);
    if (!expect(quorum_port && election_port, "ports of 0..65535")) return false;
    if (!expect(*quorum_port != *election_port, "two different ports")) return false;
    if (parts->size() == 4 && !parse_type((*parts)[3])) return false;
    ServerAddress address{java_host_text((*parts)[0]), *quorum_port, *election_port};
    auto& addresses = server_.addresses;  // a set in Java
    if (std::find(addresses.begin(), addresses.end(), address) == addresses.end()) {
      addresses.push_back(std::move(address));
    }
    return true;
  }

  bool parse_type(std::string_view text) {
    std::string name(java_trim(text));
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (!expect(name == "participant" || name == "observer", "participant or observer")) {
      return false;
    }
    const auto type = name == "observer" ? LearnerType::kObserver : LearnerType::kParticipant;
    if (!expect(!typed_ || type == server_.type, "one type for all addresses")) return false;
    typed_ = true;
    server_.type = type;
    return true;
  }

  static std::optional<HostPort> parse_client(std::string_view text) {
    const auto parts = java_host_and_ports(text);
    if (!parts || parts->empty() || parts->size() > 2) return std::nullopt;
    const auto port = java_port(parts->back());
    if (!port) return std::nullopt;
    return HostPort{parts->size() == 2 ? java_host_text(parts->front()) : "0.0.0.0", *port};
  }

  std::string_view value_;
  QuorumServer server_;
  bool typed_ = false;
  std::string expected_;
};

std::string delimited_host(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

}  // namespace

Decoded<QuorumServer> parse_server(Sid sid, std::string_view value, bool multi_address) {
  return ServerLine(sid, value).parse(multi_address);
}

std::string to_text(const QuorumServer& server) {
  std::vector<ServerAddress> addresses = server.addresses;
  std::stable_sort(addresses.begin(), addresses.end(),
                   [](const auto& a, const auto& b) { return a.host < b.host; });
  std::string text;
  for (const ServerAddress& address : addresses) {
    if (!text.empty()) text += '|';
    text += delimited_host(address.host) + ":" + std::to_string(address.quorum_port) + ":" +
            std::to_string(address.election_port);
  }
  text += server.type == LearnerType::kObserver ? ":observer" : ":participant";
  if (server.client) text += ";" + to_string(*server.client);
  if (server.secure_client) {
    text += (server.client ? ";" : ";;") + to_string(*server.secure_client);
  }
  return text;
}

}  // namespace zkprobe::wire
