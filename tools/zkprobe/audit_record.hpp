// The records of `zkprobe audit --json`, and reading them again for --merge.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "audit/finding.hpp"
#include "audit/survey.hpp"
#include "output.hpp"

namespace zkprobe::tool {

// {"record":"run",...}, then one {"record":"address",...} for each address that was asked: what
// --merge reads.
std::vector<Json> audit_view_records(const audit::View& view);
// {"record":"server",...}: which addresses are one server, and which.
std::vector<Json> audit_server_records(const audit::Roster& roster);
// {"record":"finding",...} for each, and {"record":"verdict",...}.
std::vector<Json> audit_finding_records(const audit::Roster& roster,
                                        const audit::Findings& findings);

// The runs of one file: records that are neither "run" nor "address" are passed over. A file
// without a verdict behind its last run was cut, which is an error. An error is one line with the
// file, and with the line number where there is one.
tl::expected<std::vector<audit::View>, std::string> read_audit_views(const std::string& name,
                                                                     const std::string& text);

}  // namespace zkprobe::tool
