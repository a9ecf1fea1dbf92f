// Which of two servers dials the link between them, and where. Between two servers one link is
// kept: the one that the larger id dialled. Both ends decide alone, from the two ids.
// Java: QuorumCnxManager.startConnection, handleConnection, connectOne.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/release.hpp"
#include "wire/initial_message.hpp"
#include "wire/quorum_config.hpp"

namespace zkprobe::quorum {

// What the accepting side does once it has read a greeting.
enum class LinkDecision {
  kKeep,              // take the link; it replaces an older one of the same id
  kCloseAndDialBack,  // end the older link of that id, close this one, dial the other side
  kRefuseOwnId,       // somebody greets with our own id: close, never dial back
};
std::string_view to_string(LinkDecision decision);  // "keep"

// The accepting side. `greeted` is what ObserverIds::name returned, so that an observer without an
// id (a negative number by now) is below every member. Our own id is refused in every release:
// Java keeps such a link until 3.5.7 and in 3.6.0, and leaks the socket later (ZOOKEEPER-2164).
LinkDecision decide_accepted(Sid self, Sid greeted);

// The dialling side, after its greeting: false means close the link again, the other side is the
// larger and will dial us.
bool dialler_keeps(Sid self, Sid other);

// Names observers that greet with kObserverId: -1, -2, ... in the order of their coming. Any other
// id stays what it is. Java: QuorumCnxManager.observerCounter.
class ObserverIds {
 public:
  Sid name(Sid greeted);

 private:
  std::int64_t last_ = 0;
};

// Payloads that may wait for one peer; a newer one replaces the oldest. One from 3.4.0 on
// (ZOOKEEPER-975), 100 in 3.3. Java: QuorumCnxManager.SEND_CAPACITY.
std::size_t send_capacity(Release release);
// Whether a new link repeats the last payload even where others wait: 3.3 alone. Later releases
// repeat it only if none does. Java: QuorumCnxManager.SendWorker.run.
bool repeats_before_waiting(Release release);

// Where to dial `sid`, the best first; empty: nowhere (an id without an address).
//   committed's addresses of that server, then those of last_seen that differ (3.5.0 and later;
//   ZOOKEEPER-4220). 3.3 and 3.4 know one configuration: last_seen is not used.
std::vector<wire::HostPort> dial_addresses(Sid sid, const wire::QuorumConfig& committed,
                                           const wire::QuorumConfig* last_seen, Release release);

// Where to dial back after kCloseAndDialBack: from 3.5.0 on the addresses of the greeting, for any
// id, members or not, and nothing else; without a usable one, and in older releases always,
// dial_addresses(). Wildcard addresses are not usable (ZOOKEEPER-2164: Java until 3.5.7 and in
// 3.6.0 dials them and so itself; ours does not).
std::vector<wire::HostPort> dial_back_addresses(Sid sid,
                                                const std::vector<wire::HostPort>& greeting,
                                                const wire::QuorumConfig& committed,
                                                const wire::QuorumConfig* last_seen,
                                                Release release);

}  // namespace zkprobe::quorum
