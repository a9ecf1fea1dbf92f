// One run of `zkprobe audit`: asks over the network what audit::Walk wants asked, then makes the
// directed tests where they are wanted.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "audit/walk.hpp"
#include "net/dial_back.hpp"
#include "net/resolver.hpp"
#include "net/signal_loop.hpp"
#include "net/vote_asker.hpp"
#include "options.hpp"

namespace zkprobe::tool {

struct AuditOptions {
  SharedOptions shared;
  std::vector<wire::HostPort> addresses;
  bool directions = false;
  std::optional<wire::HostPort> listen;  // --listen
  std::string here;                      // --here: what this host is called
  std::vector<std::string> merge;
};

class AuditRun {
 public:
  explicit AuditRun(const AuditOptions& options);

  // Blocks until all is asked, or SIGINT: what is known so far.
  audit::View run();

 private:
  void ask_next();
  void answered(const wire::HostPort& address, const net::VoteAsker::Answer& answer);
  void start_directions();
  void test_next();
  void test_dial_back(std::size_t index);
  void test_learner_port(std::size_t index);
  void one_test_less();
  void stop();

  const AuditOptions& options_;
  net::asio::io_context io_;
  std::shared_ptr<net::Resolver> resolver_;
  net::SignalLoop signals_;
  audit::Walk walk_;
  audit::View view_;
  std::vector<std::shared_ptr<net::VoteAsker>> askers_;
  struct Directed {
    std::size_t index = 0;   // in view_.sightings
    bool dial_back = false;  // at one of a server's addresses alone
  };
  std::vector<Directed> to_test_;  // the next one last
  std::size_t tests_ = 0;          // under way: two for each of them
  bool testing_ = false;
  bool stopped_ = false;
  std::vector<std::shared_ptr<net::DialBackTest>> dial_backs_;
  std::vector<std::shared_ptr<net::Dial>> dials_;
};

}  // namespace zkprobe::tool
