// The first byte chooses the reader, the rest is what a stranger sends first.
#include <cstdint>

#include "fuzz/check.hpp"
#include "fuzz/dialects.hpp"
#include "wire/describe.hpp"
#include "wire/initial_message.hpp"

using namespace zkprobe;

namespace {

// What to_string cannot write in a way that reads back: no release sends it.
bool writable(const wire::InitialMessage& message) {
  if (message.form == wire::GreetingForm::kBareSid) return true;
  for (const auto& address : message.addresses) {
    if (address.host.starts_with('[')) return false;
  }
  return !message.addresses.empty();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const wire::Dialect reader = fuzz::dialect(data[0]);
  const BytesView bytes(data + 1, size - 1);
  const auto decoded = wire::decode_greeting(bytes, reader);
  if (!decoded || !*decoded) return 0;
  const auto& [message, taken] = **decoded;
  fuzz::check(!wire::describe(message).empty());
  fuzz::check(taken <= bytes.size());
  // It was decided by exactly these bytes, not one less, and what follows changes nothing.
  fuzz::check(wire::decode_greeting(bytes.first(taken), reader) == decoded);
  fuzz::check(!wire::decode_greeting(bytes.first(taken - 1), reader).value().has_value());
  const Bytes again = wire::encode(message);
  const bool fits = again.size() <= 20 + wire::kMaxGreetingAddress;
  if (!writable(message) || !fits) return 0;
  const auto reread = wire::decode_greeting(again, reader);
  fuzz::check(reread && *reread && (*reread)->message == message);
  return 0;
}
