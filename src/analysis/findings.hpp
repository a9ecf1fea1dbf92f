// What to tell the operator. Each rule is one function from a story to findings.
#pragma once

#include <vector>

#include "analysis/story.hpp"

namespace zkprobe::analysis {

// Of connections: lost challenges, missing dial-backs, greetings refused, wildcard and unreachable
// addresses, servers that dial themselves, silent peers, hit and run.
std::vector<Finding> findings_of_links(const Story& story);
// Of servers that accept and never answer.
std::vector<Finding> findings_of_answers(const Story& story);
// Of elections: no leader, two leaders, a leader that nobody supported, synchronisation cut off.
std::vector<Finding> findings_of_elections(const Story& story);
// Of configurations: members that differ, versions left behind, strangers.
std::vector<Finding> findings_of_members(const Story& story);

// All of them, the worst first.
std::vector<Finding> find_all(const Story& story);

// Helpers of the rules.
Evidence proof(const Recording& recording, RecordIndex index);
Evidence proof(const StreamRecord& stream, const Place& place, std::string what);

}  // namespace zkprobe::analysis
