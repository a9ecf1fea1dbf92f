// A snapshot stream: one chunk, and chunks of changing size, must come to the same end.
#include "wire/snapshot_stream.hpp"

#include <algorithm>
#include <cstdlib>

namespace {

using namespace zkprobe;

struct Outcome {
  bool done = false;
  std::optional<DecodeError> error;
  wire::SnapshotCounts counts;

  bool operator==(const Outcome&) const = default;
};

Outcome read(BytesView bytes, bool in_one) {
  wire::SnapshotLimits limits;
  limits.keep_data = true;
  wire::SnapshotReader reader(limits);
  wire::SnapshotSink sink;
  Outcome outcome;
  for (std::size_t size = 1; !bytes.empty() && !outcome.error && !reader.done();) {
    const std::size_t n = in_one ? bytes.size() : std::min(size, bytes.size());
    const auto used = reader.feed(bytes.first(n), sink);
    if (!used) outcome.error = used.error();
    if (used && *used > n) std::abort();
    bytes = bytes.subspan(n);
    size = size % 7 + 1;
  }
  outcome.done = reader.done();
  outcome.counts = reader.counts();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView bytes(data, size);
  if (read(bytes, true) != read(bytes, false)) std::abort();
  return 0;
}
