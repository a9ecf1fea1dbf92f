// The first byte sizes the pieces in which the rest arrives, the second the longest frame.
#include <algorithm>
#include <cstdint>

#include "fuzz/check.hpp"
#include "wire/framer.hpp"

using namespace zkprobe;

namespace {

// Drains the framer; false after an error.
bool drain(wire::Framer& framer, std::vector<Bytes>& frames) {
  while (true) {
    auto next = framer.next();
    if (!next) return false;
    if (!*next) return true;
    frames.push_back(std::move(**next));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t piece = data[0] % 16 + 1;
  const std::size_t limit = data[1] + std::size_t{1};
  const BytesView bytes(data + 2, size - 2);

  wire::Framer whole(limit);
  whole.append(bytes);
  std::vector<Bytes> expected;
  const bool expected_ok = drain(whole, expected);

  wire::Framer pieces(limit);
  std::vector<Bytes> frames;
  bool ok = true;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    pieces.append(bytes.subspan(at, std::min(piece, bytes.size() - at)));
    ok = drain(pieces, frames);
    fuzz::check(pieces.pending() <= limit + 3);
  }
  fuzz::check(ok == expected_ok && frames == expected && pieces.pending() == whole.pending());

  // Nothing is lost, added or changed.
  Bytes written;
  for (const Bytes& payload : frames) {
    fuzz::check(!payload.empty() && payload.size() <= limit);
    const Bytes one = wire::frame(payload);
    written.insert(written.end(), one.begin(), one.end());
  }
  fuzz::check(written.size() <= bytes.size() &&
              std::equal(written.begin(), written.end(), bytes.begin()));
  fuzz::check(!ok || written.size() + pieces.pending() == bytes.size());
  return 0;
}
