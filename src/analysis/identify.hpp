// Who stands behind the streams of a recording, where nobody said it.
#pragma once

#include "analysis/recording.hpp"
#include "capture/directory.hpp"

namespace zkprobe::analysis {

// Fills in the ids that can be found out once the whole capture is known, and marks them:
//   1. what the capture told later than the stream's messages came
//   2. the acceptor of a learner's stream is the leader that the learner had voted for
//   3. who is left: greetings of 3.3 and 3.4 name no address, so where several servers share a
//      host, a listener belongs to the one server that is known, never dialled it, owns no
//      other listener, and has a lower id than every dialler whose link it kept
// Also puts the records in order of packets.
void identify(Recording& recording, const capture::Directory& directory);

}  // namespace zkprobe::analysis
