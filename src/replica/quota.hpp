// Quotas: the nodes below /zookeeper/quota that say how much a subtree may hold, and the nodes
// beside them in which every server counts for itself what it holds.
//
//   /zookeeper/quota/PATH/zookeeper_limits   "count=10,bytes=-1"; since 3.7 with
//                                            "=;byteHardLimit=5;countHardLimit=5" behind it
//   /zookeeper/quota/PATH/zookeeper_stats    the same form, kept up to date
//
// Java: Quotas, StatsTrack, PathTrie.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace zkprobe::replica {

inline constexpr std::string_view kQuotaRoot = "/zookeeper/quota";
inline constexpr std::string_view kLimitNode = "zookeeper_limits";
inline constexpr std::string_view kStatNode = "zookeeper_stats";

// "/zookeeper/quota/a/zookeeper_stats" for "/a".
std::string quota_stat_path(std::string_view path);

class StatsTrack {
 public:
  StatsTrack() = default;
  // Nothing where a number cannot be read; a Java server fails there.
  static std::optional<StatsTrack> parse(std::string_view text);

  std::int64_t count() const { return value("count"); }
  std::int64_t bytes() const { return value("bytes"); }
  void set(std::int64_t count, std::int64_t bytes);
  std::string text() const;

 private:
  std::int64_t value(const std::string& key) const;  // -1 where there is none

  std::map<std::string, std::int64_t> values_;
};

// The subtrees that have a quota.
class QuotaPaths {
 public:
  void add(std::string_view path) { paths_.emplace(path); }
  void remove(std::string_view path) { paths_.erase(std::string(path)); }
  void clear() { paths_.clear(); }
  bool empty() const { return paths_.empty(); }
  // The deepest of them that holds `path` or is it; nothing where none does.
  std::optional<std::string> deepest(std::string_view path) const;

 private:
  std::set<std::string, std::less<>> paths_;
};

}  // namespace zkprobe::replica
