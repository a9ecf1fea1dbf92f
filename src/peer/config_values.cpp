#include "peer/config_values.hpp"

#include <cctype>

#include "peer/config_keys.hpp"
#include "wire/java_text.hpp"

namespace zkprobe::peer {
namespace {

constexpr Release k350{3, 5, 0};
constexpr Release k360{3, 6, 0};
constexpr Release k370{3, 7, 0};
constexpr std::string_view kDefaultMetrics = "org.apache.zookeeper.metrics.impl.";
constexpr std::string_view kPrometheus =
    "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider";

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

// What the value must be; empty if it is that.
std::string_view objection(const ConfigKey& key, std::string_view value, Release release) {
  switch (key.type) {
    case KeyType::kInt:
      if (!wire::java_int(value)) return "a whole number of 32 bits";
      if (key.name == "electionAlg" && release >= k360 && wire::java_int(value) != 3) return "3";
      return "";
    case KeyType::kLong:
      return wire::java_long(value) ? "" : "a whole number of 64 bits";
    case KeyType::kBool: {
      // Until 3.6 anything else than "true" is false, except for these two (ZOOKEEPER-3721).
      const bool strict =
          release >= k370 || key.name == "standaloneEnabled" || key.name == "reconfigEnabled";
      const std::string name = lower(value);
      return !strict || name == "true" || name == "false" ? "" : "true or false";
    }
    case KeyType::kPeerType: {
      const std::string name = lower(value);
      return name == "observer" || name == "participant" ? "" : "observer or participant";
    }
    case KeyType::kText:
      return "";
  }
  return "";
}

}  // namespace

bool java_boolean(std::string_view text) { return lower(text) == "true"; }

tl::expected<ConfigValues, ConfigError> ConfigValues::read(
    const std::string& file, const std::vector<wire::Property>& properties, Release release) {
  ConfigValues made;
  bool members_elsewhere = false;
  for (const wire::Property& property : properties) {
    if (property.key == "dynamicConfigFile" && release >= k350) members_elsewhere = true;
  }
  for (const wire::Property& property : properties) {
    if (auto error = made.take(file, property, release, members_elsewhere)) {
      return tl::unexpected(*std::move(error));
    }
  }
  return made;
}

std::optional<ConfigError> ConfigValues::take(const std::string& file,
                                              const wire::Property& property, Release release,
                                              bool members_elsewhere) {
  const std::string name(wire::java_trim(property.key));
  const std::string value(wire::java_trim(property.value));
  lines_[name] = property.line;
  const auto refuse = [&](std::string_view expected) {
    return ConfigError{file, property.line, wire::printable(name + "=" + value),
                       std::string(expected)};
  };
  if (const ConfigKey* key = find_key(name, release)) {
    const std::string_view objected = objection(*key, value, release);
    if (!objected.empty()) return refuse(objected);
    values_[name] = {value, wire::java_long(value).value_or(0), java_boolean(value)};
    if (name == "metricsProvider.className" && !value.starts_with(kDefaultMetrics) &&
        value != kPrometheus) {
      warnings_.push_back({file, property.line,
                           "metricsProvider.className=" + wire::printable(value) +
                               ": Java refuses to start if it has no such class"});
    }
    return std::nullopt;
  }
  if (name.starts_with("server.") || name.starts_with("group") || name.starts_with("weight")) {
    if (members_elsewhere) return refuse("members in the dynamicConfigFile alone");
    return std::nullopt;
  }
  take_unread(file, name, value, property.line, release);
  return std::nullopt;
}

void ConfigValues::take_unread(const std::string& file, const std::string& key,
                               const std::string& value, int line, Release release) {
  if (key.starts_with("metricsProvider.") && release >= k360) return;
  unread_[key] = value;
  if (is_known_anywhere(key)) return;
  std::string_view meant = key;
  if (meant.starts_with("zookeeper.")) meant.remove_prefix(10);
  warnings_.push_back({file, line,
                       "nothing reads '" + wire::printable(key) +
                           "' (it becomes the system property zookeeper." + wire::printable(key) +
                           "); the nearest known key is " + std::string(nearest_known_key(meant))});
}

std::optional<std::string> ConfigValues::text(std::string_view key) const {
  const auto found = values_.find(key);
  return found == values_.end() ? std::nullopt : std::optional(found->second.text);
}

std::optional<std::int64_t> ConfigValues::number(std::string_view key) const {
  const auto found = values_.find(key);
  return found == values_.end() ? std::nullopt : std::optional(found->second.number);
}

std::int32_t ConfigValues::int_or(std::string_view key, std::int32_t otherwise) const {
  return static_cast<std::int32_t>(number(key).value_or(otherwise));
}

bool ConfigValues::flag_or(std::string_view key, bool otherwise) const {
  const auto found = values_.find(key);
  return found == values_.end() ? otherwise : found->second.flag;
}

wire::LearnerType ConfigValues::peer_type() const {
  return lower(text("peerType").value_or("")) == "observer" ? wire::LearnerType::kObserver
                                                            : wire::LearnerType::kParticipant;
}

int ConfigValues::line(std::string_view key) const {
  const auto found = lines_.find(key);
  return found == lines_.end() ? 0 : found->second;
}

}  // namespace zkprobe::peer
