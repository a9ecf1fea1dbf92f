#include "analysis/live_player.hpp"

#include <algorithm>
#include <utility>

namespace zkprobe::analysis {

std::optional<Instant> LivePlayer::deadline() const {
  switch (phase_) {
    case Phase::kIdle:
    case Phase::kFinished:
      return std::nullopt;
    case Phase::kLinking:
      return link_until_;
    case Phase::kPlaying:
      return next_due();
  }
  return std::nullopt;
}

LivePlayer::Effects LivePlayer::step(Instant now, const Event& event) {
  if (phase_ == Phase::kFinished) return {};
  if (std::holds_alternative<Start>(event)) {
    phase_ = Phase::kLinking;
    link_until_ = now + settings_.link_timeout;
    return {Link{}};
  }
  if (std::holds_alternative<Linked>(event)) return linked(now);
  if (const auto* failed = std::get_if<LinkFailed>(&event)) {
    failure_ = failed->why;
    return finish();
  }
  if (const auto* bytes = std::get_if<Received>(&event)) return received(now, bytes->payload);
  if (const auto* end = std::get_if<Closed>(&event)) return closed(end->why);
  return go_on(now);
}

LivePlayer::Effects LivePlayer::linked(Instant now) {
  if (phase_ != Phase::kLinking) return {};
  phase_ = Phase::kPlaying;
  if (!zero_) zero_ = now;
  last_event_ = now;
  first_on_link_ = true;
  link_is_for_next_ = true;
  return go_on(now);
}

LivePlayer::Effects LivePlayer::received(Instant now, BytesView payload) {
  if (phase_ != Phase::kPlaying) return {};
  LiveSaid said;
  said.at = now - *zero_;
  said.first_on_link = std::exchange(first_on_link_, false);
  wire::Dialect reader;
  reader.lenient = true;
  auto vote = wire::decode_notification(payload, reader);
  if (vote) {
    said.vote = *std::move(vote);
    said.form = wire::form_of(payload).value_or(wire::NotificationForm::kConfig);
  } else {
    said.unreadable = to_string(vote.error());
  }
  const bool repeat = !said_.empty() && said_.back().unreadable == said.unreadable &&
                      said_.back().form == said.form && said_.back().vote == said.vote;
  if (!repeat && said_.size() >= kMaxSaid) {
    failure_ = "the target said more than " + std::to_string(kMaxSaid) + " different things";
    return finish();
  }
  if (!repeat) {
    said_.push_back(std::move(said));
    last_event_ = now;
  }
  return go_on(now);
}

// The server ended the link: another one for what is still to be said, or nothing more is heard.
LivePlayer::Effects LivePlayer::closed(const std::string& why) {
  if (phase_ != Phase::kPlaying) return {};
  ++closed_;
  if (sent_.size() < settings_.votes.size() && closed_ < kMaxLinks) {
    phase_ = Phase::kLinking;
    link_until_ = *zero_ + settings_.votes[sent_.size()].at + settings_.link_timeout;
    link_until_ = std::max(link_until_, last_event_ + settings_.link_timeout);
    return {CloseLink{}, Link{}};
  }
  if (!all_heard()) failure_ = "the target closed the link: " + why;
  return finish();
}

Instant LivePlayer::next_due() const {
  if (sent_.size() < settings_.votes.size()) {
    const Vote& vote = settings_.votes[sent_.size()];
    const bool answered = said_.size() >= vote.words_before;
    const Instant patient = answered ? last_event_ : last_event_ + kPatience;
    if (settings_.fast) return patient;
    // What is on its way would be lost with the link.
    const bool relinks = vote.new_link && !link_is_for_next_;
    return relinks ? std::max(*zero_ + vote.at, patient) : *zero_ + vote.at;
  }
  const Vote& last = settings_.votes.back();
  const Duration tail = settings_.fast ? Duration(0) : settings_.last_word - last.at;
  const Instant told = *zero_ + sent_.back() + std::max(tail, Duration(0));
  if (all_heard()) return std::min(std::max(told, last_event_ + kQuiet), told + kLongest);
  return told + 2 * kPatience;
}

LivePlayer::Effects LivePlayer::go_on(Instant now) {
  Effects effects;
  if (phase_ == Phase::kIdle) return effects;
  if (phase_ == Phase::kLinking) {
    if (now < link_until_) return effects;
    failure_ = "no link within " + zkprobe::to_string(settings_.link_timeout);
    return finish();
  }
  while (now >= next_due()) {
    if (sent_.size() == settings_.votes.size()) {
      const Effects end = finish();
      effects.insert(effects.end(), end.begin(), end.end());
      return effects;
    }
    const Vote& vote = settings_.votes[sent_.size()];
    if (vote.new_link && !link_is_for_next_) {
      phase_ = Phase::kLinking;
      link_until_ = now + settings_.link_timeout;
      effects.emplace_back(CloseLink{});
      effects.emplace_back(Link{});
      return effects;
    }
    link_is_for_next_ = false;
    sent_.push_back(now - *zero_);
    last_event_ = now;
    effects.emplace_back(Send{vote.payload});
  }
  return effects;
}

LivePlayer::Effects LivePlayer::finish() {
  phase_ = Phase::kFinished;
  return {CloseLink{}, Finished{}};
}

}  // namespace zkprobe::analysis
