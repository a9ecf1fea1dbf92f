// What each verb of a scenario takes: its words, its options, and what their values look like.
// Checked when a file is read, whatever releases a line is for, so that a mistake in a file never
// looks like one of the server.
#pragma once

#include "conformance/scenario.hpp"
#include "conformance/values.hpp"

namespace zkprobe::conformance {

// The most bytes that one directive writes.
inline constexpr std::int64_t kMostBytes = 2'000'000;

// Each throws std::invalid_argument, "expected ..., found ...".
void check_words(const Directive& directive);
// The words and options behind `expect`.
void check_expectation(const std::vector<std::string>& words, const Options& options);

}  // namespace zkprobe::conformance
