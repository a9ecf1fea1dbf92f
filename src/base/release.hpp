// A ZooKeeper release, ordered: what a server of it sends and how it reads is a question to
// wire/dialect.hpp and to the machines.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace zkprobe {

struct Release {
  int major = 3;
  int minor = 9;
  int patch = 0;

  constexpr auto operator<=>(const Release&) const = default;
};

// The newest release whose behaviour is known here.
inline constexpr Release kNewestRelease{3, 9, 6};

// "3.9.4", or a line of releases, which means its last one: "3.3" is 3.3.6, "3.4" 3.4.14, "3.5"
// 3.5.10, "3.6" 3.6.4, "3.7" 3.7.2, "3.8" 3.8.7, "3.9" the newest. A suffix such as "-alpha" is
// allowed. Nothing for anything else, for a release before 3.3 or from 4 on.
std::optional<Release> parse_release(std::string_view text);
std::string to_string(Release release);

}  // namespace zkprobe
