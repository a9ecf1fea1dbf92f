#include "wire/quorum_config.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "wire/java_properties.hpp"
#include "wire/java_text.hpp"

namespace zkprobe::wire {
namespace {

// Reads the properties one after the other; the first refusal ends it.
class ConfigReader {
 public:
  Decoded<QuorumConfig> read(const std::vector<Property>& properties) {
    for (const Property& property : properties) {
      if (!read_property(property)) return DecodeFailure(*error_);
    }
    if (!check_members() || !check_weights()) return DecodeFailure(*error_);
    return std::move(config_);
  }

 private:
  bool read_property(const Property& property) {
    const std::string_view known = java_trim(property.key);
    const bool allowed = known.starts_with("server.") || known.starts_with("group") ||
                         known.starts_with("weight") || known == "version";
    if (!allowed) {
      return refuse(property.key, "server.*, group*, weight* or version", at_line(property));
    }
    // From here on Java looks at the key untrimmed, and passes over what matches nothing.
    const std::string_view key = property.key;
    if (key.starts_with("server.")) return read_server(property);
    if (key.starts_with("group")) return read_group(property);
    if (key.starts_with("weight")) return read_weight(property);
    if (key == "version") return read_version(property);
    return true;
  }

  bool read_server(const Property& property) {
    const auto sid = id_in_key(property);
    if (!sid) return false;
    auto server = parse_server(Sid(*sid), property.value);
    if (!server) {
      return refuse(property.key, server.error().expected, at_line(property));
    }
    const auto [place, is_new] = server_places_.try_emplace(*sid, config_.servers.size());
    if (!is_new) {
      config_.servers[place->second] = std::move(*server);
      return true;
    }
    if (config_.servers.size() == kMaxServers) {
      return refuse(property.key, "at most " + std::to_string(kMaxServers) + " servers",
                    at_line(property), DecodeFault::kOutOfRange);
    }
    config_.servers.push_back(std::move(*server));
    return true;
  }

  bool read_group(const Property& property) {
    const auto gid = id_in_key(property);
    if (!gid) return false;
    for (const auto piece : java_split(property.value, ':')) {
      const auto [place, is_new] = group_places_.try_emplace(*gid, config_.groups.size());
      if (is_new) config_.groups.push_back({*gid, {}});
      const auto sid = java_long(piece);
      if (!sid) return refuse(property.key, "server ids with ':' between", at_line(property));
      if (!grouped_.insert(*sid).second) {
        return refuse(property.key, "each server in one group", at_line(property));
      }
      config_.groups[place->second].second.push_back(Sid(*sid));
    }
    return true;
  }

  bool read_weight(const Property& property) {
    const auto sid = id_in_key(property);
    if (!sid) return false;
    const auto weight = java_long(property.value);
    if (!weight) return refuse(property.key, "a number", at_line(property));
    const auto [place, is_new] = weight_places_.try_emplace(*sid, config_.weights.size());
    if (is_new) config_.weights.push_back({Sid(*sid), 0});
    config_.weights[place->second].second = *weight;
    return true;
  }

  bool read_version(const Property& property) {
    const auto version = java_long(property.value, 16);
    if (!version) return refuse(property.key, "a hexadecimal number", at_line(property));
    config_.version = ConfigVersion(*version);
    return true;
  }

  bool check_members() {
    bool participants = false;
    for (const QuorumServer& server : config_.servers) {
      if (server.type == LearnerType::kObserver) continue;
      participants = true;
      if (!config_.hierarchical()) continue;
      if (!grouped_.contains(server.sid.value)) {
        return refuse("group", "a group for every participant",
                      "none for server " + to_string(server.sid));
      }
      if (weight_places_.try_emplace(server.sid.value, config_.weights.size()).second) {
        config_.weights.push_back({server.sid, 1});
      }
    }
    return participants || config_.servers.empty() ||
           refuse("server", "a participant", "observers only");
  }

  // QuorumHierarchical.computeGroupWeight unboxes the weight of every group member.
  bool check_weights() {
    for (const std::int64_t sid : grouped_) {
      if (!weight_places_.contains(sid)) {
        return refuse("group", "a weight for every member of a group",
                      "none for server " + std::to_string(sid));
      }
    }
    return true;
  }

  // What stands behind the first '.', or the whole key where there is none.
  std::optional<std::int64_t> id_in_key(const Property& property) {
    const std::string_view key = property.key;
    const auto dot = key.find('.');
    const auto id = java_long(dot == std::string_view::npos ? key : key.substr(dot + 1));
    if (!id) refuse(property.key, "a number behind the '.'", at_line(property));
    return id;
  }

  static std::string at_line(const Property& property) {
    return "line " + std::to_string(property.line) + ": " +
           printable(property.key + "=" + property.value);
  }

  bool refuse(std::string_view field, std::string expected, std::string found,
              DecodeFault fault = DecodeFault::kMalformed) {
    error_ = DecodeError{fault, printable(field), 0, std::move(expected), std::move(found)};
    return false;
  }

  QuorumConfig config_;
  std::map<std::int64_t, std::size_t> server_places_;
  std::map<std::int64_t, std::size_t> group_places_;
  std::map<std::int64_t, std::size_t> weight_places_;
  std::set<std::int64_t> grouped_;
  std::optional<DecodeError> error_;
};

std::vector<Sid> members(const QuorumConfig& config, LearnerType type) {
  std::vector<Sid> sids;
  for (const QuorumServer& server : config.servers) {
    if (server.type == type) sids.push_back(server.sid);
  }
  std::sort(sids.begin(), sids.end());
  return sids;
}

// java.util.HashMap: 16 buckets, doubled while more than three quarters would be taken; the bucket
// of a Long is its hash code (both halves xored) with its own upper half folded in.
std::size_t java_table_size(std::size_t entries) {
  std::size_t capacity = 16;
  while (entries * 4 > capacity * 3) capacity *= 2;
  return capacity;
}

std::size_t java_bucket(std::int64_t key, std::size_t table_size) {
  const auto bits = static_cast<std::uint64_t>(key);
  const auto hash = static_cast<std::uint32_t>(bits ^ (bits >> 32));
  return (hash ^ (hash >> 16)) & (table_size - 1);
}

template <class Items, class KeyOf>
void order_by_bucket(Items& items, std::size_t table_size, KeyOf key_of) {
  std::stable_sort(items.begin(), items.end(), [&](const auto& a, const auto& b) {
    return java_bucket(key_of(a), table_size) < java_bucket(key_of(b), table_size);
  });
}

}  // namespace

const QuorumServer* QuorumConfig::find(Sid sid) const {
  const auto found = std::find_if(servers.begin(), servers.end(),
                                  [sid](const QuorumServer& server) { return server.sid == sid; });
  return found == servers.end() ? nullptr : &*found;
}

std::vector<Sid> QuorumConfig::voters() const { return members(*this, LearnerType::kParticipant); }
std::vector<Sid> QuorumConfig::observers() const { return members(*this, LearnerType::kObserver); }

std::string to_text(const QuorumConfig& config) {
  std::string text;
  for (const QuorumServer& server : config.servers) {
    text += "server." + to_string(server.sid) + "=" + to_text(server) + "\n";
  }
  for (const auto& [gid, sids] : config.groups) {
    text += "group." + std::to_string(gid) + "=";
    for (std::size_t i = 0; i < sids.size(); ++i) text += (i > 0 ? ":" : "") + to_string(sids[i]);
    text += "\n";
  }
  for (const auto& [sid, weight] : config.weights) {
    text += "weight." + to_string(sid) + "=" + std::to_string(weight) + "\n";
  }
  return text + "version=" + to_hex(config.version).substr(2);
}

void order_as_java(QuorumConfig& config) {
  order_by_bucket(config.servers, java_table_size(config.servers.size()),
                  [](const QuorumServer& server) { return server.sid.value; });
  std::size_t grouped = 0;
  for (const auto& [gid, sids] : config.groups) grouped += sids.size();
  for (auto& [gid, sids] : config.groups) {
    order_by_bucket(sids, java_table_size(grouped), [](Sid sid) { return sid.value; });
  }
  order_by_bucket(config.groups, java_table_size(config.groups.size()),
                  [](const auto& group) { return group.first; });
  order_by_bucket(config.weights, java_table_size(config.weights.size()),
                  [](const auto& weight) { return weight.first.value; });
}

Decoded<QuorumConfig> parse_quorum_config(std::string_view text) {
  if (text.size() > kMaxConfigText) {
    return DecodeFailure(DecodeError{DecodeFault::kOutOfRange, "config", 0,
                                     "at most " + std::to_string(kMaxConfigText) + " bytes",
                                     std::to_string(text.size())});
  }
  const auto properties = parse_properties(text);
  if (!properties) return DecodeFailure(properties.error());
  return ConfigReader().read(*properties);
}

}  // namespace zkprobe::wire
