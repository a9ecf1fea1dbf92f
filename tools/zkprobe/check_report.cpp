#include "check_report.hpp"

#include <algorithm>
#include <cstdio>

namespace zkprobe::tool {
namespace {

using conformance::Verdict;

std::size_t count(const std::vector<Checked>& all, Verdict verdict) {
  std::size_t found = 0;
  for (const Checked& one : all) {
    found += one.result.verdict == verdict && !is_unreached(one) ? 1 : 0;
  }
  return found;
}

double milliseconds(Duration duration) { return static_cast<double>(duration.count()) / 1000.0; }

std::string seen(const Checked& one) {
  std::string text;
  if (!one.result.expected.empty()) text += "expected " + one.result.expected + "; ";
  text += (one.result.expected.empty() ? "" : "found ") + one.result.observed;
  if (!one.result.issue.empty()) text += " (" + one.result.issue + ")";
  return text;
}

std::string xml(const std::string& text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// The rest of a <failure> or <skipped>: the log is its text.
std::string log_element(const Checked& one, bool failed) {
  if (one.log.empty()) return "/>\n";
  std::string text = ">";
  for (const std::string& said : one.log) text += xml(said) + "\n";
  return text + "</" + (failed ? "failure" : "skipped") + ">\n";
}

std::string junit_case(const Checked& one) {
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%.3f", milliseconds(one.result.took) / 1000.0);
  std::string text = "    <testcase classname=\"" + xml(one.address) + "\" name=\"" +
                     xml(one.scenario.id) + "\" time=\"" + seconds + "\"";
  if (is_unreached(one)) {
    return text + ">\n      <error message=\"" + xml(one.result.observed) +
           "\"/>\n    </testcase>\n";
  }
  if (one.result.verdict == Verdict::kPass) return text + "/>\n";
  const bool failed = one.result.verdict == Verdict::kFail;
  const std::string kind = one.result.verdict == Verdict::kKnownDefect ? "known defect: " : "";
  return text + ">\n      <" + (failed ? "failure" : "skipped") + " message=\"" +
         xml(kind + seen(one)) + "\"" + log_element(one, failed) + "    </testcase>\n";
}

constexpr const char* kReached = "reached";  // the id of what is no scenario

}  // namespace

Checked unreached(const std::string& address, const std::string& why) {
  Checked one;
  one.address = address;
  one.scenario.id = kReached;
  one.scenario.title = "the server answers";
  one.result.verdict = Verdict::kSkip;
  one.result.observed = why;
  return one;
}

bool is_unreached(const Checked& one) {
  return one.scenario.id == kReached && one.scenario.directives.empty();
}

Json check_record(const Checked& one) {
  Json record;
  record["id"] = one.scenario.id;
  record["title"] = one.scenario.title;
  record["result"] = is_unreached(one) ? "error" : std::string(to_string(one.result.verdict));
  record["expected"] = one.result.expected;
  record["observed"] = one.result.observed;
  record["release"] = one.release;
  record["ms"] = milliseconds(one.result.took);
  record["address"] = one.address;
  record["class"] = std::string(to_string(one.scenario.danger));
  if (!one.result.issue.empty()) record["issue"] = one.result.issue;
  if (!one.log.empty()) record["log"] = one.log;
  return record;
}

Json check_totals(const std::vector<Checked>& all) {
  Json record;
  record["passed"] = count(all, Verdict::kPass);
  record["failed"] = count(all, Verdict::kFail);
  record["known_defects"] = count(all, Verdict::kKnownDefect);
  record["skipped"] = count(all, Verdict::kSkip);
  return record;
}

std::string check_text(const Checked& one, const Style& style) {
  Colour colour = Colour::kFaint;
  std::string word = "skip";
  if (one.result.verdict == Verdict::kPass) colour = Colour::kGood, word = "pass";
  if (one.result.verdict == Verdict::kFail) colour = Colour::kBad, word = "FAIL";
  if (one.result.verdict == Verdict::kKnownDefect) colour = Colour::kWarning, word = "known defect";
  std::string padded = word;
  padded.resize(12, ' ');
  std::string id = one.scenario.id;
  id.resize(std::max<std::size_t>(id.size(), 26), ' ');
  std::string line = style.paint(colour, padded) + "  " + id + "  " + one.scenario.title + "\n";
  if (one.result.verdict == Verdict::kPass) return line;
  line += "                " + printable(seen(one)) + "\n";
  if (!one.log.empty()) line += "                the last lines of its log:\n";
  for (const std::string& said : one.log) line += "                  " + printable(said) + "\n";
  return line;
}

std::string check_summary(const std::vector<Checked>& all) {
  return std::to_string(count(all, Verdict::kPass)) + " passed, " +
         std::to_string(count(all, Verdict::kFail)) + " failed, " +
         std::to_string(count(all, Verdict::kKnownDefect)) + " known defects, " +
         std::to_string(count(all, Verdict::kSkip)) + " skipped\n";
}

std::string check_junit(const std::vector<Checked>& all) {
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (std::size_t begin = 0; begin < all.size();) {
    std::vector<Checked> suite;
    std::string cases;
    while (begin < all.size() && (suite.empty() || all[begin].address == suite[0].address)) {
      suite.push_back(all[begin]);
      cases += junit_case(all[begin++]);
    }
    text += "  <testsuite name=\"" +
            xml(suite[0].address + (is_unreached(suite[0]) ? "" : " ") + suite[0].release) +
            "\" tests=\"" + std::to_string(suite.size()) + "\" failures=\"" +
            std::to_string(count(suite, Verdict::kFail)) + "\" errors=\"" +
            std::to_string(std::count_if(suite.begin(), suite.end(), is_unreached)) +
            "\" skipped=\"" +
            std::to_string(count(suite, Verdict::kSkip) + count(suite, Verdict::kKnownDefect)) +
            "\">\n" + cases + "  </testsuite>\n";
  }
  return text + "</testsuites>\n";
}

void Baseline::add(const std::string& address, const std::string& id, const std::string& result) {
  if (std::find(addresses_.begin(), addresses_.end(), address) == addresses_.end()) {
    addresses_.push_back(address);
  }
  results_[{address, id}] = result;
}

std::optional<std::string> Baseline::find(const Checked& one, std::size_t position) const {
  std::string address = one.address;
  if (std::find(addresses_.begin(), addresses_.end(), address) == addresses_.end()) {
    if (position >= addresses_.size()) return std::nullopt;
    address = addresses_[position];
  }
  const auto found = results_.find({address, one.scenario.id});
  if (found == results_.end()) return std::nullopt;
  return found->second;
}

std::optional<Baseline> read_baseline(const std::string& text) {
  Baseline results;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const Json record = Json::parse(text.substr(begin, end - begin), nullptr, false);
    begin = end + 1;
    if (!record.is_object()) return std::nullopt;
    if (!record.contains("id")) continue;
    const auto is_text = [&record](const char* key) {
      return record.contains(key) && record[key].is_string();
    };
    if (!is_text("id") || !is_text("result")) return std::nullopt;
    results.add(is_text("address") ? record["address"].get<std::string>() : "",
                record["id"].get<std::string>(), record["result"].get<std::string>());
  }
  if (results.empty()) return std::nullopt;
  return results;
}

}  // namespace zkprobe::tool
