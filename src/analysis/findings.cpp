#include "analysis/findings.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace zkprobe::analysis {

Evidence proof(const Recording& recording, RecordIndex index) {
  const Record& record = recording.records[index];
  return {record.place.packet, record.place.time, recording.stream_of(record).info.number,
          describe(recording, record)};
}

Evidence proof(const StreamRecord& stream, const Place& place, std::string what) {
  return {place.packet, place.time, stream.info.number, std::move(what)};
}

namespace {

bool rests_on_ids(const std::string& id) {
  const auto those = {"two_leaders",  "configuration_left_behind", "same_id_twice",
                      "leader_lost",  "leader_handed_over",        "unsupported_leader",
                      "dials_itself", "missing_dial_back",         "slow_election"};
  return std::find(those.begin(), those.end(), id) != those.end();
}

}  // namespace

std::vector<Finding> find_all(const Story& story) {
  std::vector<Finding> all;
  for (const auto rule :
       {findings_of_links, findings_of_answers, findings_of_elections, findings_of_members}) {
    std::vector<Finding> some = rule(story);
    all.insert(all.end(), std::make_move_iterator(some.begin()),
               std::make_move_iterator(some.end()));
  }
  // Who says nothing at all does not dial back either.
  std::erase_if(all, [&all](const Finding& finding) {
    return finding.id == "missing_dial_back" &&
           std::any_of(all.begin(), all.end(), [&finding](const Finding& other) {
             return other.id == "never_answers" && !other.servers.empty() &&
                    other.servers.front() == finding.servers.back();
           });
  });
  // What one id did in two ensembles proves nothing about either.
  const bool several = std::any_of(all.begin(), all.end(), [](const Finding& finding) {
    return finding.id == "several_ensembles";
  });
  if (several) std::erase_if(all, [](const Finding& one) { return rests_on_ids(one.id); });
  for (Finding& finding : all) {
    std::stable_sort(finding.evidence.begin(), finding.evidence.end(),
                     [](const Evidence& a, const Evidence& b) { return a.packet < b.packet; });
  }
  sort_findings(all);
  return all;
}

}  // namespace zkprobe::analysis
