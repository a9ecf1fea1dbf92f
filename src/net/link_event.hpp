// What becomes of a link of the election port, and its line in the log.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "net/log_budget.hpp"

namespace zkprobe::net {

struct LinkEvent {
  enum class What {
    kDial,    // we connect to `remote`
    kAccept,  // a whole greeting was read
    kOpen,    // the link is kept: payloads flow
    kRefuse,  // no link came of a socket: `why` says what was wrong with it
    kClose,   // a link is closed, or a socket whose greeting makes the other side dial
  };
  std::optional<Sid> peer;  // nothing where the greeting could not be read
  What what = What::kDial;
  std::string why;       // for people; no line end
  std::string remote;    // "127.0.0.1:3888", "[::1]:3888"; empty when unknown
  bool garbage = false;  // kClose: because of bytes that are no frame; `why` shows them
};
// "dial", "accept", "open", "refuse", "close".
std::string_view to_string(LinkEvent::What what);

// Writes each event as one line, at the level that it deserves, and no more of them than LogBudget
// allows.
class LinkLog {
 public:
  explicit LinkLog(Sid self) : self_(self) {}
  void write(const LinkEvent& event);

 private:
  const Sid self_;
  LogBudget budget_;
};

}  // namespace zkprobe::net
