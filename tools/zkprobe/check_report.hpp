// What `zkprobe check` tells: lines for people, records, JUnit.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "conformance/runner.hpp"
#include "output.hpp"

namespace zkprobe::tool {

struct Checked {
  std::string address;
  std::string release;  // "3.9.6", "3.6.0-"
  conformance::Scenario scenario;
  conformance::Result result;
  std::vector<std::string> log;  // the last lines of a server that died
};

// {"id","title","result","expected","observed","release","ms",...}
Json check_record(const Checked& one);
// {"passed","failed","known_defects","skipped"}
Json check_totals(const std::vector<Checked>& all);
// One line, and below it what was seen where it does not pass.
std::string check_text(const Checked& one, const Style& style);
std::string check_summary(const std::vector<Checked>& all);
// A <testsuite> for each server. Known defects and skips are <skipped>, with what was seen.
std::string check_junit(const std::vector<Checked>& all);

// Results of a stored run (--json) by address and id. Nothing where the text is no such run.
std::optional<std::map<std::string, std::string>> read_baseline(const std::string& text);
std::string baseline_key(const Checked& one);

}  // namespace zkprobe::tool
