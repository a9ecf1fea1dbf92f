#include "store/data_files.hpp"

#include <algorithm>
#include <charconv>

namespace zkprobe::store {
namespace {

constexpr std::string_view kUnfinished = "tmp.";

std::string_view prefix_of(FileKind kind) {
  return kind == FileKind::kSnapshot ? "snapshot" : "log";
}

// Long.parseLong with a sign.
std::optional<std::int64_t> parse_long(std::string_view text, int base) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<Zxid> zxid_of_name(const std::string& name, FileKind kind) {
  const std::string_view prefix = prefix_of(kind);
  if (name.size() <= prefix.size() || !name.starts_with(prefix) || name[prefix.size()] != '.') {
    return std::nullopt;
  }
  const std::string_view rest = std::string_view(name).substr(prefix.size() + 1);
  const auto zxid = parse_long(rest.substr(0, rest.find('.')), 16);
  // Java takes -1 for "not such a file".
  if (!zxid || *zxid == -1) return std::nullopt;
  return Zxid(*zxid);
}

std::string file_name(FileKind kind, Zxid zxid) {
  return std::string(prefix_of(kind)) + "." + to_hex(zxid).substr(2);
}

std::string unfinished_name(FileKind kind, Zxid zxid) {
  return std::string(kUnfinished) + file_name(kind, zxid);
}

bool is_unfinished_name(const std::string& name) {
  if (!name.starts_with(kUnfinished)) return false;
  const std::string rest = name.substr(kUnfinished.size());
  return zxid_of_name(rest, FileKind::kSnapshot) || zxid_of_name(rest, FileKind::kLog);
}

Stored<std::vector<DataFile>> list_files(FileSystem& files, const std::string& directory,
                                         FileKind kind) {
  const auto names = files.list(directory);
  if (!names) return StorageFailure(names.error());
  std::vector<DataFile> found;
  for (const std::string& name : *names) {
    if (const auto zxid = zxid_of_name(name, kind)) found.push_back({join(directory, name), *zxid});
  }
  std::sort(found.begin(), found.end(), [](const DataFile& a, const DataFile& b) {
    return a.zxid != b.zxid ? a.zxid < b.zxid : a.path < b.path;
  });
  return found;
}

std::vector<DataFile> logs_after(const std::vector<DataFile>& logs, Zxid zxid) {
  Zxid first;
  for (const DataFile& log : logs) {
    if (log.zxid <= zxid && log.zxid > first) first = log.zxid;
  }
  std::vector<DataFile> kept;
  for (const DataFile& log : logs) {
    if (log.zxid >= first) kept.push_back(log);
  }
  return kept;
}

std::optional<std::int64_t> parse_long_line(const std::string& text) {
  return parse_long(std::string_view(text).substr(0, text.find_first_of("\r\n")), 10);
}

}  // namespace zkprobe::store
