// An embedded ensemble: zkprobe peers in one process, over real sockets on loopback, that elect a
// leader and keep it. What they do comes out as it happens.
#pragma once

#include <array>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "context.hpp"
#include "ensemble_folder.hpp"
#include "ensemble_script.hpp"
#include "event_teller.hpp"
#include "net/output_sink.hpp"
#include "net/peer_driver.hpp"
#include "net/signal_loop.hpp"
#include "options.hpp"
#include "output.hpp"

namespace zkprobe::tool {

namespace asio = net::asio;

struct EnsembleOptions {
  SharedOptions shared;
  int voters = 0;
  int observers = 0;
  std::optional<std::uint16_t> base_port;
  std::string dir;               // empty: no folder is written
  std::string script;            // empty: none
  std::vector<Emulate> emulate;  // of each member, the last repeats; empty: auto
  Duration tick{200'000};
  std::set<std::string> events;  // which records of --json; empty: all
};

// The records of --json, by their "event".
inline constexpr std::array kEnsembleEvents{
    "members", "state",   "epoch",  "link",   "notification", "report", "config",
    "stopped", "elected", "joined", "killed", "started",      "status"};

class EnsembleRun {
 public:
  explicit EnsembleRun(const EnsembleOptions& options);
  // Throws UsageError for what cannot be set up.
  ExitCode run();

 private:
  using Clock = std::chrono::steady_clock;

  struct Member {
    Sid sid;
    bool observer = false;
    Emulate emulate;
    std::shared_ptr<net::PeerDriver> driver;  // nothing: not running
    election::LogPosition log;                // what a restart finds again
    std::optional<PeerEpoch> epoch;           // of its present leader, once it knows it
    EventTeller teller;
    std::optional<Duration> quorum_at;   // when it last saw a quorum agree
    std::optional<Duration> decided_at;  // when its last election ended
  };

  // Setting up
  void make_members();
  void check_folder();
  // An error names the file.
  tl::expected<void, std::string> save_folder();
  void keep_folder();  // while the ensemble runs: an error is told, and does not end it
  void announce();
  void read_keyboard();
  void set_limit();

  // Members
  void start_member(Member& member);
  void kill_member(Member& member, const std::string& why);
  Member* find(Sid sid);
  Member* leading();
  void take(Member& member, const net::PeerEvent& event);

  // The story
  bool elected();
  bool reached_limit();
  void look_at_limits();
  void note_election(Member& member, const net::PeerEvent& event);
  void tell_elected();
  void show_status();
  void say(const Member* member, const std::string& text, Colour colour = Colour::kPlain);
  void write_record(const Member* member, Json record);
  bool records(std::string_view event) const;
  std::string list(const std::vector<Sid>& sids) const;
  std::string emulation_text(const Member& member) const;

  // Commands and the end
  void enqueue(const std::string& line);
  void advance();
  // True when the command is done, false when it waits.
  bool execute(const Command& command);
  bool kill_or_start(const Command& command);
  void complain(const std::string& text);
  void changed();
  void end(ExitCode code);
  ExitCode verdict();
  Duration elapsed() const;

  const EnsembleOptions& options_;
  const Style style_;
  asio::io_context io_;
  std::shared_ptr<net::Resolver> resolver_;
  net::SignalLoop loop_;
  net::OutputSink sink_;
  asio::steady_timer limit_timer_;
  asio::steady_timer command_timer_;
  std::optional<asio::posix::stream_descriptor> keyboard_;
  std::string typed_;

  wire::QuorumConfig config_;
  std::vector<Member> members_;
  EnsembleFolder folder_;
  Clock::time_point started_at_;

  std::deque<Command> commands_;
  std::optional<Duration> command_since_;  // when the front command began to wait
  std::optional<Duration> until_end_;      // when --timeout ends the wait for --until
  std::optional<Duration> limit_at_;       // the earlier one of --for and until_end_
  bool scripted_ = false;
  bool in_advance_ = false;
  bool ended_ = false;
  ExitCode exit_code_ = ExitCode::kHolds;

  // The election under way, or the last one.
  bool told_elected_ = false;
  std::optional<Duration> looking_since_;
};

}  // namespace zkprobe::tool
