// Which releases can have written what a server wrote. Every fact is one of src/wire/README.md.
#pragma once

#include <optional>
#include <string>

#include "base/release.hpp"
#include "capture/conversation.hpp"

namespace zkprobe::capture {

struct ReleaseRange {
  Release from{3, 3, 0};
  std::optional<Release> to;  // the newest that is possible; nothing: no bound is known

  bool operator==(const ReleaseRange&) const = default;
  bool contains(Release release) const { return release >= from && (!to || release <= *to); }
};
// "3.4.6 to 3.4.14", "3.6.0 or later".
std::string to_string(const ReleaseRange& range);

// What one message says about its sender.
ReleaseRange release_of(const MessageBody& body);

class ReleaseEvidence {
 public:
  // `from` rises and `to` falls; where messages contradict each other, the last one counts: a
  // server was upgraded.
  void add(const ReleaseRange& range);
  const ReleaseRange& range() const { return range_; }

 private:
  ReleaseRange range_;
};

}  // namespace zkprobe::capture
