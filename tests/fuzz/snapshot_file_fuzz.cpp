// A snapshot file: one chunk, and chunks of changing size, must come to the same end, and a file
// that is whole ends with what is written for its sections.
#include <algorithm>

#include "fuzz/check.hpp"
#include "wire/snapshot_file.hpp"

namespace {

using namespace zkprobe;

struct Outcome {
  std::optional<DecodeError> error;
  std::optional<wire::SnapshotSections> sections;
  wire::SnapshotCounts counts;

  bool operator==(const Outcome&) const = default;
};

Outcome read(BytesView bytes, bool in_one) {
  wire::SnapshotFileReader reader;
  wire::SnapshotSink sink;
  Outcome outcome;
  for (std::size_t size = 1; !bytes.empty() && !outcome.error;) {
    const std::size_t n = in_one ? bytes.size() : std::min(size, bytes.size());
    const auto fed = reader.feed(bytes.first(n), sink);
    if (!fed) outcome.error = fed.error();
    bytes = bytes.subspan(n);
    size = size % 7 + 1;
  }
  const auto sections = reader.finish();
  if (sections) outcome.sections = *sections;
  if (!sections) outcome.error = sections.error();
  outcome.counts = reader.counts();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView bytes(data, size);
  const Outcome outcome = read(bytes, true);
  fuzz::check(outcome == read(bytes, false));
  if (!outcome.sections) return 0;
  wire::SnapshotFileEncoder encoder;
  encoder.body(bytes.first(wire::kSnapshotHeaderSize + outcome.counts.bytes));
  const Bytes end = encoder.end(*outcome.sections);
  fuzz::check(
      end.size() <= size &&
      std::equal(end.begin(), end.end(), bytes.end() - static_cast<std::ptrdiff_t>(end.size())));
  return 0;
}
