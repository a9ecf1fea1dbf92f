// The first byte chooses the reader, the rest is the payload of a frame.
#include <cstdint>

#include "fuzz/check.hpp"
#include "fuzz/dialects.hpp"
#include "wire/describe.hpp"
#include "wire/notification.hpp"

using namespace zkprobe;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const wire::Dialect reader = fuzz::dialect(data[0]);
  const BytesView bytes(data + 1, size - 1);
  const auto decoded = wire::decode_notification(bytes, reader);
  if (!decoded) return 0;
  fuzz::check(bytes.size() >= 28);
  fuzz::check(!wire::describe(*decoded).empty());
  fuzz::check(!decoded->config || decoded->config->size() <= bytes.size() - 44);
  // What we write in this reader's own form reads back, and reads back the same for ever.
  const wire::NotificationForm form = reader.notification();
  const Bytes written = wire::encode(*decoded, form);
  const auto reread = wire::decode_notification(written, reader);
  fuzz::check(reread.has_value() && wire::form_of(written) == form);
  fuzz::check(reread->leader == decoded->leader && reread->zxid == decoded->zxid &&
              reread->state == decoded->state &&
              reread->election_epoch == decoded->election_epoch &&
              reread->peer_epoch == decoded->peer_epoch);
  fuzz::check(wire::encode(*reread, form) == written);
  return 0;
}
