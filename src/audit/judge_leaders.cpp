// One leader, two, or none; and who stands behind it.
#include <algorithm>
#include <map>

#include "audit/finding.hpp"
#include "quorum/quorum_verifier.hpp"

namespace zkprobe::audit {
namespace {

using quorum::QuorumVerifier;
using quorum::SidSet;
using wire::ServerState;

const wire::Notification& vote_of(const Server& server) { return server.answer()->notification; }
ServerState state_of(const Server& server) { return vote_of(server).state; }

// What proves a state: "server 3 (zk3:3888) is LEADING, leader 3, epoch 0x1, round 0x1".
std::string says(const Server& server) {
  const wire::Notification& vote = vote_of(server);
  return server.name() + " is " + std::string(to_string(vote.state)) + ", leader " +
         to_string(vote.leader) + ", epoch " + to_hex(vote.peer_epoch) + ", round " +
         to_hex(vote.election_epoch);
}

Finding problem(std::string id, std::string title, std::string detail, std::string advice) {
  Finding finding;
  finding.id = std::move(id);
  finding.severity = Severity::kProblem;
  finding.title = std::move(title);
  finding.detail = std::move(detail);
  finding.advice = std::move(advice);
  return finding;
}

void add(Finding& finding, const Server& server) {
  finding.concern(server);
  finding.prove(says(server));
}

class Leaders {
 public:
  Leaders(const Ensemble& ensemble, Findings& findings) : findings_(findings) {
    for (const Server* const server : ensemble) {
      if (server->answer() == nullptr) continue;
      answered_.push_back(server);
      if (state_of(*server) == ServerState::kLooking) looking_.push_back(server);
      if (state_of(*server) == ServerState::kLeading) leading_.push_back(server);
      if (state_of(*server) != ServerState::kLooking) {
        parties_[vote_of(*server).leader].push_back(server);
      }
    }
    configs_ = configs_of(ensemble);
    ensemble_ = &ensemble;
  }

  void judge() {
    if (answered_.empty()) return;
    if (leading_.size() > 1) two_leaders();
    if (parties_.empty()) return no_leader();
    for (const auto& [leader, party] : parties_) missing_leader(leader);
    if (parties_.size() > 1 && leading_.size() < 2) different_leaders();
    stragglers();
    epochs();
    if (leading_.size() == 1) support(*leading_.front());
    for (const Server* const server : answered_) {
      role(*server);
      identity(*server);
    }
  }

 private:
  void two_leaders() {
    Finding finding = problem(
        "two_leaders", std::to_string(leading_.size()) + " servers say that they lead",
        "Each serves its own clients and takes their writes: the data part. They have different "
        "members in their configurations, or share ids; a leader that has just lost its quorum "
        "also says so until syncLimit times tickTime have passed.",
        "Ask again after half a minute. If both stay: stop the clients, decide which ensemble "
        "holds the data, stop the other one, and give all servers one member list with one id "
        "each.");
    for (const Server* const server : leading_) add(finding, *server);
    for (const Server* const server : answered_) {
      if (state_of(*server) == ServerState::kFollowing) finding.prove(says(*server));
    }
    findings_.push_back(std::move(finding));
  }

  void no_leader() {
    std::string detail = "Nobody can read or write.";
    if (!configs_.empty()) {
      const QuorumVerifier verifier(*configs_.front().config);
      SidSet there;
      for (const Server* const server : answered_) {
        if (server->sid) there.insert(*server->sid);
      }
      const std::size_t voters = verifier.voters().size();
      const auto here = static_cast<std::size_t>(std::count_if(
          there.begin(), there.end(), [&verifier](Sid sid) { return verifier.is_voter(sid); }));
      detail +=
          " " + std::to_string(here) + " of " + std::to_string(voters) +
          " voters answer, which is " +
          (verifier.contains_quorum(there) ? "a quorum: they should agree within seconds."
                                           : "no quorum: the others have to come back first.");
    }
    Finding finding = problem(
        "no_leader",
        "No leader: " + std::to_string(looking_.size()) +
            (looking_.size() == 1 ? " server is" : " servers are") + " LOOKING",
        detail,
        "Bring the servers back that do not answer. If a quorum answers and stays LOOKING, "
        "members cannot dial each other: run with --directions on every host, and --merge.");
    for (const Server* const server : looking_) add(finding, *server);
    findings_.push_back(std::move(finding));
  }

  // Followers of a server that is not there, or does not know.
  void missing_leader(Sid leader) {
    const bool leads = std::any_of(leading_.begin(), leading_.end(), [leader](const Server* one) {
      return vote_of(*one).leader == leader;
    });
    if (leads) return;
    const auto named = std::find_if(answered_.begin(), answered_.end(),
                                    [leader](const Server* one) { return one->sid == leader; });
    const bool known = named != answered_.end();
    if (!known && anonymous()) return;  // 3.4: one of those may be it
    if (!known && !asked(leader)) return leader_not_asked(leader);
    Finding finding = problem(
        known ? "leader_not_leading" : "leader_unseen",
        "Server " + to_string(leader) + " is followed and " +
            (known ? "does not lead" : "did not answer"),
        known ? "The followers find out when their link to it breaks, or after syncLimit ticks."
              : "Its clients may well be served. From here its election port does not answer, so a "
                "server that restarts may not find it either.",
        known ? "Ask again; if it stays, look at the followers' link to the leader's learner port."
              : "Look at that server first.");
    if (known) add(finding, **named);
    if (!known) finding.servers.push_back(leader);
    for (const Server* const server : parties_[leader]) finding.prove(says(*server));
    findings_.push_back(std::move(finding));
  }

  bool asked(Sid sid) const {
    return std::any_of(ensemble_->begin(), ensemble_->end(), [sid](const Server* one) {
      return one->sid == sid && one->looks.front().sighting->result.has_value();
    });
  }

  // Nobody names its address, or names one that means another machine here.
  void leader_not_asked(Sid leader) {
    Finding finding;
    finding.id = "leader_not_asked";
    finding.title = "Server " + to_string(leader) + " is followed and was not asked";
    finding.detail =
        "No answer names an address of it that can be asked from here: releases up to 3.4.14 name "
        "nobody, and wildcard and loopback addresses of another host mean this one.";
    finding.advice = "Give the addresses of all servers.";
    finding.servers.push_back(leader);
    for (const Server* const server : parties_[leader]) finding.prove(says(*server));
    for (const Server* const server : *ensemble_) {
      if (server->sid || server->answer() != nullptr) continue;
      finding.prove(server->name() + " does not answer and may be it");
    }
    findings_.push_back(std::move(finding));
  }

  bool anonymous() const {
    return std::any_of(ensemble_->begin(), ensemble_->end(), [](const Server* one) {
      return !one->sid && one->answer() != nullptr && state_of(*one) != ServerState::kFollowing;
    });
  }

  void different_leaders() {
    Finding finding = problem("different_leaders", "Servers follow different leaders",
                              "During an election this lasts for moments.",
                              "Ask again; if it stays, compare the members that each one has.");
    for (const auto& [leader, party] : parties_) {
      for (const Server* const server : party) add(finding, *server);
    }
    findings_.push_back(std::move(finding));
  }

  void stragglers() {
    if (looking_.empty()) return;
    Finding finding = problem(
        "server_looking",
        std::to_string(looking_.size()) +
            (looking_.size() == 1 ? " server finds" : " servers find") +
            " no leader though there is one",
        "Its answers go out, and it does not hear the others, or it cannot stay with the leader: "
        "the others cannot dial it back, or the leader's learner port is closed to it, or "
        "initLimit is too short for its snapshot.",
        "Run with --directions, also on its host. In its log: 'Have smaller server identifier' is "
        "normal, 'Cannot open channel to' and 'Exception when following the leader' are not.");
    for (const Server* const server : looking_) add(finding, *server);
    for (const Server* const server : leading_) finding.prove(says(*server));
    findings_.push_back(std::move(finding));
  }

  void epochs() {
    for (const auto& [leader, party] : parties_) {
      std::map<PeerEpoch, std::size_t> seen;
      for (const Server* const server : party) {
        const wire::NotificationForm form = server->answer()->form;
        // 3.3 to 3.4.5 never renew the epoch of a vote (ZOOKEEPER-1732).
        if (form == wire::NotificationForm::kBytes40 || form == wire::NotificationForm::kConfig) {
          ++seen[vote_of(*server).peer_epoch];
        }
      }
      if (seen.size() < 2) continue;
      Finding finding = problem(
          "epochs_differ", "Followers of server " + to_string(leader) + " name different epochs",
          "A server that joins compares votes and may find no quorum that agrees "
          "(ZOOKEEPER-1732, ZOOKEEPER-1817).",
          "Ask again; if it stays, restart the followers of the older epoch, one by one.");
      for (const Server* const server : party) add(finding, *server);
      findings_.push_back(std::move(finding));
    }
  }

  // The quorum behind the one leader, as far as it is seen from here.
  void support(const Server& leader) {
    if (!leader.answer()->config) return;
    const QuorumVerifier verifier(*leader.answer()->config);
    SidSet behind;
    for (const Server* const server : parties_[vote_of(leader).leader]) {
      if (server->sid && verifier.is_voter(*server->sid)) behind.insert(*server->sid);
    }
    const std::string counts = std::to_string(behind.size()) + " of " +
                               std::to_string(verifier.voters().size()) + " voters";
    if (!verifier.contains_quorum(behind)) {
      Finding finding =
          problem("quorum_unseen", "The leader has no quorum that can be seen from here",
                  counts + " are seen to follow " + leader.name() +
                      ". Without a quorum a leader gives up after syncLimit ticks.",
                  "Look at the voters that do not answer.");
      add(finding, leader);
      findings_.push_back(std::move(finding));
      return;
    }
    if (behind == verifier.voters()) return;
    const bool brittle = std::any_of(behind.begin(), behind.end(), [&](Sid sid) {
      SidSet rest = behind;
      rest.erase(sid);
      return !verifier.contains_quorum(rest);
    });
    if (!brittle) return;
    Finding finding;
    finding.id = "no_reserve";
    finding.title = "One more failure stops the ensemble";
    finding.detail = counts + " follow the leader, and the quorum needs each of them.";
    finding.advice = "Bring the missing voters back before any other work.";
    for (const Sid sid : behind) finding.servers.push_back(sid);
    finding.prove(says(leader));
    findings_.push_back(std::move(finding));
  }

  void role(const Server& server) {
    const wire::QuorumServer* const entry = server.own_entry();
    if (entry == nullptr || state_of(server) == ServerState::kLooking) return;
    const bool observes = state_of(server) == ServerState::kObserving;
    const bool listed = entry->type == wire::LearnerType::kObserver;
    if (observes == listed) return;
    Finding finding =
        problem("role_differs",
                server.name() + (observes ? " observes, and is listed as a participant"
                                          : " takes part, and is listed as an observer"),
                "The peerType in its zoo.cfg and its server line say different things.",
                "Write ':observer' in its server line on every member where it observes, and "
                "nowhere else.");
    add(finding, server);
    findings_.push_back(std::move(finding));
  }

  // A leader votes for itself, so its id is known from its vote.
  void identity(const Server& server) {
    if (state_of(server) != ServerState::kLeading || !server.sid) return;
    if (*server.sid == vote_of(server).leader) return;
    Finding finding =
        problem("wrong_id", server.name() + " leads as server " + to_string(vote_of(server).leader),
                "Its configuration has its address at another id than its myid file says.",
                "Give every server the myid that all configurations have for its address.");
    add(finding, server);
    findings_.push_back(std::move(finding));
  }

  Findings& findings_;
  const Ensemble* ensemble_ = nullptr;
  std::vector<const Server*> answered_, looking_, leading_;
  std::map<Sid, std::vector<const Server*>> parties_;  // by leader: who follows, leads, observes
  std::vector<Held> configs_;
};

}  // namespace

void judge_leaders(const Roster& roster, Findings& findings) {
  for (const Ensemble& ensemble : roster.ensembles()) Leaders(ensemble, findings).judge();
}

}  // namespace zkprobe::audit
