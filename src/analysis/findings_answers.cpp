// Servers that accept connections and never say a word.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "analysis/findings.hpp"

namespace zkprobe::analysis {
namespace {

// A vote that looks is answered within milliseconds: by who has decided with its vote, and by who
// looks with the last one that it told this id, which a new link brings at once.
constexpr std::chrono::seconds kAnswer{2};

class AnswerRules {
 public:
  explicit AnswerRules(const Story& story) : story_(story) {}

  std::vector<Finding> all() {
    std::map<std::string, Finding> by_address;
    for (const Link& link : story_.links) {
      const StreamRecord& stream = story_.recording.streams[link.stream];
      const auto asked = unanswered(stream);
      if (!asked) continue;
      Finding& finding = by_address[capture::to_string(stream.info.acceptor)];
      finding.count = finding.evidence.empty() ? 1 : finding.count + 1;
      finding.prove(proof(story_.recording, *stream.greeting));
      finding.prove(proof(story_.recording, *asked));
      const auto sid = stream.sid(Side::kAcceptor);
      if (sid) finding.servers = {*sid};
      longest_ = std::max(longest_, end_of(stream) - story_.recording.records[*asked].place.time);
    }
    std::vector<Finding> found;
    for (auto& [where, finding] : by_address) found.push_back(told(where, std::move(finding)));
    return found;
  }

 private:
  CaptureTime end_of(const StreamRecord& stream) const {
    if (stream.info.ended_by) return stream.info.ended.time;
    return stream.is_open() ? story_.recording.last : stream.closed.time;
  }

  // The vote on it that looked and got no byte back, though there was time.
  std::optional<RecordIndex> unanswered(const StreamRecord& stream) const {
    const bool greeted = stream.protocol == capture::Protocol::kElection && stream.greeting &&
                         stream.info.from_start && stream.info.answered;
    if (!greeted || stream.info.bytes[1] > 0 || stream.info.ended_by == Side::kAcceptor) {
      return std::nullopt;
    }
    const StreamIndex index = story_.recording.records[*stream.greeting].stream;
    const CaptureTime until = end_of(stream);
    std::optional<RecordIndex> asked;
    for (RecordIndex i = *stream.greeting; i < story_.recording.records.size(); ++i) {
      const Record& record = story_.recording.records[i];
      if (record.place.time > until) break;
      if (speaks(record, stream)) return std::nullopt;
      const bool looks = record.stream == index && record.what == What::kVote &&
                         record.state == wire::ServerState::kLooking;
      if (looks && !asked) asked = i;
    }
    if (!asked || until - story_.recording.records[*asked].place.time < kAnswer) {
      return std::nullopt;
    }
    return asked;
  }

  // Its server, on this link or another one: it lives.
  bool speaks(const Record& record, const StreamRecord& stream) const {
    if (record.what != What::kVote && record.what != What::kGreeting) return false;
    const auto sid = stream.sid(Side::kAcceptor);
    if (sid && story_.recording.from(record) == sid) return true;
    return record.from == Side::kAcceptor &&
           story_.recording.stream_of(record).info.acceptor == stream.info.acceptor;
  }

  Finding told(const std::string& where, Finding finding) const {
    finding.id = "never_answers";
    finding.severity = Severity::kProblem;
    const std::string who = finding.servers.empty()
                                ? "The server at " + where
                                : "Server " + to_string(finding.servers.front());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(longest_).count();
    finding.title = who + " accepts connections and never answers";
    finding.detail =
        "It was greeted at " + where + " and told votes, and for " + std::to_string(seconds) +
        " s not a byte came back. A kernel accepts connections for a process that hangs: stopped, "
        "in a long pause for garbage, swapped out. So it looks as well where only its receiver is "
        "dead: 3.5.0 to 3.5.7 and 3.6.0 lose it by a malformed vote, and go on with the rest.";
    finding.advice =
        "Look at the process, not at the port: a thread dump (is there a WorkerReceiver?), the log "
        "of the garbage collector; then restart it.";
    return finding;
  }

  const Story& story_;
  CaptureTime longest_{0};
};

}  // namespace

std::vector<Finding> findings_of_answers(const Story& story) { return AnswerRules(story).all(); }

}  // namespace zkprobe::analysis
