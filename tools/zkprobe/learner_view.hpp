// What a learner does, as records and as lines for people: shared by both forms of `join`.
#pragma once

#include <optional>
#include <string>

#include "learner/types.hpp"
#include "output.hpp"
#include "replica/tree_digest.hpp"
#include "wire/initial_message.hpp"
#include "wire/notification.hpp"

namespace zkprobe::tool {

// The record of an effect without "t": {"event":"txn",...}. Nothing where there is none; links and
// states are said by who runs the learner.
std::optional<Json> effect_record(const learner::Effect& effect);

// {"event":"digest",...}: the leader's digest is not that of our tree.
Json difference_record(const replica::DigestDifference& difference);

// One line for people, without its end: what happened in a column of its own. Nothing for what
// only records show: packets, and transactions that are not committed yet.
std::optional<std::string> effect_line(const learner::Effect& effect);

// The vote of the server at `from`, and what became of the link to the leader; `remote` and `why`
// may be empty. One line each, whatever the names in a configuration contain.
std::string vote_line(const wire::HostPort& from, const wire::Notification& vote);
std::string link_line(const std::string& what, Sid leader, const std::string& remote,
                      const std::string& why);

// "sync      " and so on: the column that every line starts with.
std::string event_column(const std::string& event);

}  // namespace zkprobe::tool
