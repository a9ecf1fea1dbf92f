// Plays one scenario against one server, and judges.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "conformance/endpoint.hpp"
#include "conformance/learner_peer.hpp"
#include "conformance/member_actions.hpp"
#include "conformance/question.hpp"
#include "conformance/scenario.hpp"
#include "conformance/values.hpp"
#include "wire/framer.hpp"
#include "wire/initial_message.hpp"
#include "wire/notification.hpp"

namespace zkprobe::conformance {

struct Target {
  ReleaseRange release;    // what is known of it; one release as a rule
  std::optional<Sid> sid;  // `id=own`
  // Our own peer: a known defect of Java is no excuse.
  bool ours = false;
  // What a scenario may need and this server has not, each with the reason.
  std::map<Need, std::string> lacks;
  // Why it cannot run alone; empty: it can, or whoever plays the scenario has seen to it.
  std::string not_alone;
};

enum class Verdict { kPass, kFail, kKnownDefect, kSkip };
std::string_view to_string(Verdict verdict);  // "pass", "fail", "known_defect", "skip"

struct Result {
  Verdict verdict = Verdict::kPass;
  std::string expected;  // of the line that decided
  std::string observed;
  std::string issue;         // of a known defect
  bool interrupted = false;  // it was not played to its end: a skip
  int line = 0;
  Duration took{0};
};

class Runner {
 public:
  // `members`: null where the processes of the server's ensemble may not be touched.
  Runner(Endpoint& endpoint, Target target, Members* members = nullptr)
      : endpoint_(endpoint), target_(std::move(target)), actions_(endpoint, members, target_.sid) {}

  Result run(const Scenario& scenario);

 private:
  struct Peer {
    std::optional<Endpoint::Link> link;
    bool closed = false;  // the server closed it
    Bytes unsent;         // goes out in one write with what follows
    Bytes rest;           // of a greeting that was cut
    wire::Framer framer;
    Bytes question;  // the harmless one, if it was the last that was written
    std::optional<wire::InitialMessage> caller;  // who called
    std::optional<wire::Notification> last;      // the last vote that was read
    std::unique_ptr<LearnerPeer> learner;        // the link is one of a learner port
  };

  void play(const Scenario& scenario, Result& result);
  std::string why_not(const Scenario& scenario) const;
  void act(Peer& peer, const Directive& directive);
  void dial(Peer& peer, const Directive& directive);
  void speak_packets(Peer& peer);
  void listen(const Directive& directive);
  void bytes(Peer& peer, const Directive& directive);
  void greet(Peer& peer, const Directive& directive);
  void vote(Peer& peer, const Directive& directive);
  void flush(Peer& peer);
  // True when the scenario goes on.
  bool judge(Peer& peer, const Directive& directive, Result& result);
  Seen look(Peer& peer, const std::vector<std::string>& words, const Options& options);
  Seen look_for_vote(Peer& peer, const Options& options, Duration patience);
  Seen look_for_call(Peer& peer, const std::string& name, const Options& options,
                     Duration patience);
  Seen look_for_learner(Peer& peer, Duration patience);
  Seen ask(const Options& options, Duration patience);
  Seen still_open(Peer& peer, bool silent, Duration patience);
  Seen look_for_end(Peer& peer, Duration patience);
  Sid id_of(const std::string& word) const;

  Endpoint& endpoint_;
  const Target target_;
  MemberActions actions_;
  std::map<std::string, Peer> peers_;
  std::string peer_name_;
  ElectionRound seen_round_;  // of the vote that was read last
  PacketMemory packets_;
};

}  // namespace zkprobe::conformance
