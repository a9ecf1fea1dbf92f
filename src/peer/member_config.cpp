#include "peer/member_config.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "peer/config_keys.hpp"
#include "peer/server_entry.hpp"
#include "wire/java_text.hpp"

namespace zkprobe::peer {
namespace {

constexpr Release k350{3, 5, 0};
constexpr Release k351{3, 5, 1};
constexpr const char* kLong = "a whole number of 64 bits";

// Collects the lines and puts them into the order of Java's maps.
class MemberReader {
 public:
  explicit MemberReader(const MemberRules& rules) : rules_(rules) {}

  Members read(const std::vector<wire::Property>& properties) {
    for (const wire::Property& property : properties) {
      if (!read_line(property)) return tl::unexpected(*error_);
    }
    if (!grouped()) weights_.clear();
    if (grouped() && !settle_groups()) return tl::unexpected(*error_);
    return config();
  }

 private:
  bool refuse(const wire::Property& property, std::string expected) {
    error_ = ConfigError{rules_.file, property.line,
                         wire::printable(property.key + "=" + property.value), std::move(expected)};
    return false;
  }
  bool refuse_at(int line, std::string found, std::string expected) {
    error_ = ConfigError{rules_.file, line, std::move(found), std::move(expected)};
    return false;
  }

  // A weight without a group makes the quorum hierarchical too, from 3.5.0 on.
  bool grouped() const {
    return !group_of_.empty() || (rules_.release >= k350 && !weights_.empty());
  }

  bool read_line(const wire::Property& property) {
    const std::string_view key = property.key;
    if (key.starts_with("server.")) return read_server(property);
    if (key.starts_with("group")) return rules_.oracle || read_group(property);
    if (key.starts_with("weight")) return rules_.oracle || read_weight(property);
    if (key == "version" && rules_.release >= k350) {
      const auto version = wire::java_long(property.value, 16);
      if (!version) return refuse(property, "a hexadecimal number of 64 bits");
      version_ = ConfigVersion(*version);
      return true;
    }
    if (!rules_.whole_file) return refuse(property, "server.*, group*, weight* alone in this file");
    return true;
  }

  // Long.parseLong of what follows the first '.', or of all of it.
  static std::optional<std::int64_t> number_in(std::string_view key) {
    const std::size_t dot = key.find('.');
    return wire::java_long(dot == std::string_view::npos ? key : key.substr(dot + 1));
  }

  bool read_server(const wire::Property& property) {
    const auto sid = number_in(property.key);
    if (!sid) return refuse(property, "server.N with N a whole number");
    auto server =
        parse_server_entry(Sid(*sid), property.value, rules_.release, rules_.multi_address);
    if (!server) return refuse(property, server.error());
    if (!*server) return true;
    servers_[*sid] = **std::move(server);
    server_lines_[*sid] = property.line;
    return true;
  }

  bool read_group(const wire::Property& property) {
    const auto gid = number_in(property.key);
    if (!gid) return refuse(property, "group.N with N a whole number");
    for (const auto piece : wire::java_split(value_of(property), ':')) {
      const auto sid = wire::java_long(piece);
      if (!sid) return refuse(property, "server ids with ':' between them");
      if (!group_of_.emplace(*sid, *gid).second) {
        return refuse(property, "server " + std::to_string(*sid) + " in one group");
      }
      group_lines_[*sid] = property.line;
    }
    return true;
  }

  bool read_weight(const wire::Property& property) {
    const auto sid = number_in(property.key);
    if (!sid) return refuse(property, "weight.N with N a whole number");
    const auto weight = wire::java_long(value_of(property));
    if (!weight) return refuse(property, kLong);
    weights_[*sid] = *weight;
    return true;
  }

  // 3.3 and 3.4 trim values; from 3.5.0 on the members are read from the untrimmed ones.
  std::string_view value_of(const wire::Property& property) const {
    return rules_.release < k350 ? wire::java_trim(property.value)
                                 : std::string_view(property.value);
  }

  bool settle_groups() {
    std::size_t participants = 0;
    for (const auto& [sid, server] : servers_) {
      if (server.type != wire::LearnerType::kParticipant) continue;
      ++participants;
      if (rules_.release >= k350 && !group_of_.contains(sid)) {
        return refuse_at(server_lines_[sid], "participant " + std::to_string(sid) + " in no group",
                         "every participant in a group");
      }
      weights_.emplace(sid, 1);
    }
    if (rules_.release < k350) {
      // One participant or none is no quorum there, and the groups are not looked at.
      if (participants < 2) return true;
      if (participants != group_of_.size()) {
        return refuse_at(0, std::to_string(group_of_.size()) + " servers in groups",
                         std::to_string(participants) + ", the participants");
      }
    }
    for (const auto& [sid, gid] : group_of_) {
      if (weights_.contains(sid)) continue;
      return refuse_at(group_lines_[sid],
                       "server " + std::to_string(sid) + " in group " + std::to_string(gid) +
                           " without a weight",
                       "a participant, or a weight." + std::to_string(sid));
    }
    return true;
  }

  template <class Map>
  static std::vector<std::int64_t> ordered_keys(const Map& map) {
    std::vector<std::int64_t> keys;
    for (const auto& entry : map) keys.push_back(entry.first);
    return java_hash_order(std::move(keys));
  }

  wire::QuorumConfig config() const {
    wire::QuorumConfig made;
    made.version = version_;
    made.oracle = rules_.oracle;
    for (const auto sid : ordered_keys(servers_)) made.servers.push_back(servers_.at(sid));
    if (!grouped()) return made;
    std::map<std::int64_t, std::vector<Sid>> groups;
    for (const auto sid : ordered_keys(group_of_)) groups[group_of_.at(sid)].push_back(Sid(sid));
    for (const auto gid : ordered_keys(groups)) made.groups.emplace_back(gid, groups.at(gid));
    for (const auto sid : ordered_keys(weights_)) {
      made.weights.emplace_back(Sid(sid), weights_.at(sid));
    }
    return made;
  }

  const MemberRules& rules_;
  std::map<std::int64_t, wire::QuorumServer> servers_;
  std::map<std::int64_t, int> server_lines_;
  std::map<std::int64_t, std::int64_t> group_of_;
  std::map<std::int64_t, int> group_lines_;
  std::map<std::int64_t, std::int64_t> weights_;
  ConfigVersion version_;
  std::optional<ConfigError> error_;
};

}  // namespace

Members read_members(const std::vector<wire::Property>& properties, const MemberRules& rules) {
  return MemberReader(rules).read(properties);
}

Members check_members(wire::QuorumConfig members, const MemberRules& rules) {
  const auto refuse = [&rules](std::string found, std::string expected) {
    return tl::unexpected(ConfigError{rules.file, 0, std::move(found), std::move(expected)});
  };
  const std::size_t participants = members.voters().size();
  const std::size_t observers = members.observers().size();
  const bool standalone = rules.release < k350 || rules.standalone_enabled;
  if (participants == 0 && !standalone && rules.release >= k351) {
    return refuse("no participant", "at least one, as standaloneEnabled is false");
  }
  if (participants == 0 && observers > 0) {
    return refuse("observers without participants", "at least one participant");
  }
  if (participants == 1 && standalone && observers > 0) {
    return refuse("one participant with observers",
                  "two participants, or standaloneEnabled=false from 3.5.0 on");
  }
  return members;
}

std::vector<std::int64_t> java_hash_order(std::vector<std::int64_t> keys) {
  std::size_t capacity = 16;
  while (keys.size() * 4 > capacity * 3) capacity *= 2;
  const auto bucket = [capacity](std::int64_t key) {
    const auto bits = static_cast<std::uint64_t>(key);
    const auto hash = static_cast<std::uint32_t>(bits ^ bits >> 32);
    return (hash ^ hash >> 16) & (capacity - 1);
  };
  std::sort(keys.begin(), keys.end());
  std::stable_sort(keys.begin(), keys.end(),
                   [&bucket](std::int64_t a, std::int64_t b) { return bucket(a) < bucket(b); });
  return keys;
}

}  // namespace zkprobe::peer
