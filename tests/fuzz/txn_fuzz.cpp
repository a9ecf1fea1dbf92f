// A transaction: reads, describes and names the paths of anything, with the same errors wherever
// the payload stands in its message.
#include "wire/txn.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace zkprobe;
  const BytesView bytes(data, size);
  const auto txn = wire::decode_txn(bytes);
  const auto shifted = wire::decode_txn(bytes, 8);
  if (txn.has_value() != shifted.has_value()) std::abort();
  if (!txn) {
    if (shifted.error().offset != txn.error().offset + 8) std::abort();
    return 0;
  }
  wire::describe(*txn);
  wire::paths_of(*txn);
  if (size < wire::kTxnHeaderSize) std::abort();
  return 0;
}
