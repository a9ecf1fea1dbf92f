#include "conformance/question.hpp"

#include <algorithm>

#include "wire/framer.hpp"

namespace zkprobe::conformance {
namespace {

// Reads votes from a link that was asked, until the second or the end of the time.
tl::expected<Answer, std::string> second_answer(Endpoint& endpoint, Endpoint::Link link,
                                                const Bytes& frame, Instant until) {
  wire::Framer framer;
  wire::Dialect reader;
  reader.lenient = true;
  bool again = false;
  while (true) {
    const auto payload = framer.next();
    if (!payload) return tl::unexpected("no vote: " + to_string(payload.error()));
    if (!payload->has_value()) {
      const Endpoint::Event event =
          endpoint.wait(link, std::min(kAskAgain, until - endpoint.now()));
      if (event.what == Endpoint::Event::What::kClosed) {
        return tl::unexpected(std::string("closed without an answer"));
      }
      if (event.what == Endpoint::Event::What::kNothing) {
        if (endpoint.now() >= until || endpoint.interrupted()) return tl::unexpected(std::string());
        endpoint.write(link, frame);
      }
      framer.append(event.bytes);
      continue;
    }
    const auto vote = wire::decode_notification(**payload, reader);
    const auto form = wire::form_of(**payload);
    if (!vote) return tl::unexpected("no vote: " + to_string(vote.error()));
    if (again && form) return Answer{*vote, *form};
    again = true;
    endpoint.write(link, frame);
  }
}

}  // namespace

wire::Notification question() {
  wire::Notification vote;
  vote.leader = Sid::min();
  vote.zxid = Zxid::min();
  vote.peer_epoch = PeerEpoch::min();
  return vote;
}

tl::expected<Answer, std::string> ask_once(Endpoint& endpoint, const Place& place,
                                           Duration patience) {
  const Instant until = endpoint.now() + patience;
  const auto link = endpoint.dial(place, patience);
  if (!link) return tl::unexpected(std::string("no connection to ask on"));
  const Bytes frame = wire::frame(wire::encode(question(), wire::NotificationForm::kBytes40));
  Writer writer;
  writer.i64(kStranger.value);
  writer.raw(frame);
  endpoint.write(*link, writer.take());
  const auto answer = second_answer(endpoint, *link, frame, until);
  endpoint.close(*link);
  return answer;
}

}  // namespace zkprobe::conformance
