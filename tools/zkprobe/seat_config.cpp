#include "seat_config.hpp"

#include <algorithm>
#include <filesystem>

#include "store/config_files.hpp"

namespace zkprobe::tool {
namespace {

// The file itself may be a link that is to be replaced, as in Java; its folder is resolved.
std::string absolute_path(const std::string& file) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path given = fs::absolute(file, error);
  const fs::path folder = fs::weakly_canonical(given.parent_path(), error);
  return (error ? given : folder / given.filename()).string();
}

}  // namespace

SeatConfig::SeatConfig(const peer::Config& config)
    : zoo_cfg_(absolute_path(config.file)),
      self_(*config.self),
      // 3.5.0 keeps the version inside the dynamic file, and names what was proposed otherwise.
      enabled_(config.reconfig_enabled && config.release >= Release{3, 5, 1}),
      proposed_(config.last_seen ? config.last_seen->version : config.members.version),
      in_force_(config.members.version) {}

std::optional<std::string> SeatConfig::proposed(const wire::QuorumConfig& config) {
  if (!enabled_ || config.version <= std::max(proposed_, in_force_)) return std::nullopt;
  proposed_ = config.version;
  return judge(store::keep_proposed(files_, zoo_cfg_, config));
}

std::optional<std::string> SeatConfig::in_force(const wire::QuorumConfig& config) {
  if (!enabled_ || config.version <= in_force_) return std::nullopt;
  in_force_ = config.version;
  return judge(store::keep_in_force(files_, zoo_cfg_, config, self_, proposed_ <= config.version));
}

std::optional<std::string> SeatConfig::judge(const store::Stored<void>& result) const {
  if (result) return std::nullopt;
  return "the configuration is not kept for the next start: " + peer::to_string(result.error());
}

}  // namespace zkprobe::tool
