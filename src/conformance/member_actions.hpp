// What a scenario does to members of the server's ensemble, and whether they have a leader. Members
// are named by id, as `leader` (who was found to lead last), `follower` (the lowest voter that runs
// and does not lead), `own`, or by the name that `as=` gave to one.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "conformance/endpoint.hpp"
#include "conformance/members.hpp"
#include "conformance/scenario.hpp"
#include "conformance/values.hpp"

namespace zkprobe::conformance {

class MemberActions {
 public:
  // `members` is null where they may not be touched; every function that needs them then tells a
  // mistake (std::invalid_argument).
  MemberActions(Endpoint& endpoint, Members* members, std::optional<Sid> own)
      : endpoint_(endpoint), members_(members), own_(own) {}

  // What `begins` says. Why it cannot be: a text.
  std::string begin(Beginning beginning);
  // kill, start, silence, wake or blackhole WHO [as=NAME].
  void act(const Directive& directive);
  Sid who(const std::string& word) const;
  // A member that says that it leads, and more than half of the voters with it. Those that are
  // ended or silent are not asked.
  Seen look_for_leader(Duration patience);
  // Wakes and starts whomever the scenario left silent or ended.
  void end();

 private:
  Members& members() const;
  void done(tl::expected<void, std::string> result) const;
  void swallow(Sid member);

  Endpoint& endpoint_;
  Members* const members_;
  const std::optional<Sid> own_;
  std::optional<Sid> leader_;
  std::map<std::string, Sid> named_;
  std::set<Sid> ended_, silent_;
  std::vector<Endpoint::Link> held_;  // that fill a black hole's queue
};

}  // namespace zkprobe::conformance
