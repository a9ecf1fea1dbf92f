#include "zkprobe_seats.hpp"

#include <memory>
#include <vector>

#include "net/word_asker.hpp"

namespace zkprobe::tool {
namespace {

std::optional<wire::HostPort> client_port(const wire::QuorumServer& server,
                                          const peer::Config& config) {
  const std::optional<wire::HostPort>& listed = server.client ? server.client : config.client;
  if (!listed) return std::nullopt;
  if (server.client && !wire::is_wildcard(*listed)) return listed;
  return wire::HostPort{server.addresses.front().host, listed->port};
}

}  // namespace

quorum::SidSet ask_for_zkprobe(const peer::Config& config, Duration timeout) {
  net::asio::io_context io;
  const auto resolver = std::make_shared<net::Resolver>(io);
  quorum::SidSet found;
  for (const wire::QuorumServer& server : config.members.servers) {
    if (server.sid == *config.self || server.type != wire::LearnerType::kParticipant) continue;
    const auto address = client_port(server, config);
    if (!address) continue;
    const auto asker = std::make_shared<net::WordAsker>(io, resolver, *address, "srvr", timeout);
    asker->start([&found, sid = server.sid](const std::string& answer) {
      if (is_zkprobe(answer)) found.insert(sid);
    });
  }
  io.run();
  return found;
}

bool is_zkprobe(const std::string& srvr) {
  const std::string first = srvr.substr(0, srvr.find('\n'));
  return first.starts_with("Zookeeper version: ") && first.find("-zkprobe") != std::string::npos;
}

}  // namespace zkprobe::tool
