// The keys of zoo.cfg that are no member lines, with their values checked as the release checks
// them. Java: the loop of QuorumPeerConfig.parseProperties.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "base/release.hpp"
#include "peer/config_error.hpp"
#include "wire/java_properties.hpp"
#include "wire/quorum_config.hpp"

namespace zkprobe::peer {

class ConfigValues {
 public:
  ConfigValues() = default;
  static tl::expected<ConfigValues, ConfigError> read(const std::string& file,
                                                      const std::vector<wire::Property>& properties,
                                                      Release release);

  // Trimmed; nothing where the file has no such key.
  std::optional<std::string> text(std::string_view key) const;
  std::optional<std::int64_t> number(std::string_view key) const;
  std::int32_t int_or(std::string_view key, std::int32_t otherwise) const;
  bool flag_or(std::string_view key, bool otherwise) const;
  wire::LearnerType peer_type() const;  // participant if unset
  // Of any key, members' included; 0 where the file has none.
  int line(std::string_view key) const;

  // Keys that the release does not read: system properties, by name.
  const std::map<std::string, std::string>& unread() const { return unread_; }
  const std::vector<ConfigWarning>& warnings() const { return warnings_; }

 private:
  std::optional<ConfigError> take(const std::string& file, const wire::Property& property,
                                  Release release, bool members_elsewhere);
  void take_unread(const std::string& file, const std::string& key, const std::string& value,
                   int line, Release release);

  struct Value {
    std::string text;
    std::int64_t number = 0;
    bool flag = false;
  };
  std::map<std::string, Value, std::less<>> values_;
  std::map<std::string, int, std::less<>> lines_;
  std::map<std::string, std::string> unread_;
  std::vector<ConfigWarning> warnings_;
};

// Boolean.parseBoolean: "true" in any case; everything else is false.
bool java_boolean(std::string_view text);

}  // namespace zkprobe::peer
