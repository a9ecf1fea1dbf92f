// What `zkprobe check` tells: lines for people, records, JUnit.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
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
// A server that did not answer: it has one record, whose result is "error", and counts nowhere.
Checked unreached(const std::string& address, const std::string& why);
bool is_unreached(const Checked& one);

// {"id","title","result","expected","observed","release","ms",...}
Json check_record(const Checked& one);
// {"passed","failed","known_defects","skipped"}
Json check_totals(const std::vector<Checked>& all);
// One line, and below it what was seen where it does not pass.
std::string check_text(const Checked& one, const Style& style);
std::string check_summary(const std::vector<Checked>& all);
// A <testsuite> for each server. Known defects and skips are <skipped>, with what was seen; a
// server that did not answer is one <testcase> with an <error>.
std::string check_junit(const std::vector<Checked>& all);

// Results of a stored run (--json).
class Baseline {
 public:
  // Takes a record; nothing but one of a check counts.
  void add(const std::string& address, const std::string& id, const std::string& result);
  bool empty() const { return results_.empty(); }
  // What was found then of this check and server: by its address, or where that did not take part,
  // of the server at this position among the addresses (from 0).
  std::optional<std::string> find(const Checked& one, std::size_t position) const;

 private:
  std::vector<std::string> addresses_;  // in their order
  std::map<std::pair<std::string, std::string>, std::string> results_;
};
// Nothing where the text is no such run.
std::optional<Baseline> read_baseline(const std::string& text);

}  // namespace zkprobe::tool
