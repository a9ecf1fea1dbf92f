// Who listens where, told from a whole capture. Servers of 3.3 and 3.4 greet with a bare id and
// have no configuration text, so nothing names the server that was dialled. What is known:
//   nobody dials himself: an address is none of the servers that dialled it;
//   two servers have two addresses;
//   who votes LEADING votes for itself, and a first vote is for oneself where nothing better was
//   heard.
#pragma once

#include <set>

#include "analysis/replay_tape.hpp"

namespace zkprobe::analysis {

// Who only asks for votes (`zkprobe status`): all that it says is LOOKING, round 0, and a zxid
// below zero, a vote that wins nowhere; and no configuration of the capture names it.
std::set<Sid> askers_of(const Tape& tape);

// Fills in TapeLink::sids where they are missing. What cannot be told stays empty.
void name_listeners(Tape& tape, const capture::Directory& directory);

}  // namespace zkprobe::analysis
