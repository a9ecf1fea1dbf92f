#include "analysis/live_adaptation.hpp"

#include <algorithm>
#include <utility>

namespace zkprobe::analysis {

using wire::NotificationForm;

namespace {

// value - from + to, not below zero. Unsigned: hostile numbers must not overflow.
std::int64_t moved(std::int64_t value, std::int64_t from, std::int64_t to) {
  const auto sum =
      static_cast<std::int64_t>(static_cast<std::uint64_t>(value) -
                                static_cast<std::uint64_t>(from) + static_cast<std::uint64_t>(to));
  return std::max<std::int64_t>(sum, 0);
}

}  // namespace

LiveAdaptation::LiveAdaptation(const LiveScript& script, const LiveTarget& target, Sid as,
                               bool listed)
    : script_(script), target_(target), listed_(listed) {
  sids_[script.peer] = as;
  sids_[script.counterpart] = target.sid;
  const Sid leads = target.standing.leader;
  const bool taken = std::any_of(sids_.begin(), sids_.end(),
                                 [leads](const auto& pair) { return pair.second == leads; });
  const bool stands = script.standing.state != wire::ServerState::kLooking;
  if (stands && !taken) sids_.emplace(script.standing.leader, leads);
}

Sid LiveAdaptation::sid(Sid captured) const {
  const auto found = sids_.find(captured);
  if (found != sids_.end()) return found->second;
  for (const auto& [before, now] : sids_) {
    if (now == captured) return before;
  }
  return captured;
}

Zxid LiveAdaptation::zxid(Zxid captured) const {
  if (captured.value < 0 || script_.standing.zxid.value < 0) return captured;
  return Zxid(moved(captured.value, script_.standing.zxid.value, target_.standing.zxid.value));
}

PeerEpoch LiveAdaptation::epoch(PeerEpoch captured) const {
  if (captured.value < 0 || script_.standing.epoch.value < 0) return captured;
  return PeerEpoch(
      moved(captured.value, script_.standing.epoch.value, target_.standing.epoch.value));
}

ElectionRound LiveAdaptation::round(ElectionRound captured) const {
  if (captured.value <= 0) return captured;
  return ElectionRound(
      moved(captured.value, script_.standing.round.value, target_.standing.round.value));
}

wire::Notification LiveAdaptation::vote(const wire::Notification& captured) const {
  wire::Notification out = captured;
  out.leader = sid(captured.leader);
  out.zxid = zxid(captured.zxid);
  out.election_epoch = round(captured.election_epoch);
  out.peer_epoch = epoch(captured.peer_epoch);
  if (captured.config && target_.config_text) out.config = target_.config_text;
  return out;
}

NotificationForm LiveAdaptation::form(NotificationForm captured) const {
  if (!listed_) return NotificationForm::kBytes40;
  const bool newer = target_.form == NotificationForm::kConfig;
  if (captured == NotificationForm::kBytes36 && newer) return NotificationForm::kBytes40;
  // Without the target's configuration to put there.
  if (captured == NotificationForm::kConfig && !target_.config_text) {
    return NotificationForm::kBytes40;
  }
  return captured;
}

Bytes LiveAdaptation::payload(const LiveWord& word) const {
  wire::Notification out = vote(word.vote);
  const NotificationForm form = this->form(word.form);
  if (form == NotificationForm::kConfig) {
    out.config = target_.config_text;
  } else {
    out.config.reset();
  }
  return wire::encode(out, form);
}

wire::GreetingForm LiveAdaptation::greeting() const {
  return listed_ ? script_.greeting : wire::GreetingForm::kBareSid;
}

}  // namespace zkprobe::analysis
