#include "store/config_files.hpp"

#include "peer/config_rewrite.hpp"

namespace zkprobe::store {
namespace {

constexpr std::size_t kMaxZooCfg = 1'048'576;

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

Stored<void> replace(FileSystem& files, const std::string& path, const std::string& text) {
  const std::string temporary = path + ".tmp";
  const auto write = [&]() -> Stored<void> {
    auto file = files.open(temporary, OpenMode::kCreate);
    if (!file) return StorageFailure(file.error());
    const auto written = (*file)->write_at(0, as_bytes(text));
    return written ? (*file)->sync() : written;
  };
  auto result = write();
  if (result) result = files.rename(temporary, path);
  if (!result) {
    (void)files.remove(temporary);
    return result;
  }
  return files.sync_directory(directory_of(path));
}

std::string next_file(const std::string& zoo_cfg) { return zoo_cfg + ".dynamic.next"; }

}  // namespace

Stored<void> keep_proposed(FileSystem& files, const std::string& zoo_cfg,
                           const wire::QuorumConfig& config) {
  return replace(files, next_file(zoo_cfg), peer::dynamic_file_text(config, true));
}

Stored<void> keep_in_force(FileSystem& files, const std::string& zoo_cfg,
                           const wire::QuorumConfig& config, Sid self, bool none_proposed) {
  const auto before = read_small_file(files, zoo_cfg, kMaxZooCfg);
  if (!before) return StorageFailure(before.error());
  const std::string dynamic_file = peer::dynamic_file_name(zoo_cfg, config.version);
  const wire::QuorumServer* own = config.find(self);
  const auto after =
      peer::static_file_text(*before, dynamic_file, own != nullptr && own->client.has_value());
  if (!after) return corrupt(zoo_cfg, after.error());
  auto result = replace(files, dynamic_file, peer::dynamic_file_text(config, false));
  if (result && !peer::names_dynamic_file(*before)) {
    result = replace(files, zoo_cfg + ".bak", *before);
  }
  if (result) result = replace(files, zoo_cfg, *after);
  if (!result || !none_proposed) return result;
  return files.remove(next_file(zoo_cfg));
}

}  // namespace zkprobe::store
