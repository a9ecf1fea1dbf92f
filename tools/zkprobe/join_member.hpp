// `zkprobe join --config zoo.cfg`: takes the seat that the file describes.
#pragma once

#include "join_seat.hpp"

namespace zkprobe::tool {

// A voter takes part in elections (--election-only); an observer follows the leader's data too.
// Runs until --for, --until, SIGINT or the end of standard output. Throws UsageError for a
// configuration or options that allow no seat.
ExitCode join_member(const JoinMemberOptions& options);

}  // namespace zkprobe::tool
