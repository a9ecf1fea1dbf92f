// The harmless question of `zkprobe status`, on a link of its own.
#pragma once

#include <tl/expected.hpp>

#include "base/ids.hpp"
#include "conformance/endpoint.hpp"
#include "wire/notification.hpp"

namespace zkprobe::conformance {

// `id=` words: a stranger's ids are above every member's, the low one below.
inline constexpr Sid kStranger{0x7fffffffffff7a6b};
inline constexpr Sid kSecondStranger{0x7fffffffffff7a6c};
inline constexpr Sid kLowStranger{-0x7fffffffffff7a6b};
// A question that meets the end of an earlier link of its id may get lost (peer/vote_query.hpp).
inline constexpr Duration kAskAgain = std::chrono::seconds(1);

// A vote that wins nowhere.
wire::Notification question();

struct Answer {
  wire::Notification vote;
  wire::NotificationForm form = wire::NotificationForm::kBytes28;
};
// Asks twice and takes the second answer: the first may be an old one. Or why there is none, an
// empty text where only the time was over.
tl::expected<Answer, std::string> ask_once(Endpoint& endpoint, const Place& place,
                                           Duration patience);

}  // namespace zkprobe::conformance
