// `zkprobe check --transcript`: every message of a scenario as a record, so that two servers can be
// compared message by message (scripts/compare-transcripts). fixtures/scenario/README.md shows the
// records.
#pragma once

#include <string>

#include "check_report.hpp"
#include "conformance/recorder.hpp"

namespace zkprobe::tool {

// The scenario's own record, then its links and messages in order: a line each. What differs from
// run to run though nothing else does (times, addresses, ports, lengths that depend on them) stands
// in "varies".
std::string transcript_of(const Checked& one, const conformance::Recorder& recorder);

// A configuration text whose ports are written as PORT.
std::string without_ports(const std::string& config);

}  // namespace zkprobe::tool
