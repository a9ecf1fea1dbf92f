// What a release sends on the election port and how it reads what others send.
// Facts: QuorumCnxManager and FastLeaderElection of each release; src/wire/README.md has the table.
#pragma once

#include <cstddef>

#include "base/release.hpp"

namespace zkprobe::wire {

// The first bytes of a connection.
enum class GreetingForm {
  kBareSid,  // eight bytes: 3.3 and 3.4
  kV1,       // -65536, one address: 3.5.0 and later
  kV2,       // -65535, several addresses: 3.6.0 and later with multiAddress.enabled
};

// The payload of a vote.
enum class NotificationForm {
  kBytes28,  // 3.3
  kBytes36,  // 3.4.0 to 3.4.5: peerEpoch
  kBytes40,  // 3.4.6 to 3.4.14: version 1
  kConfig,   // 3.5.0 and later: version 2 and the configuration text, 44+n bytes
};

struct Dialect {
  Release release = kNewestRelease;
  // multiAddress.enabled of the emulated server; it matters from 3.6.0 on.
  bool multi_address = false;
  // Reads the notifications of every generation: also 36 bytes, which 3.5 and later drop.
  bool lenient = false;

  GreetingForm greeting() const;
  NotificationForm notification() const;
  // Notifications up to this many bytes are read: 1 MiB until 3.4.5, 512 KiB later.
  std::size_t max_frame() const;
};

}  // namespace zkprobe::wire
