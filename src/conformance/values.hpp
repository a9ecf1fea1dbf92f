// What the directives of a scenario are written with: numbers, zxids, options.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace zkprobe::conformance {

using Options = std::map<std::string, std::string>;

// What a peer expected, and what came instead or indeed.
struct Seen {
  bool as_expected = false;
  std::string what;
};

// A directive that means nothing, a mistake in the file that the parser cannot see: throws
// std::invalid_argument.
[[noreturn]] void mistake(const std::string& what);

// As number() and zxid_number(), or nothing where the text is none.
std::optional<std::int64_t> to_number(const std::string& text);
std::optional<std::int64_t> to_zxid_number(const std::string& text);

// "12", "-1", "0x10000" (64 bits), "min" (Long.MIN_VALUE). Anything else is a mistake.
std::int64_t number(const std::string& text);
// A number, or epoch and counter in decimals: "2:1" is 0x200000001.
std::int64_t zxid_number(const std::string& text);

// The option's value, or `otherwise` where it is not given.
std::string option(const Options& options, const std::string& key, const std::string& otherwise);

}  // namespace zkprobe::conformance
