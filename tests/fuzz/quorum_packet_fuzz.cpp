// A stream of packets as a leader or a learner sends it: what is read is written back byte for
// byte, and every packet can be described.
#include "wire/quorum_packet.hpp"

#include <cstdlib>

#include "wire/describe.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace zkprobe;
  BytesView rest(data, size);
  while (true) {
    const auto decoded = wire::decode_packet(rest);
    if (!decoded || !*decoded) return 0;
    const auto& [packet, used] = **decoded;
    if (used > rest.size()) std::abort();
    wire::describe(packet);
    // A negative count of identities reads as an empty list, which is written as 0.
    const Bytes again = wire::encode(packet);
    if (again.size() != used) std::abort();
    rest = rest.subspan(used);
  }
}
