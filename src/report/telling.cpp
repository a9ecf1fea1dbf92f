#include "report/telling.hpp"

#include <algorithm>

#include "report/format.hpp"

namespace zkprobe::report {
namespace {

using analysis::Election;
using analysis::Position;
using analysis::Record;
using analysis::Story;
using analysis::Tale;

std::string server(Sid sid) { return "server " + to_string(sid); }

std::string of_record(const Record& record) { return "#" + std::to_string(record.place.packet); }

class Teller {
 public:
  Teller(const Story& story, const Election& election) : story_(story), election_(election) {}

  std::vector<Line> lines() {
    for (const Tale& tale : election_.tales) tell(tale);
    std::stable_sort(lines_.begin(), lines_.end(),
                     [](const Line& a, const Line& b) { return a.place.packet < b.place.packet; });
    return std::move(lines_);
  }

 private:
  const Record& record(analysis::RecordIndex index) const {
    return story_.recording.records[index];
  }
  void add(const capture::Place& place, const Tale& tale, Step step, std::string text,
           std::optional<analysis::RecordIndex> because = std::nullopt) {
    lines_.push_back({place, tale.sid, step, because, server(tale.sid) + " " + std::move(text)});
  }

  void position(const Tale& tale, const Position& now, bool first) {
    const std::string round = " in round " + to_string(now.round);
    const bool own = now.vote.leader == tale.sid;
    const capture::Place place = record(now.record).place;
    const std::string again = now.restarted && !first ? "was started again, and " : "";
    if (now.vote.leader == Sid::min()) {
      add(place, tale, Step::kProposes,
          again + "asks who leads, without a vote of its own" + round);
    } else if (first || now.restarted) {
      add(place, tale, Step::kProposes,
          again + "proposes " + (own ? "itself" + about(now.vote) : analysis::describe(now.vote)) +
              round + (now.because ? reason(now) : ""),
          now.because);
    } else if (own) {
      add(place, tale, Step::kProposes,
          "moves on to round " + to_string(now.round) + ", still for itself", now.because);
    } else {
      add(place, tale, Step::kChanges,
          "changes its mind to " + analysis::describe(now.vote) + round + reason(now), now.because);
    }
  }
  static std::string about(const quorum::Vote& vote) {
    return " (epoch " + to_hex(vote.peer_epoch) + ", zxid " + to_hex(vote.zxid) + ")";
  }
  std::string reason(const Position& now) const {
    if (!now.because) return "; the message that changed it is not in the capture";
    const Record& cause = record(*now.because);
    const std::string from = analysis::name_of(story_.recording.stream_of(cause), cause.from);
    return ", because of " + of_record(cause) + " from " + from;
  }

  void tell(const Tale& tale) {
    bool first = true;
    for (const Position& now : tale.positions) {
      position(tale, now, first);
      first = false;
    }
    if (tale.more_positions > 0) {
      add(record(tale.positions.back().record).place, tale, Step::kChanges,
          "changed its mind " + std::to_string(tale.more_positions) + " more times");
    }
    if (tale.quorum) {
      add(record(*tale.quorum).place, tale, Step::kQuorum,
          election_.join ? "knows that servers " + list(tale.quorum_of) + " have a leader"
                         : "knows a quorum: servers " + list(tale.quorum_of) + " agree");
    }
    if (tale.decision) {
      const bool leads = tale.decision->state == wire::ServerState::kLeading;
      const bool observes = tale.decision->state == wire::ServerState::kObserving;
      add(tale.decision->place, tale, Step::kDecides,
          leads ? "leads"
                : std::string(observes ? "observes" : "follows") + " server " +
                      to_string(tale.decision->leader));
    }
    for (const analysis::Learning& learning : tale.learnings) learn(tale, learning);
  }

  void learn(const Tale& tale, const analysis::Learning& learning) {
    if (learning.ack_epoch) {
      add(record(*learning.ack_epoch).place, tale, Step::kDiscovered,
          "accepts the new epoch (ACKEPOCH)");
    }
    if (learning.sync) {
      add(record(*learning.sync).place, tale, Step::kSyncs,
          "is synchronised with " + std::string(wire::to_string(learning.kind)));
    }
    if (learning.up_to_date) {
      add(record(*learning.up_to_date).place, tale, Step::kServes, "is up to date and serves");
    }
  }

  const Story& story_;
  const Election& election_;
  std::vector<Line> lines_;
};

}  // namespace

std::string_view to_string(Step step) {
  switch (step) {
    case Step::kProposes:
      return "proposes";
    case Step::kChanges:
      return "changes";
    case Step::kQuorum:
      return "quorum";
    case Step::kDecides:
      return "decides";
    case Step::kDiscovered:
      return "discovered";
    case Step::kSyncs:
      return "syncs";
    case Step::kServes:
      return "serves";
  }
  return "";
}

std::vector<Line> lines_of(const Story& story, const Election& election) {
  return Teller(story, election).lines();
}

std::string headline(const Story& story, const Election& election) {
  std::vector<Sid> decided, others;
  for (const Tale& tale : election.tales) {
    (tale.decision ? decided : others).push_back(tale.sid);
  }
  const auto named = [](const std::vector<Sid>& sids) {
    return (sids.size() == 1 ? "server " : "servers ") + list(sids);
  };
  if (decided.empty()) {
    return named(others) + (others.size() == 1 ? " looks" : " look") + " for a leader and " +
           (others.size() == 1 ? "finds" : "find") + " none; the capture ends " +
           span(story.recording.last - election.began.time) + " later";
  }
  capture::Place last;
  for (const Tale& tale : election.tales) {
    if (tale.decision && tale.decision->place.time > last.time) last = tale.decision->place;
  }
  std::string text = named(decided) + (election.join ? " joined leader " : " elected server ") +
                     to_string(election.leader.value_or(Sid())) + " in " +
                     span(last.time - election.began.time);
  if (!others.empty()) text += "; " + named(others) + " did not decide";
  return text;
}

std::string release_text(const analysis::Server& server) {
  return server.release_known() ? capture::to_string(server.release) : "unknown";
}

std::string summary(const Story& story) {
  const analysis::Recording& recording = story.recording;
  std::uint64_t members = 0;
  for (const auto& [sid, one] : story.roster.servers()) members += one.member ? 1 : 0;
  return count(members, "server", "servers") + ", " +
         count(story.elections.size(), "election", "elections") + "; " +
         count(recording.packets, "packet", "packets") + " with " +
         count(recording.messages, "message", "messages") + " in " +
         span(recording.last - recording.first);
}

std::string left_out(const Story& story) {
  const analysis::LeftOut& left = story.recording.left_out;
  std::string text;
  const auto add = [&](std::uint64_t number, const std::string& what) {
    if (number > 0) text += (text.empty() ? "" : "; ") + std::to_string(number) + " " + what;
  };
  add(left.broadcast, "messages of a serving ensemble (PING, PROPOSAL ...) are counted only");
  add(left.votes, "messages of elections are counted only" +
                      (left.first ? ", from #" + std::to_string(left.first->packet) + " at " +
                                        clock_time(left.first->time) + " on: use --from to see them"
                                  : std::string()));
  add(left.streams, "connections are counted only");
  add(left.outside, "messages are outside of --from and --to");
  if (story.elections_left_out) {
    text += (text.empty() ? "" : "; ") + std::string("there are more than ") +
            std::to_string(analysis::kMaxElections) + " elections: use --from to see the others";
  }
  return text;
}

}  // namespace zkprobe::report
