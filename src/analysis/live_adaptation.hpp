// From the numbers of a capture to those of a live ensemble: rounds, zxids and epochs keep their
// distance from where the counterpart stood, ids become those of the live servers.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "analysis/live_script.hpp"
#include "base/bytes.hpp"

namespace zkprobe::analysis {

// What the live server answered before anything was played.
struct LiveTarget {
  Sid sid;
  LiveStanding standing;
  wire::NotificationForm form = wire::NotificationForm::kConfig;
  std::optional<std::string> config_text;  // of version 2 votes
};

class LiveAdaptation {
 public:
  // `as`: the id that the peer is played as. `listed`: the target's configuration names it.
  LiveAdaptation(const LiveScript& script, const LiveTarget& target, Sid as, bool listed);

  // The peer and the counterpart become `as` and the target, the leader that the counterpart has
  // becomes the target's; all others stay who they are, but for one whose id is taken by these: it
  // gets the id that became free.
  Sid sid(Sid captured) const;
  // Values below zero (Long.MIN_VALUE, -1) and round 0 mean something of their own and stay. A
  // number that would fall below zero becomes zero.
  Zxid zxid(Zxid captured) const;
  PeerEpoch epoch(PeerEpoch captured) const;
  ElectionRound round(ElectionRound captured) const;
  // All of these; the configuration becomes the target's where it is the counterpart's own.
  wire::Notification vote(const wire::Notification& captured) const;

  // What goes on the wire for a vote of the peer. A member's has the form of the capture, with the
  // target's configuration: another one might be taken. 36 bytes become 40 for a target of 3.5 and
  // later, some of which lose their receiver by them. An id that is not listed never sends a
  // configuration: its votes have 40 bytes.
  Bytes payload(const LiveWord& vote) const;
  wire::NotificationForm form(wire::NotificationForm captured) const;
  // An id that is not listed greets with the id alone.
  wire::GreetingForm greeting() const;

 private:
  const LiveScript& script_;
  const LiveTarget target_;
  const bool listed_;
  std::map<Sid, Sid> sids_;
};

}  // namespace zkprobe::analysis
