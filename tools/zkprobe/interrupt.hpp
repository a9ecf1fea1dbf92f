// SIGINT and SIGTERM for verbs that read and print: they end with what is known so far.
#pragma once

namespace zkprobe::tool {

// From now on the two signals are noted, and a read that waits is interrupted by them (EINTR).
void note_interrupts();
// Whether one came.
bool interrupted();

}  // namespace zkprobe::tool
