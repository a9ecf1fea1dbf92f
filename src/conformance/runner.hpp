// Plays one scenario against one server, and judges.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "conformance/endpoint.hpp"
#include "conformance/scenario.hpp"
#include "wire/framer.hpp"
#include "wire/initial_message.hpp"
#include "wire/notification.hpp"

namespace zkprobe::conformance {

// `id=` words: a stranger's ids are above every member's, the low one below.
inline constexpr Sid kStranger{0x7fffffffffff7a6b};
inline constexpr Sid kSecondStranger{0x7fffffffffff7a6c};
inline constexpr Sid kLowStranger{-0x7fffffffffff7a6b};

struct Target {
  ReleaseRange release;    // what is known of it; one release as a rule
  std::optional<Sid> sid;  // `id=own`
  // Our own peer: a known defect of Java is no excuse.
  bool ours = false;
};

enum class Verdict { kPass, kFail, kKnownDefect, kSkip };
std::string_view to_string(Verdict verdict);  // "pass", "fail", "known_defect", "skip"

struct Result {
  Verdict verdict = Verdict::kPass;
  std::string expected;  // of the line that decided
  std::string observed;
  std::string issue;  // of a known defect
  int line = 0;
  Duration took{0};
  // "> greeting ...", "< notification ...": what went over the wire, without what may vary.
  std::vector<std::string> transcript;
};

class Runner {
 public:
  Runner(Endpoint& endpoint, Target target) : endpoint_(endpoint), target_(std::move(target)) {}

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
  };
  struct Seen {
    bool as_expected = false;
    std::string what;
  };

  void act(Peer& peer, const Directive& directive);
  void greet(Peer& peer, const Directive& directive);
  void vote(Peer& peer, const Directive& directive);
  void flush(Peer& peer);
  // True when the scenario goes on.
  bool judge(Peer& peer, const Directive& directive, Result& result);
  Seen look(Peer& peer, const std::vector<std::string>& words,
            const std::map<std::string, std::string>& options);
  Seen look_for_vote(Peer& peer, const std::map<std::string, std::string>& options,
                     Duration patience);
  Seen look_for_call(Peer& peer, const std::string& name,
                     const std::map<std::string, std::string>& options, Duration patience);
  Seen ask(const std::map<std::string, std::string>& options, Duration patience);
  std::optional<wire::NotificationForm> ask_once(Duration patience, wire::Notification& vote,
                                                 std::string& why);
  Seen still_open(Peer& peer, bool silent, Duration patience);
  Seen look_for_end(Peer& peer, Duration patience);
  Sid id_of(const std::string& word) const;
  void tell(const std::string& line);

  Endpoint& endpoint_;
  const Target target_;
  std::map<std::string, Peer> peers_;
  std::string peer_name_;
  ElectionRound seen_round_;  // of the vote that was read last
  std::vector<std::string> transcript_;
};

}  // namespace zkprobe::conformance
