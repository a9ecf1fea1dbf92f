#include "peer/server_entry.hpp"

#include <algorithm>
#include <cctype>
#include <vector>

#include "wire/ip_literal.hpp"
#include "wire/java_text.hpp"

namespace zkprobe::peer {
namespace {

using Parts = tl::expected<std::vector<std::string>, std::string>;
tl::unexpected<std::string> expected(std::string what) { return tl::unexpected(std::move(what)); }

constexpr const char* kPorts = "ports of 0..65535";
constexpr const char* kTypes = "participant or observer";

// Cuts at each ':'. Where the release knows "[v6]:port", the literal comes out without brackets.
Parts split_address(std::string_view text, bool brackets) {
  std::vector<std::string> parts;
  std::string_view rest = text;
  if (brackets && text.starts_with('[')) {
    const std::size_t close = text.find("]:");
    if (close == std::string_view::npos) return expected("']:' behind the '['");
    parts.emplace_back(text.substr(1, close - 1));
    rest = text.substr(close + 2);
  }
  for (const auto piece : wire::java_split(rest, ':')) parts.emplace_back(piece);
  return parts;
}

std::optional<wire::LearnerType> learner_type(std::string name) {
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (name == "observer") return wire::LearnerType::kObserver;
  if (name == "participant") return wire::LearnerType::kParticipant;
  return std::nullopt;
}

// 3.3 and 3.4: host:port[:election port[:type]], further parts are ignored from 3.4.7 on.
ServerEntry parse_34(Sid sid, std::string_view value, Release release) {
  const Parts split = split_address(wire::java_trim(value), release >= Release{3, 4, 9});
  if (!split) return expected(split.error());
  const auto& parts = *split;
  if (parts.size() < 2 || parts[0].empty()) return expected("host:port:port[:type]");
  const auto quorum_port = wire::java_port(parts[1]);
  if (quorum_port && parts.size() > 4 && release < Release{3, 4, 7}) return std::nullopt;
  const auto election_port =
      parts.size() > 2 ? wire::java_port(parts[2]) : std::optional<std::uint16_t>(0);
  if (!quorum_port || !election_port) return expected(kPorts);
  wire::QuorumServer server;
  server.sid = sid;
  server.addresses = {{wire::java_host_text(parts[0]), *quorum_port, *election_port}};
  if (parts.size() > 3) {
    const auto type = learner_type(parts[3]);
    if (!type) return expected(kTypes);
    server.type = *type;
  }
  return server;
}

// 3.5: host:port:port[:type][;client]. Nothing is trimmed.
ServerEntry parse_35(Sid sid, std::string_view value, Release release) {
  const bool brackets = release >= Release{3, 5, 2};
  const auto halves = wire::java_split(value, ';');
  if (halves.empty() || halves.size() > 2) return expected("server[;client]");
  const Parts parts = split_address(halves[0], brackets);
  if (!parts) return expected(parts.error());
  if (parts->size() < 3 || parts->size() > 4 || (*parts)[0].empty()) {
    return expected("host:port:port[:type]");
  }
  const auto quorum_port = wire::java_port((*parts)[1]);
  const auto election_port = wire::java_port((*parts)[2]);
  if (!quorum_port || !election_port) return expected(kPorts);
  if (quorum_port == election_port && release >= Release{3, 5, 5}) {
    return expected("two different ports");
  }
  wire::QuorumServer server;
  server.sid = sid;
  server.addresses = {{wire::java_host_text((*parts)[0]), *quorum_port, *election_port}};
  if (parts->size() == 4) {
    const auto type = learner_type((*parts)[3]);
    if (!type) return expected(kTypes);
    server.type = *type;
  }
  if (halves.size() == 1) return server;
  const Parts client = split_address(halves[1], brackets);
  const auto port = client && !client->empty() && client->size() <= 2
                        ? wire::java_port(client->back())
                        : std::nullopt;
  if (!port || client->front().empty()) return expected("a client part of port or host:port");
  server.client = wire::HostPort{
      client->size() == 2 ? wire::java_host_text(client->front()) : "0.0.0.0", *port};
  return server;
}

}  // namespace

ServerEntry parse_server_entry(Sid sid, std::string_view value, Release release,
                               bool multi_address) {
  if (release < Release{3, 5, 0}) return parse_34(sid, value, release);
  if (release < Release{3, 6, 0}) return parse_35(sid, value, release);
  // The secure client part came after every release that is known here (ZOOKEEPER-4276).
  if (wire::java_split(value, ';').size() > 2) return expected("server[;client]");
  auto server = wire::parse_server(sid, value, multi_address);
  if (!server) return expected(server.error().expected);
  return *std::move(server);
}

}  // namespace zkprobe::peer
