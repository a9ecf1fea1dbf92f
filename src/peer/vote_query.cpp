#include "peer/vote_query.hpp"

#include <algorithm>
#include <limits>

#include "wire/initial_message.hpp"

namespace zkprobe::peer {
namespace {

constexpr std::size_t kShownBytes = 32;

// What an observer proposes: a vote that wins nowhere, whatever a reader does with it.
Bytes question_frame() {
  wire::Notification question;
  question.state = wire::ServerState::kLooking;
  question.leader = Sid::min();
  question.zxid = Zxid::min();
  question.peer_epoch = PeerEpoch::min();
  return wire::frame(wire::encode(question, wire::NotificationForm::kBytes40));
}

std::string first_bytes(BytesView bytes) {
  std::string text = hex_encode(bytes.first(std::min(bytes.size(), kShownBytes)));
  return bytes.size() > kShownBytes ? text + "..." : text;
}

}  // namespace

Bytes vote_question() {
  Bytes bytes = wire::encode(wire::InitialMessage{wire::GreetingForm::kBareSid, kAskerId, {}});
  const Bytes frame = question_frame();
  bytes.insert(bytes.end(), frame.begin(), frame.end());
  return bytes;
}

std::optional<Instant> VoteQuery::deadline() const {
  if (phase_ == Phase::kIdle || phase_ == Phase::kFinished) return std::nullopt;
  if (phase_ == Phase::kConnecting) return give_up_at_;
  return std::min(wake_at_, give_up_at_);
}

VoteQuery::Effects VoteQuery::step(Instant now, const Event& event) {
  if (phase_ == Phase::kFinished) return {};
  if (std::holds_alternative<Start>(event)) return start(now);
  if (std::holds_alternative<Connected>(event)) return connected(now);
  if (const auto* failed = std::get_if<ConnectFailed>(&event)) {
    return fail(QueryFailure::Kind::kUnreachable, failed->why);
  }
  if (const auto* bytes = std::get_if<Received>(&event)) return received(now, bytes->bytes);
  if (const auto* end = std::get_if<Closed>(&event)) return closed(now, end->why);
  return time_passed(now);
}

VoteQuery::Effects VoteQuery::start(Instant now) {
  give_up_at_ = now + settings_.timeout;
  return connect(now);
}

VoteQuery::Effects VoteQuery::connect(Instant now) {
  phase_ = Phase::kConnecting;
  framer_ = wire::Framer();
  return {Connect{vote_question(), give_up_at_ - now}};
}

VoteQuery::Effects VoteQuery::connected(Instant now) {
  phase_ = Phase::kFirst;
  linked_at_ = now;
  wake_at_ = now + kAskAgain;
  return {};
}

// All that came before the second question is thrown away, however many frames came at once.
VoteQuery::Effects VoteQuery::received(Instant now, BytesView bytes) {
  framer_.append(bytes);
  std::optional<VoteAnswer> last;
  while (true) {
    const Decoded<std::optional<Bytes>> frame = framer_.next();
    if (!frame) {
      return fail(QueryFailure::Kind::kNoVote,
                  "no vote but " + to_string(frame.error()) + ": " + first_bytes(bytes));
    }
    if (!frame->has_value()) break;
    tl::expected<VoteAnswer, QueryFailure> answer = read(**frame);
    if (!answer) return fail(answer.error().kind, answer.error().text);
    last = *std::move(answer);
  }
  if (!last) return {};
  if (phase_ == Phase::kSecond) {
    last->took = now - linked_at_;
    return finish(*std::move(last));
  }
  if (last->form != wire::NotificationForm::kBytes28) return ask_again(now, Phase::kSecond);
  phase_ = Phase::kSettling;
  wake_at_ = now + kQuiet;
  return {};
}

VoteQuery::Effects VoteQuery::ask_again(Instant now, Phase next) {
  phase_ = next;
  wake_at_ = now + kAskAgain;
  return {Write{question_frame()}};
}

VoteQuery::Effects VoteQuery::closed(Instant now, const std::string& why) {
  ++links_closed_;
  if (links_closed_ == kMaxLinks) {
    return fail(QueryFailure::Kind::kClosed, "the server closed the link " +
                                                 std::to_string(kMaxLinks) +
                                                 " times before it answered (" + why +
                                                 "): no election port, or it takes no strangers");
  }
  const Duration span = kPauseStep * links_closed_ - kMinPause;
  const auto extra = random_.below(static_cast<std::uint64_t>(span.count()));
  phase_ = Phase::kPausing;
  wake_at_ = now + kMinPause + Duration(static_cast<Duration::rep>(extra));
  return {Close{}};
}

VoteQuery::Effects VoteQuery::time_passed(Instant now) {
  if (phase_ == Phase::kIdle) return {};
  if (now >= give_up_at_) return timed_out();
  if (phase_ == Phase::kConnecting || now < wake_at_) return {};
  if (phase_ == Phase::kPausing) return connect(now);
  if (phase_ == Phase::kSettling) return ask_again(now, Phase::kSecond);
  return ask_again(now, phase_);
}

VoteQuery::Effects VoteQuery::timed_out() {
  const std::string limit = "within " + to_string(settings_.timeout);
  switch (phase_) {
    case Phase::kIdle:
    case Phase::kFinished:
    case Phase::kConnecting:
      return fail(QueryFailure::Kind::kUnreachable, "no connection " + limit);
    case Phase::kFirst:
      return fail(QueryFailure::Kind::kSilent, "connected, but no answer " + limit);
    case Phase::kSettling:
    case Phase::kSecond:
      return fail(QueryFailure::Kind::kSilent,
                  "connected, but no fresh answer " + limit + ": what came may be old");
    case Phase::kPausing:
      break;
  }
  return fail(QueryFailure::Kind::kClosed, "the server closed the link " +
                                               std::to_string(links_closed_) +
                                               " times, and no answer " + limit);
}

VoteQuery::Effects VoteQuery::fail(QueryFailure::Kind kind, std::string text) {
  return finish(tl::unexpected<QueryFailure>(QueryFailure{kind, std::move(text)}));
}

VoteQuery::Effects VoteQuery::finish(tl::expected<VoteAnswer, QueryFailure> result) {
  phase_ = Phase::kFinished;
  return {Close{}, Finished{std::move(result)}};
}

tl::expected<VoteAnswer, QueryFailure> VoteQuery::read(BytesView payload) const {
  wire::Dialect dialect;
  dialect.lenient = !settings_.reader.has_value();
  if (settings_.reader) dialect.release = *settings_.reader;
  Decoded<wire::Notification> notification = wire::decode_notification(payload, dialect);
  const std::optional<wire::NotificationForm> form = wire::form_of(payload);
  if (!notification || !form) {
    const std::string why = notification
                                ? "a notification of " + std::to_string(payload.size()) + " bytes"
                                : to_string(notification.error());
    return tl::unexpected<QueryFailure>(QueryFailure{
        QueryFailure::Kind::kNoVote, "no vote but " + why + ": " + first_bytes(payload)});
  }
  VoteAnswer answer;
  answer.form = *form;
  answer.notification = *std::move(notification);
  if (answer.notification.config) {
    Decoded<wire::QuorumConfig> config = wire::parse_quorum_config(*answer.notification.config);
    if (config) {
      answer.config = *std::move(config);
    } else {
      answer.config_error = to_string(config.error());
    }
  }
  if (answer.config && answer.config->find(kAskerId) != nullptr) {
    return tl::unexpected<QueryFailure>(
        QueryFailure{QueryFailure::Kind::kAskerIsMember,
                     "its configuration names server." + to_string(kAskerId) +
                         ", the id that questions use: asking would disturb that member"});
  }
  return answer;
}

}  // namespace zkprobe::peer
