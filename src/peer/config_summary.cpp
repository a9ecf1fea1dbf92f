#include "peer/config_summary.hpp"

#include <algorithm>

#include "wire/java_text.hpp"

namespace zkprobe::peer {
namespace {

std::string type_text(wire::LearnerType type) {
  return type == wire::LearnerType::kObserver ? "observer" : "participant";
}

std::string sorted_lines(std::vector<std::string> lines) {
  std::sort(lines.begin(), lines.end());
  std::string joined;
  for (const std::string& line : lines) joined += (joined.empty() ? "" : "|") + line;
  std::replace(joined.begin(), joined.end(), ';', ',');
  return joined;
}

std::string members_text(const wire::QuorumConfig& members) {
  std::vector<std::string> lines;
  const std::string text = wire::to_text(members);
  for (const auto line : wire::java_split(text, '\n')) lines.emplace_back(line);
  return sorted_lines(std::move(lines));
}

std::string old_members_text(const wire::QuorumConfig& members) {
  std::vector<std::string> lines;
  for (const wire::QuorumServer& server : members.servers) {
    const wire::ServerAddress& address = server.addresses.front();
    lines.push_back("server." + to_string(server.sid) + "=" + std::to_string(address.quorum_port) +
                    ":" + std::to_string(address.election_port) + ":" + type_text(server.type));
  }
  return sorted_lines(std::move(lines));
}

}  // namespace

Summary summarize(const Config& config) {
  const bool has_text = config.release >= Release{3, 5, 0};
  Summary summary{
      {"client", config.client ? wire::to_string(*config.client) : "none"},
      {"distributed", config.distributed ? "true" : "false"},
      {"election_alg", std::to_string(config.election_alg)},
      {"init_limit", std::to_string(config.init_limit)},
      {"listen_on_all_ips", config.listen_on_all_ips ? "true" : "false"},
      {"max_session_timeout_ms", std::to_string(config.max_session_timeout_ms)},
      {"min_session_timeout_ms", std::to_string(config.min_session_timeout_ms)},
      {"sync_limit", std::to_string(config.sync_limit)},
      {"tick_ms", std::to_string(config.tick_ms)},
  };
  if (config.distributed) {
    summary.emplace_back("self", config.self ? to_string(*config.self) : "none");
    summary.emplace_back("learner_type", type_text(config.learner_type));
  }
  if (config.last_seen) summary.emplace_back("last_seen", members_text(*config.last_seen));
  if (has_text) {
    summary.emplace_back("members", members_text(config.members));
  } else if (config.distributed) {
    summary.emplace_back("members", old_members_text(config.members));
  }
  std::sort(summary.begin(), summary.end());
  return summary;
}

std::string to_string(const Summary& summary) {
  std::string text;
  for (const auto& [name, value] : summary) text += (text.empty() ? "" : ";") + name + "=" + value;
  return text;
}

}  // namespace zkprobe::peer
