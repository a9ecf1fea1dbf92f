#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "analysis/findings.hpp"

namespace zkprobe::analysis {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A server that looks for longer at the end of the capture has no leader.
constexpr seconds kNoLeader{2};
constexpr seconds kSlow{5};
// When a leader is lost, its connections end within so long of each other.
constexpr seconds kMoment{1};
// A leader looks for its quorum once in a tick; whoever has lost its leader looks at once.
constexpr seconds kLongestTick{10};

std::string server(Sid sid) { return "server " + to_string(sid); }
std::string named(Sid sid) { return "Server " + to_string(sid); }
std::string in_ms(CaptureTime span) {
  return std::to_string(std::chrono::duration_cast<milliseconds>(span).count()) + " ms";
}

class ElectionRules {
 public:
  explicit ElectionRules(const Story& story) : story_(story) {
    for (const Record& one : story.recording.records) {
      if (one.what == What::kGap) gaps_.insert(one.stream);
    }
  }

  std::vector<Finding> all() {
    too_many();
    no_leader();
    unsupported();
    cut_off();
    leader_lost();
    slow();
    two_leaders();
    handed_over();
    return std::move(found_);
  }

 private:
  const Record& record(RecordIndex index) const { return story_.recording.records[index]; }
  Evidence shows(RecordIndex index) const { return proof(story_.recording, index); }

  void too_many() {
    if (!story_.elections_left_out) return;
    Finding finding;
    finding.id = "too_many_elections";
    finding.severity = Severity::kProblem;
    finding.count = kMaxElections;
    finding.title = "More than " + std::to_string(kMaxElections) + " elections";
    finding.detail = "The ensemble elects again and again; only the first ones are told.";
    finding.advice = "Use --from and --to to see the others.";
    finding.prove(shows(story_.elections.front().first_record));
    finding.prove(shows(story_.elections.back().first_record));
    found_.push_back(std::move(finding));
  }

  void no_leader() {
    // What the bounds left out comes after the last election that was told.
    const bool cut = story_.elections_left_out || story_.recording.left_out.votes > 0;
    if (story_.elections.empty() || cut) return;
    const Election& last = story_.elections.back();
    Finding finding;
    std::string votes;
    for (const Tale& tale : last.tales) {
      if (tale.decision || story_.recording.last - tale.began.time < kNoLeader) continue;
      finding.servers.push_back(tale.sid);
      const Position& now = tale.positions.back();
      finding.prove(shows(now.record));
      votes += (votes.empty() ? "" : "; ") + server(tale.sid) + " votes for " + describe(now.vote) +
               (tale.quorum ? " and knows a quorum for it" : "");
    }
    if (finding.servers.empty()) return;
    const bool alone = last.leader.has_value() || finding.servers.size() == 1;
    finding.id = "no_leader";
    finding.severity = Severity::kProblem;
    finding.title =
        (finding.servers.size() == 1 ? named(finding.servers.front()) : std::string("Servers")) +
        (finding.servers.size() == 1 ? " is" : " are") +
        " still looking for a leader when the capture ends";
    finding.detail = "After " + in_ms(story_.recording.last - last.began.time) + ": " + votes + ".";
    finding.advice =
        alone ? "The others have a leader: see the findings about its connections, which say why "
                "their votes do not reach it."
              : "A quorum must know the same vote: see which connections are missing.";
    found_.push_back(std::move(finding));
  }

  // Whoever was served by this leader in this election, itself among them; who may have been, where
  // bytes are missing.
  quorum::SidSet supporters(const Election& election) const {
    quorum::SidSet sids = {*election.leader};
    for (const Tale& tale : election.tales) {
      for (const Learning& learning : tale.learnings) {
        const bool served = learning.complete() || gaps_.contains(learning.stream);
        if (served && learning.leader == election.leader) sids.insert(tale.sid);
      }
    }
    return sids;
  }

  void unsupported() {
    Finding finding;
    finding.count = 0;
    for (std::size_t i = 0; i < story_.elections.size(); ++i) {
      const Election& election = story_.elections[i];
      if (!election.leader || election.join) continue;
      const Tale* const leader = election.find(*election.leader);
      const bool ended = i + 1 < story_.elections.size() ||
                         story_.recording.last - election.began.time > 2 * kSlow;
      if (leader == nullptr || !ended) continue;
      const auto& voters =
          story_.roster.voters_of(story_.recording, leader->positions.back().record);
      if (voters.contains_quorum(supporters(election))) continue;
      ++finding.count;
      const auto add = [&](Sid sid) {
        const auto known = std::find(finding.servers.begin(), finding.servers.end(), sid);
        if (known == finding.servers.end()) finding.servers.push_back(sid);
      };
      add(*election.leader);
      for (const Tale& tale : election.tales) {
        if (tale.decision) finding.prove(shows(tale.decision->record));
        for (const Learning& learning : tale.learnings) {
          if (learning.complete()) continue;
          const StreamRecord& stream = story_.recording.streams[learning.stream];
          finding.prove(proof(
              stream, stream.closed,
              "the connection of " + server(tale.sid) + " to its leader ends before UPTODATE"));
        }
      }
      const bool again = i + 1 < story_.elections.size();
      dials_in_vain(finding, election, again ? story_.elections[i + 1].began.packet : ~0ULL);
      if (again) finding.prove(shows(story_.elections[i + 1].first_record));
    }
    if (finding.count == 0) return;
    finding.id = "unsupported_leader";
    finding.severity = Severity::kProblem;
    finding.title = finding.count == 1
                        ? named(finding.servers.front()) + " was elected and never supported"
                        : std::to_string(finding.count) +
                              " elections had to be repeated: their leader was never supported";
    finding.detail =
        "It was voted for, and then no quorum of servers came as far as UPTODATE with it: they "
        "could "
        "not reach its learner port, its release or epoch did not suit them, or it took longer "
        "than "
        "initLimit. It gives up, and the election starts anew.";
    finding.advice =
        "Look at the learner connections of that time: not answered means the port (2888) is "
        "closed; FOLLOWERINFO without LEADERINFO means the leader waits for more followers.";
    found_.push_back(std::move(finding));
  }

  // Dials without an answer after the election was decided, until the next one began.
  void dials_in_vain(Finding& finding, const Election& election, std::uint64_t until) const {
    std::uint64_t from = election.began.packet;
    for (const Tale& tale : election.tales) {
      if (tale.quorum) from = std::max(from, record(*tale.quorum).place.packet);
    }
    for (const Link& link : story_.links) {
      const StreamRecord& stream = story_.recording.streams[link.stream];
      const std::uint64_t opened = stream.info.opened.packet;
      if (link.fate != Fate::kNotAnswered || opened < from || opened >= until) continue;
      finding.prove(
          proof(stream, stream.info.opened,
                capture::to_string(stream.info.acceptor) + " is dialled and not answered"));
    }
  }

  void cut_off() {
    std::map<std::pair<Sid, Sid>, Finding> groups;
    const auto look = [&](const Learning& learning) {
      const StreamRecord& stream = story_.recording.streams[learning.stream];
      if (learning.complete() || stream.is_open() || !learning.leader) return;
      if (gaps_.contains(learning.stream)) return;  // UPTODATE may be what is missing
      Finding& finding = groups[{learning.learner, *learning.leader}];
      finding.count = finding.evidence.empty() ? 1 : finding.count + 1;
      finding.prove(shows(learning.sync ? *learning.sync : *learning.info));
      const Place end = stream.info.ended_by ? stream.info.ended : stream.closed;
      const std::string who = stream.info.ended_by
                                  ? name_of(stream, *stream.info.ended_by) + " ends it"
                                  : std::string("it ends");
      finding.prove(proof(stream, end,
                          who + ", " + in_ms(end.time - stream.info.opened.time) +
                              " after it was opened and before UPTODATE"));
    };
    for (const Election& election : story_.elections) {
      for (const Tale& tale : election.tales) {
        for (const Learning& learning : tale.learnings) look(learning);
      }
    }
    for (const Learning& learning : story_.other_learnings) look(learning);
    for (auto& [pair, finding] : groups) {
      finding.id = "synchronisation_cut_off";
      finding.severity = finding.count > 1 ? Severity::kProblem : Severity::kNote;
      finding.servers = {pair.first, pair.second};
      finding.title = named(pair.first) + " began to follow " + server(pair.second) +
                      " and did not become up to date" +
                      (finding.count > 1 ? ", " + std::to_string(finding.count) + " times" : "");
      finding.detail =
          "The learner's connection ended between FOLLOWERINFO and UPTODATE. After initLimit x "
          "tickTime the waiting side gives up; a snapshot that takes longer can never arrive.";
      finding.advice =
          "Compare the time that it lasted with initLimit x tickTime; raise initLimit "
          "if a snapshot was on its way.";
      found_.push_back(std::move(finding));
    }
  }

  // Why there was another election.
  void leader_lost() {
    std::optional<Sid> leader;
    for (const Election& election : story_.elections) {
      if (leader && !election.join && !election.tales.empty()) lost(*leader, election);
      if (election.leader) leader = election.leader;
    }
  }

  // The learner's next connection to the same leader came before this election.
  bool came_back(const StreamRecord& ended, const Election& election) const {
    const auto learner = ended.sid(Side::kDialler);
    return learner && std::any_of(story_.recording.streams.begin(), story_.recording.streams.end(),
                                  [&](const StreamRecord& one) {
                                    return one.protocol == capture::Protocol::kLearner &&
                                           one.sids[0] == learner && one.sids[1] == ended.sids[1] &&
                                           one.info.opened.packet > ended.info.ended.packet &&
                                           one.info.opened.time <= election.began.time;
                                  });
  }

  // The leader's learner connections that ended in the last moment before this election.
  std::vector<const StreamRecord*> last_ended(Sid leader, const Election& election) const {
    std::vector<const StreamRecord*> ended;
    for (const StreamRecord& stream : story_.recording.streams) {
      if (stream.protocol != capture::Protocol::kLearner || stream.is_open()) continue;
      if (stream.sid(Side::kAcceptor) != leader || !stream.info.ended_by) continue;
      const CaptureTime end = stream.info.ended.time;
      const bool just = end <= election.began.time + kMoment / 2 &&
                        election.began.time - end < kLongestTick && !came_back(stream, election);
      if (just) ended.push_back(&stream);
    }
    std::sort(ended.begin(), ended.end(), [](const StreamRecord* a, const StreamRecord* b) {
      return a->info.ended.packet < b->info.ended.packet;
    });
    const auto moment = std::find_if(ended.begin(), ended.end(), [&](const StreamRecord* one) {
      return ended.back()->info.ended.time - one->info.ended.time < kMoment;
    });
    ended.erase(ended.begin(), moment);
    return ended;
  }

  void lost(Sid leader, const Election& election) {
    Finding finding;
    const std::vector<const StreamRecord*> ended = last_ended(leader, election);
    if (ended.empty()) return;
    for (const StreamRecord* const stream : ended) {
      finding.prove(proof(*stream, stream->info.ended,
                          name_of(*stream, *stream->info.ended_by) +
                              " ends the connection between " + name_of(*stream, Side::kDialler) +
                              " and its leader"));
    }
    // Whoever ends the first one; the others follow.
    const bool by_itself = *ended.front()->info.ended_by == Side::kAcceptor;
    finding.prove(shows(election.first_record));
    finding.id = "leader_lost";
    finding.severity = Severity::kNote;
    finding.servers = {leader};
    finding.title = "Leader " + to_string(leader) + " was lost: election " +
                    std::to_string(election.number) + " followed";
    finding.detail = by_itself ? "The leader's side ended the connections of its followers: its "
                                 "process ended, or it gave up leading."
                               : "Followers ended their connections to the leader: it was too slow "
                                 "for them (syncLimit), or they were stopped.";
    finding.advice = "Look into the log of server " + to_string(leader) + " at that time.";
    found_.push_back(std::move(finding));
  }

  void slow() {
    for (const Election& election : story_.elections) {
      if (!election.decided || election.join) continue;
      const CaptureTime took = election.decided->time - election.began.time;
      if (took < kSlow) continue;
      Finding finding;
      finding.id = "slow_election";
      finding.severity = Severity::kNote;
      finding.title = "Election " + std::to_string(election.number) + " took " + in_ms(took);
      finding.prove(shows(election.first_record));
      const Tale* slowest = nullptr;
      for (const Tale& tale : election.tales) {
        if (tale.decision &&
            (slowest == nullptr || tale.decision->place.time > slowest->decision->place.time)) {
          slowest = &tale;
        }
      }
      if (slowest != nullptr) {
        finding.prove(shows(slowest->decision->record));
        finding.servers = {slowest->sid};
        finding.detail = named(slowest->sid) + " was the last to decide. ";
      }
      finding.detail += "A healthy one takes a little more than 200 ms once a quorum is up.";
      finding.advice = "See which server came late, and which connections were missing meanwhile.";
      found_.push_back(std::move(finding));
    }
  }

  // Learners that changed to another leader without looking for one.
  void handed_over() {
    std::map<Sid, Finding> by_leader;
    for (const Learning& learning : story_.other_learnings) {
      const bool elected =
          std::any_of(story_.elections.begin(), story_.elections.end(),
                      [&](const Election& one) { return one.find(learning.learner) != nullptr; });
      if (!elected || !learning.complete() || !learning.leader) continue;
      Finding& finding = by_leader[*learning.leader];
      finding.count = finding.evidence.empty() ? 1 : finding.count + 1;
      finding.prove(shows(*learning.info));
    }
    for (auto& [leader, finding] : by_leader) {
      finding.id = "leader_handed_over";
      finding.severity = Severity::kNormal;
      finding.servers = {leader};
      finding.title = named(leader) + " became leader without an election";
      finding.detail =
          "Other servers changed to it at once, and none of them looked for a leader: a reconfig "
          "that changes the leader's own address or role names its successor.";
      found_.push_back(std::move(finding));
    }
  }

  struct Claim {
    RecordIndex first = 0, last = 0;
    std::uint64_t end = 0;  // packet of the next LOOKING message; 0: none
  };

  static bool claims(const Record& record, Side from) {
    if (record.what == What::kVote) return record.state == wire::ServerState::kLeading;
    return record.what == What::kPacket && from == Side::kAcceptor &&
           (record.type == wire::PacketType::kPing || record.type == wire::PacketType::kNewLeader ||
            record.type == wire::PacketType::kUpToDate);
  }

  // Two servers that say that they lead, one while the other goes on saying so.
  void two_leaders() {
    std::map<Sid, Claim> now;
    std::map<std::pair<Sid, Sid>, bool> told;
    for (RecordIndex i = 0; i < story_.recording.records.size(); ++i) {
      const Record& one = record(i);
      const auto sid = story_.recording.from(one);
      if (!sid) continue;
      if (one.what == What::kVote && one.state != wire::ServerState::kLeading) {
        const auto mine = now.find(*sid);
        // A repeated old vote is no end: it says the round of before.
        if (mine != now.end() && one.state == wire::ServerState::kLooking &&
            looked_between(*sid, mine->second.first, i)) {
          now.erase(mine);
        }
        continue;
      }
      if (!claims(one, one.from)) continue;
      if (one.what == What::kVote && one.vote.leader != *sid) continue;
      const auto [mine, fresh] = now.try_emplace(*sid, Claim{i, i, 0});
      mine->second.last = i;
      if (fresh) continue;
      for (const auto& [other, claim] : now) {
        // The other began after this one, and this one still says so.
        if (other == *sid || claim.first < mine->second.first || told[{*sid, other}]) continue;
        told[{*sid, other}] = true;
        report_two(*sid, other, mine->second.first, claim.first, i);
      }
    }
  }

  bool looked_between(Sid sid, RecordIndex from, RecordIndex to) const {
    return std::any_of(story_.elections.begin(), story_.elections.end(), [&](const Election& one) {
      const Tale* const tale = one.find(sid);
      return tale != nullptr && tale->began.packet > record(from).place.packet &&
             tale->began.packet <= record(to).place.packet;
    });
  }

  void report_two(Sid first, Sid second, RecordIndex a, RecordIndex b, RecordIndex again) {
    Finding finding;
    finding.id = "two_leaders";
    finding.severity = Severity::kProblem;
    finding.servers = {first, second};
    finding.title =
        "Two leaders at once: servers " + to_string(first) + " and " + to_string(second);
    finding.detail =
        named(second) + " says that it leads while " + server(first) + " still does, " +
        in_ms(record(again).place.time - record(b).place.time) +
        " later. An old leader that lost its followers may say so until syncLimit is over; for "
        "longer, the two have different configurations, or one id stands on two hosts.";
    finding.advice =
        "Compare the server lines and myid of all hosts. Clients of the leader without "
        "a quorum get no writes through.";
    finding.prove(shows(a));
    finding.prove(shows(b));
    finding.prove(shows(again));
    found_.push_back(std::move(finding));
  }

  const Story& story_;
  std::set<StreamIndex> gaps_;  // streams of which the capture misses bytes
  std::vector<Finding> found_;
};

}  // namespace

std::vector<Finding> findings_of_elections(const Story& story) {
  return ElectionRules(story).all();
}

}  // namespace zkprobe::analysis
