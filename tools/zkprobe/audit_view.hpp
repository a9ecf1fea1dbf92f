// What `zkprobe audit` shows to people: a table, the matrix of several hosts, findings, a verdict.
#pragma once

#include <string>

#include "audit/finding.hpp"
#include "output.hpp"

namespace zkprobe::tool {

std::string audit_text(const audit::Roster& roster, const audit::Findings& findings,
                       const Style& style);

}  // namespace zkprobe::tool
