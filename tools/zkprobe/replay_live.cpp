#include "replay_live.hpp"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
#include <random>
#include <set>
#include <utility>

#include "analysis/live_adaptation.hpp"
#include "analysis/live_comparison.hpp"
#include "analysis/live_referee.hpp"
#include "analysis/live_script.hpp"
#include "ensemble_folder.hpp"
#include "net/live_link.hpp"
#include "net/signal_loop.hpp"
#include "net/vote_asker.hpp"
#include "output.hpp"
#include "replay_live_view.hpp"
#include "wire/ip_literal.hpp"

namespace zkprobe::tool {
namespace {

namespace asio = net::asio;
using analysis::LiveScript;

// The decision is asked for so long after the last answer.
constexpr Duration kDecisionPatience = std::chrono::seconds(2);
constexpr Duration kAskAgain = std::chrono::milliseconds(100);

class LiveReplay {
 public:
  LiveReplay(const analysis::Tape& tape, const ReplayLiveOptions& options)
      : tape_(tape), options_(options), resolver_(std::make_shared<net::Resolver>(io_)) {}

  ExitCode run() {
    if (options_.as == kObserverId || options_.as == Sid::min()) {
      throw UsageError("replay: --as " + to_string(options_.as) + " is no server's id");
    }
    if (!options_.ensemble_dir.empty()) {
      auto folder = read_ensemble_folder(options_.ensemble_dir);
      if (!folder) throw UsageError("replay: --ensemble: " + folder.error());
      folder_ = *std::move(folder);
    }
    // What the capture does not have is said before anybody is asked.
    const Sid peer = options_.peer.value_or(options_.as);
    if (auto any = analysis::live_script(tape_, {peer, options_.counterpart, options_.election});
        !any) {
      throw UsageError("replay: " + any.error());
    }
    const auto answer = ask_for_standing();
    if (!answer) return interrupted_ ? ExitCode::kDoesNotHold : ExitCode::kUnreachable;
    const std::optional<Sid> target = target_sid(*answer);
    choose_script(peer, target);
    const bool listed = check_permission(*answer, target);
    return play(*answer, target.value_or(script_.counterpart), listed);
  }

 private:
  // One question, as `zkprobe status` asks it; nothing where no answer came, which is told.
  std::optional<peer::VoteAnswer> ask(bool tell = true) {
    std::optional<peer::VoteAnswer> out;
    std::string why;
    peer::VoteQuery::Settings settings;
    settings.timeout = options_.timeout;
    const auto asker = std::make_shared<net::VoteAsker>(io_, resolver_, options_.target, settings,
                                                        std::random_device{}());
    asker->start([&](const net::VoteAsker::Answer& answer) {
      if (!answer.remote.empty()) remote_ = answer.remote;
      if (answer.result) {
        out = *answer.result;
      } else {
        why = answer.result.error().text;
      }
      io_.stop();
    });
    loop();
    asker->close();
    if (!out && tell && !interrupted_) {
      std::fprintf(stderr, "zkprobe: replay: %s: %s\n", wire::to_string(options_.target).c_str(),
                   printable(why).c_str());
    }
    return out;
  }

  // A server that was just started answers in round 0: it has not begun to look.
  std::optional<peer::VoteAnswer> ask_for_standing() {
    const auto until = std::chrono::steady_clock::now() + options_.timeout;
    for (;;) {
      auto answer = ask();
      if (!answer) return answer;
      const wire::Notification& vote = answer->notification;
      const bool begun = vote.state != wire::ServerState::kLooking || vote.election_epoch.value > 0;
      if (begun || interrupted_ || std::chrono::steady_clock::now() > until) return answer;
      pause();
    }
  }

  void pause() {
    asio::steady_timer timer(io_, kAskAgain);
    timer.async_wait([this](net::error_code) { io_.stop(); });
    loop();
  }

  void loop() {
    net::SignalLoop signals(io_, [this] {
      interrupted_ = true;
      io_.stop();
    });
    io_.restart();
    signals.run([] {});
  }

  // The folder knows, or the configuration in the answer, or the server leads.
  std::optional<Sid> target_sid(const peer::VoteAnswer& answer) const {
    if (folder_) {
      if (const auto sid = server_at(*folder_, remote())) return *sid;
    }
    if (answer.config) {
      for (const wire::QuorumServer& server : answer.config->servers) {
        for (const wire::ServerAddress& address : server.addresses) {
          const wire::HostPort election{address.host, address.election_port};
          if (election == options_.target || election == remote()) return server.sid;
        }
      }
    }
    const wire::Notification& vote = answer.notification;
    if (vote.state == wire::ServerState::kLeading) return vote.leader;
    return std::nullopt;
  }

  // Where the connection went to: what a name stood for.
  wire::HostPort remote() const {
    auto address = wire::parse_host_port(remote_);
    if (!address) return options_.target;
    address->host = wire::java_host_text(address->host);
    return *address;
  }

  // By default the server of the capture that has the target's id, if it spoke with the peer.
  void choose_script(Sid peer, std::optional<Sid> target) {
    if (!options_.counterpart && target && *target != peer) {
      auto same = analysis::live_script(tape_, {peer, target, options_.election});
      if (same) {
        script_ = *std::move(same);
        return;
      }
    }
    auto script = analysis::live_script(tape_, {peer, options_.counterpart, options_.election});
    if (!script) throw UsageError("replay: " + script.error());
    script_ = *std::move(script);
  }

  // Whether the target's configuration names the id that is played. Ends with a usage error where
  // playing it could do harm.
  bool check_permission(const peer::VoteAnswer& answer, std::optional<Sid> target) const {
    const std::string as = "--as " + to_string(options_.as);
    if (target == options_.as) {
      throw UsageError("replay: " + as + " is the target's own id");
    }
    std::set<Sid> members;
    if (answer.config) {
      for (const wire::QuorumServer& server : answer.config->servers) members.insert(server.sid);
    }
    if (folder_) {
      for (const FolderServer& server : folder_->servers) members.insert(server.sid);
    }
    if (members.contains(options_.as)) {
      if (!folder_) {
        throw UsageError("replay: " + as +
                         " is a member of the target's ensemble, and whoever greets with its id "
                         "ends its link: needs --ensemble DIR, a folder of scripts/zk-ensemble or "
                         "'zkprobe ensemble --dir'");
      }
      check_folder(answer);
      return true;
    }
    if (members.empty() && options_.as != peer::kAskerId) {
      throw UsageError("replay: the target's votes name no members, so " + as +
                       " may be one: needs --ensemble DIR, or --as " + to_string(peer::kAskerId) +
                       ", the id of questions");
    }
    if (!members.empty() && options_.as < *members.rbegin()) {
      throw UsageError("replay: " + as + " is no member, and smaller than member " +
                       to_string(*members.rbegin()) +
                       ": a server closes its link and dials it back; use a larger id");
    }
    return false;
  }

  void check_folder(const peer::VoteAnswer& answer) const {
    const auto at = server_at(*folder_, remote());
    if (!at) throw UsageError("replay: --ensemble: " + at.error());
    if (!answer.config) return;
    if (const auto why = why_not_ours(*folder_, *answer.config, options_.as)) {
      throw UsageError("replay: --ensemble: " + *why);
    }
  }

  ExitCode play(const peer::VoteAnswer& answer, Sid target, bool listed) {
    analysis::LiveTarget live;
    live.sid = target;
    live.standing = standing_of(answer);
    live.form = answer.form;
    live.config_text = answer.notification.config;
    if (live.config_text && live.config_text->empty()) live.config_text.reset();
    const analysis::LiveAdaptation adapt(script_, live, options_.as, listed);
    const bool counted = listed && script_.config.find(script_.peer) != nullptr;
    const analysis::AloneWords alone = analysis::words_alone(script_, counted);

    LiveResult result{script_, live, adapt, options_.as, listed, options_.target, {}, {}, {}, {}};
    if (answer.config) result.config = *answer.config;
    const auto link = std::make_shared<net::LiveLink>(io_, resolver_, link_settings(adapt, target),
                                                      player_settings(adapt, alone));
    link->start([this] { io_.stop(); });
    loop();
    link->close();
    const analysis::LivePlayer& player = link->player();
    if (!player.ever_linked() && player.failure() && options_.as > target) {
      std::fprintf(stderr, "zkprobe: replay: %s\n", printable(*player.failure()).c_str());
      return ExitCode::kUnreachable;
    }
    result.sent = player.sent();
    result.said = player.said();
    result.failure = player.failure();
    if (player.failure() && !player.ever_linked()) {
      result.failure = "the target does not dial back: " + *player.failure();
    }
    result.compared = analysis::compare_words(script_, adapt, alone, result.said);
    if (!interrupted_) {
      if (auto decision = final_decision(adapt, alone)) result.compared.push_back(*decision);
    }
    const ReplayLiveView view(Style::of_standard_output());
    const std::string out = options_.json ? view.json(result) : view.text(result);
    std::fwrite(out.data(), 1, out.size(), stdout);
    return result.agrees() && !interrupted_ ? ExitCode::kHolds : ExitCode::kDoesNotHold;
  }

  // Asked until it is as in the capture, or long enough: a wait may still be under way.
  std::optional<analysis::LiveComparison> final_decision(const analysis::LiveAdaptation& adapt,
                                                         const analysis::AloneWords& alone) {
    if (!script_.decision) return std::nullopt;
    std::optional<analysis::LiveComparison> last;
    const auto until = std::chrono::steady_clock::now() + kDecisionPatience;
    for (;;) {
      const auto now = ask(false);
      if (now) last = analysis::compare_decision(script_, adapt, alone, now->notification);
      const bool agrees = last && last->verdict == analysis::LiveVerdict::kAgrees;
      if (agrees || interrupted_ || std::chrono::steady_clock::now() > until) return last;
      pause();
    }
  }

  static analysis::LiveStanding standing_of(const peer::VoteAnswer& answer) {
    const wire::Notification& vote = answer.notification;
    return {vote.state, vote.leader, vote.zxid, vote.election_epoch, vote.peer_epoch};
  }

  net::LiveLink::Settings link_settings(const analysis::LiveAdaptation& adapt, Sid target) const {
    net::LiveLink::Settings settings;
    settings.target = options_.target;
    settings.as = options_.as;
    settings.greeting = adapt.greeting();
    settings.dialled_back = options_.as < target;
    settings.timeout = options_.timeout;
    // A bare id announces nothing: the seat's own address is dialled.
    if (settings.dialled_back && settings.greeting == wire::GreetingForm::kBareSid && folder_) {
      for (const FolderServer& server : folder_->servers) {
        if (server.sid == options_.as) settings.listen = server.addresses.at(0);
      }
    }
    return settings;
  }

  analysis::LivePlayer::Settings player_settings(const analysis::LiveAdaptation& adapt,
                                                 const analysis::AloneWords& alone) const {
    analysis::LivePlayer::Settings settings;
    settings.fast = options_.fast;
    settings.link_timeout = options_.timeout;
    settings.words = std::max(script_.words.size(), alone.words.size());
    settings.last_word = script_.words.back().at;
    for (const analysis::LiveWord& vote : script_.votes) {
      std::size_t before = 0;
      for (const analysis::LiveWord& word : script_.words) {
        if (word.at < vote.at) ++before;
      }
      settings.votes.push_back({vote.at, adapt.payload(vote), vote.new_link, before});
    }
    return settings;
  }

  const analysis::Tape& tape_;
  const ReplayLiveOptions& options_;
  asio::io_context io_;
  std::shared_ptr<net::Resolver> resolver_;
  std::optional<EnsembleFolder> folder_;
  LiveScript script_;
  std::string remote_;
  bool interrupted_ = false;
};

}  // namespace

ExitCode replay_live(const analysis::Tape& tape, const ReplayLiveOptions& options) {
  return LiveReplay(tape, options).run();
}

}  // namespace zkprobe::tool
