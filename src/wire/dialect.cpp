#include "wire/dialect.hpp"

#include "wire/framer.hpp"

namespace zkprobe::wire {

GreetingForm Dialect::greeting() const {
  if (release < Release{3, 5, 0}) return GreetingForm::kBareSid;
  if (multi_address && release >= Release{3, 6, 0}) return GreetingForm::kV2;
  return GreetingForm::kV1;
}

NotificationForm Dialect::notification() const {
  if (release < Release{3, 4, 0}) return NotificationForm::kBytes28;
  if (release < Release{3, 4, 6}) return NotificationForm::kBytes36;
  if (release < Release{3, 5, 0}) return NotificationForm::kBytes40;
  return NotificationForm::kConfig;
}

std::size_t Dialect::max_frame() const {
  return release < Release{3, 4, 6} ? kMaxFrameUntil345 : kMaxFrame;
}

}  // namespace zkprobe::wire
