#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "analysis/ensembles.hpp"
#include "analysis/findings.hpp"

namespace zkprobe::analysis {
namespace {

// A newer configuration takes a moment to reach everyone.
constexpr std::chrono::seconds kSpread{2};

std::string named(Sid sid) { return "Server " + to_string(sid); }

struct Announced {
  RecordIndex record = 0;
  const SeenConfig* config = nullptr;
};

enum class Difference { kNone, kWildcard, kMembers };

// One that names 0.0.0.0 for itself means the same server.
Difference between(const wire::QuorumConfig& a, const wire::QuorumConfig& b) {
  if (a.servers.size() != b.servers.size()) return Difference::kMembers;
  Difference found = Difference::kNone;
  for (const wire::QuorumServer& mine : a.servers) {
    const wire::QuorumServer* const theirs = b.find(mine.sid);
    if (theirs == nullptr || theirs->type != mine.type) return Difference::kMembers;
    if (theirs->addresses == mine.addresses) continue;
    const auto wild = [](const wire::QuorumServer& one) {
      return std::any_of(one.addresses.begin(), one.addresses.end(), [](const auto& at) {
        return wire::is_wildcard({at.host, at.election_port});
      });
    };
    if (!wild(mine) && !wild(*theirs)) return Difference::kMembers;
    found = Difference::kWildcard;
  }
  return found;
}

class MemberRules {
 public:
  explicit MemberRules(const Story& story)
      : story_(story), ensembles_(story.recording, story.roster) {
    for (RecordIndex i = 0; i < story.recording.records.size(); ++i) {
      const Record& record = story.recording.records[i];
      if (record.what != What::kVote || record.text == Record::kNoText) continue;
      const SeenConfig* const config = story.roster.config(record.text);
      const auto sid = story.recording.from(record);
      if (sid && config != nullptr && config->config) {
        last_[*sid] = {i, config};
        announced_[config->config->version].try_emplace(record.text, Announced{i, config});
      }
    }
  }

  std::vector<Finding> all() {
    several_ensembles();
    same_version();
    left_behind();
    strangers();
    same_id_twice();
    releases();
    hidden();
    return std::move(found_);
  }

 private:
  Evidence shows(const Announced& one) const {
    Evidence evidence = proof(story_.recording, one.record);
    evidence.what += "; its configuration has version " + to_hex(one.config->config->version) +
                     " and " + std::to_string(one.config->config->servers.size()) + " servers";
    return evidence;
  }

  // Ids are told apart by nothing but themselves.
  void several_ensembles() {
    if (!ensembles_.several()) return;
    Finding finding;
    finding.id = "several_ensembles";
    finding.severity = Severity::kNote;
    finding.count = ensembles_.all().size();
    finding.title =
        "This capture holds " + std::to_string(finding.count) + " ensembles with the same ids";
    finding.detail =
        "Their configurations have no address in common, and no server of one speaks to a server "
        "of another. Servers with one id are taken for one here, so elections and connections of "
        "the ensembles are mixed up below.";
    finding.advice = "Look at one at a time:";
    for (const Ensembles::One& one : ensembles_.all()) {
      finding.prove(proof(story_.recording, one.record));
      finding.advice += finding.evidence.size() == 1 ? " " : "; or ";
      finding.advice += "tcpdump -r FILE -w ONE.pcap 'tcp port ";
      for (const std::uint16_t port : one.ports) {
        finding.advice += (port == one.ports.front() ? "" : " or ") + std::to_string(port);
      }
      finding.advice += "'";
    }
    found_.push_back(std::move(finding));
  }

  // Any two servers, at any time of the capture: one pair says it.
  void same_version() {
    for (const auto& [version, texts] : announced_) {
      for (auto a = texts.begin(); a != texts.end(); ++a) {
        for (auto b = std::next(a); b != texts.end(); ++b) {
          const wire::QuorumConfig& mine = *a->second.config->config;
          const wire::QuorumConfig& theirs = *b->second.config->config;
          if (between(mine, theirs) != Difference::kMembers) continue;
          if (ensembles_.apart(a->first, b->first)) continue;
          // Who is about to be added by a reconfig has a file of its own until then.
          const bool joins = theirs.find(announcer(a->second)) == nullptr ||
                             mine.find(announcer(b->second)) == nullptr;
          if (joins) continue;
          differ(a->second, b->second);
          return;
        }
      }
    }
  }

  Sid announcer(const Announced& one) const {
    return story_.recording.from(story_.recording.records[one.record]).value_or(Sid());
  }

  void differ(const Announced& a, const Announced& b) {
    const Sid first = announcer(a);
    const Sid second = announcer(b);
    Finding finding;
    finding.id = "configurations_differ";
    finding.severity = Severity::kProblem;
    finding.servers = {first};
    if (second != first) finding.servers.push_back(second);
    finding.title = first == second
                        ? named(first) + " announced two configurations of the same version"
                        : "Servers " + to_string(first) + " and " + to_string(second) +
                              " have different configurations of the same version";
    finding.detail = "Version " + to_hex(a.config->config->version) + " names " +
                     std::to_string(a.config->config->servers.size()) + " servers in one and " +
                     std::to_string(b.config->config->servers.size()) +
                     " in the other, or other addresses. They may count different quorums, and two "
                     "leaders are possible.";
    finding.advice = "Make the server lines equal on all hosts, and restart one by one.";
    finding.prove(shows(a));
    finding.prove(shows(b));
    found_.push_back(std::move(finding));
  }

  void left_behind() {
    const Announced* newest = nullptr;
    for (const auto& [sid, one] : last_) {
      const bool newer =
          newest == nullptr || one.config->config->version > newest->config->config->version;
      if (newer) newest = &one;
    }
    if (newest == nullptr) return;
    const ConfigVersion version = newest->config->config->version;
    const Record* first = nullptr;
    for (const Record& record : story_.recording.records) {
      if (record.what != What::kVote || record.text == Record::kNoText) continue;
      const SeenConfig* const config = story_.roster.config(record.text);
      if (config == nullptr || !config->config || config->config->version != version) continue;
      first = &record;
      break;
    }
    for (const auto& [sid, one] : last_) {
      const wire::QuorumConfig& config = *one.config->config;
      if (config.version == version || first == nullptr) continue;
      if (story_.recording.records[one.record].place.time - first->place.time < kSpread) continue;
      Finding finding;
      finding.id = "configuration_left_behind";
      finding.severity = Severity::kNote;
      finding.servers = {sid};
      finding.title = named(sid) + " still has configuration " + to_hex(config.version) +
                      " where others have " + to_hex(version);
      finding.detail = "It announced the old one more than 2 s after the new one was first seen.";
      finding.advice = "It takes the new one when it follows a leader; see why it does not.";
      finding.prove(shows(*newest));
      finding.prove(shows(one));
      found_.push_back(std::move(finding));
    }
  }

  void strangers() {
    for (const auto& [sid, server] : story_.roster.servers()) {
      if (server.member) continue;
      Finding finding;
      for (RecordIndex i = 0; i < story_.recording.records.size(); ++i) {
        const Record& record = story_.recording.records[i];
        if (story_.recording.from(record) != sid) continue;
        finding.count = finding.evidence.empty() ? 1 : finding.count + 1;
        finding.prove(proof(story_.recording, i));
      }
      if (finding.evidence.empty()) continue;
      finding.servers = {sid};
      const std::string text = as_text(sid);
      if (!text.empty()) {
        foreign(std::move(finding), text);
        continue;
      }
      finding.id = "stranger";
      finding.severity = Severity::kNote;
      finding.servers = {sid};
      finding.title = "Id " + to_string(sid) + " speaks and is in no configuration";
      finding.detail =
          "A probe that asks for votes looks like this, and so does a server that is "
          "configured for another ensemble, or was removed. Servers answer it and do "
          "not count its vote.";
      finding.advice = "If it is no probe of yours: the quorum ports are open to strangers.";
      found_.push_back(std::move(finding));
    }
  }

  // One id that greets from one place, from another, and from the first again. (From one place and
  // then another, it was moved.)
  void same_id_twice() {
    struct Places {
      std::vector<std::pair<std::string, RecordIndex>> seen;
      bool told = false;
    };
    std::map<Sid, Places> by_sid;
    for (RecordIndex i = 0; i < story_.recording.records.size(); ++i) {
      const Record& record = story_.recording.records[i];
      const auto sid = story_.recording.from(record);
      if (record.what != What::kGreeting || !sid || *sid == kObserverId) continue;
      const StreamRecord& stream = story_.recording.stream_of(record);
      const std::string place = capture::to_string(stream.info.at(record.from).host);
      Places& places = by_sid[*sid];
      if (places.told || (!places.seen.empty() && places.seen.back().first == place)) continue;
      places.seen.emplace_back(place, i);
      const std::size_t n = places.seen.size();
      if (n < 3 || places.seen[n - 3].first != place) continue;
      places.told = true;
      Finding finding;
      finding.id = "same_id_twice";
      finding.severity = Severity::kProblem;
      finding.servers = {*sid};
      finding.title = "Two hosts have the id " + to_string(*sid);
      finding.detail = places.seen[n - 2].first + " and " + place +
                       " greet in turn with the same id; each cuts off the links of the other.";
      finding.advice = "Compare the myid files of both hosts.";
      for (std::size_t k = n - 3; k < n; ++k) {
        finding.prove(proof(story_.recording, places.seen[k].second));
      }
      found_.push_back(std::move(finding));
    }
  }

  // What the capture does not show.
  void hidden() {
    Finding gaps, tls;
    gaps.count = tls.count = 0;
    std::int64_t bytes = 0;
    for (RecordIndex i = 0; i < story_.recording.records.size(); ++i) {
      const Record& record = story_.recording.records[i];
      if (record.what != What::kGap) continue;
      ++gaps.count;
      bytes += record.number;
      gaps.prove(proof(story_.recording, i));
    }
    for (const Link& link : story_.links) {
      if (link.fate != Fate::kTls) continue;
      const StreamRecord& stream = story_.recording.streams[link.stream];
      ++tls.count;
      tls.prove(proof(stream, stream.info.opened,
                      name_of(stream, Side::kDialler) + " dials " +
                          name_of(stream, Side::kAcceptor) + " and speaks TLS"));
    }
    if (gaps.count > 0) {
      gaps.id = "capture_incomplete";
      gaps.title = "The capture misses " + std::to_string(bytes) + " bytes in " +
                   std::to_string(gaps.count) + (gaps.count == 1 ? " place" : " places");
      gaps.detail = "Messages are missing, and what is told here may be wrong around these places.";
      gaps.advice = "Capture whole packets (tcpdump -s 0) with a larger buffer (-B).";
      found_.push_back(std::move(gaps));
    }
    if (tls.count > 0) {
      tls.id = "hidden_by_tls";
      tls.title = tls.count == 1
                      ? std::string("A connection is TLS: nothing in it is seen")
                      : std::to_string(tls.count) + " connections are TLS: nothing in them is seen";
      tls.detail = "Whatever was voted or synchronised there is not told here.";
      found_.push_back(std::move(tls));
    }
  }

  // An id whose eight bytes are letters is the beginning of another protocol.
  static std::string as_text(Sid sid) {
    std::string text;
    for (int shift = 56; shift >= 0; shift -= 8) {
      const auto byte = (static_cast<std::uint64_t>(sid.value) >> shift) & 0xffU;
      if (byte < 0x20 || byte > 0x7e) return "";
      text += static_cast<char>(byte);
    }
    return text;
  }

  void foreign(Finding finding, const std::string& text) {
    finding.id = "foreign_bytes";
    finding.severity = Severity::kNote;
    finding.title = "Something else speaks to an election port: \"" + text + "...\"";
    finding.detail =
        "These eight bytes are read as a server's id. A scanner, an HTTP health check, or a client "
        "on the wrong port. Releases 3.4.6 and 3.5.0 can lose their listener by such bytes: the "
        "server then serves, and no restarted server can join.";
    finding.advice = "Keep others off the quorum ports.";
    found_.push_back(std::move(finding));
  }

  // Two servers that no one release can be.
  bool disjoint() const {
    Release newest_from{0, 0, 0};
    std::optional<Release> oldest_to;
    for (const auto& [sid, server] : story_.roster.servers()) {
      if (!server.member || !server.release_known()) continue;
      newest_from = std::max(newest_from, server.release.from);
      if (!server.release.to) continue;
      oldest_to = oldest_to ? std::min(*oldest_to, *server.release.to) : *server.release.to;
    }
    return oldest_to && *oldest_to < newest_from;
  }

  void releases() {
    std::map<std::string, std::vector<Sid>> groups;
    for (const auto& [sid, server] : story_.roster.servers()) {
      if (!server.member || !server.release_known()) continue;
      const Release from = server.release.from;
      // 3.5 and 3.6 alike until a leader or a greeting shows more.
      const bool new_form = from >= Release{3, 5, 0};
      groups[new_form ? "3.5.0 or later" : capture::to_string(server.release)].push_back(sid);
    }
    if (!disjoint()) return;
    Finding finding;
    finding.id = "mixed_releases";
    finding.severity = Severity::kNormal;
    finding.title = "The servers speak different releases";
    for (const auto& [range, sids] : groups) {
      finding.detail += finding.detail.empty() ? "" : "; ";
      finding.detail += sids.size() == 1 ? "server " : "servers ";
      for (std::size_t i = 0; i < sids.size(); ++i) {
        finding.detail += (i == 0 ? "" : ", ") + to_string(sids[i]);
        finding.servers.push_back(sids[i]);
      }
      finding.detail += ": " + range;
    }
    finding.detail += ".";
    found_.push_back(std::move(finding));
  }

  const Story& story_;
  Ensembles ensembles_;
  std::map<Sid, Announced> last_;
  // By version, then by text: who announced it first.
  std::map<ConfigVersion, std::map<std::int32_t, Announced>> announced_;
  std::vector<Finding> found_;
};

}  // namespace

std::vector<Finding> findings_of_members(const Story& story) { return MemberRules(story).all(); }

}  // namespace zkprobe::analysis
