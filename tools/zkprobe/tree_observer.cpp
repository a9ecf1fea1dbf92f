#include "tree_observer.hpp"

#include <csignal>
#include <memory>
#include <random>

#include "net/leader_finder.hpp"
#include "net/observer_session.hpp"
#include "net/resolver.hpp"
#include "output.hpp"
#include "peer/observed_tree.hpp"

namespace zkprobe::tool {
namespace {

namespace asio = net::asio;

constexpr Duration kPause = std::chrono::milliseconds(200);
// For one question. A server that takes longer is asked again in the next
// round.
constexpr Duration kLongestQuestion = std::chrono::seconds(2);

// "zk" and a random number, as join takes it.
Sid own_id() { return Sid(0x7a6b'0000'0000'0000 + std::random_device{}()); }

class TreeObserver {
 public:
  TreeObserver(const std::vector<wire::HostPort>& addresses, const SharedOptions& shared)
      : shared_(shared),
        resolver_(std::make_shared<net::Resolver>(io_)),
        finder_(io_, resolver_, addresses,
                [this](const wire::HostPort&, const peer::VoteAnswer&) { reached_ = true; }),
        tree_({shared.emulate.value_or(kNewestRelease), std::random_device{}()}),
        session_(io_, resolver_, learner_settings(shared),
                 [this](const learner::Effect& effect) { took_effect(effect); }),
        signals_(io_, SIGINT, SIGTERM),
        timer_(io_),
        pause_timer_(io_) {}

  ObservedTreeResult run() {
    signals_.async_wait([this](net::error_code aborted, int) {
      if (!aborted) end(ExitCode::kDoesNotHold, "interrupted before the tree was there");
    });
    timer_.expires_after(shared_.timeout);
    timer_.async_wait([this](net::error_code aborted) {
      if (!aborted) timed_out();
    });
    asio::post(io_, [this] { search(); });
    io_.run();
    return std::move(result_);
  }

 private:
  static learner::Settings learner_settings(const SharedOptions& shared) {
    learner::Settings settings;
    settings.sid = own_id();
    settings.release = shared.emulate.value_or(kNewestRelease);
    settings.keeps_state = true;
    return settings;
  }

  void search() {
    const Duration each = std::min(shared_.timeout / 3, kLongestQuestion);
    finder_.start({each, shared_.emulate}, std::random_device{}(), [this] { searched(); });
  }

  void searched() {
    peer::LeaderSearch& search = finder_.search();
    if (const auto found = search.found()) {
      return session_.follow(found->learner_addresses, shared_.timeout);
    }
    if (search.without_configuration()) {
      return end(ExitCode::kUsage,
                 search.why_without_configuration() + ": give the directory of a server instead");
    }
    again(search.why_none());
  }

  void again(std::string why) {
    if (stopped_) return;
    problem_ = std::move(why);
    pause_timer_.expires_after(kPause);
    pause_timer_.async_wait([this](net::error_code aborted) {
      if (!aborted) this->search();
    });
  }

  void took_effect(const learner::Effect& effect) {
    if (std::holds_alternative<learner::SyncStarted>(effect)) timer_.cancel();
    tree_.take(effect);
    if (tree_.lost()) return end(ExitCode::kDoesNotHold, *tree_.lost());
    if (tree_.complete()) {
      result_.tree = tree_.release();
      return end(ExitCode::kHolds, "");
    }
    if (const auto* leave = std::get_if<learner::Leave>(&effect)) left(*leave);
  }

  // A leader that goes in the middle is not waited for for ever.
  void left(const learner::Leave& leave) {
    session_.settings().last_zxid = Zxid(0);
    tree_.start_anew();
    timer_.expires_after(shared_.timeout);
    timer_.async_wait([this](net::error_code aborted) {
      if (!aborted) timed_out();
    });
    again(leave.text);
  }

  void timed_out() {
    const std::string limit = " within " + zkprobe::to_string(shared_.timeout);
    if (problem_.empty() && finder_.search().anyone_answered()) {
      problem_ = finder_.search().why_none();
    }
    end(ExitCode::kUnreachable, (reached_ ? "no leader sent its tree" : "nobody answered") + limit +
                                    (problem_.empty() ? "" : ": " + problem_));
  }

  void end(ExitCode code, std::string error) {
    if (stopped_) return;
    stopped_ = true;
    result_.code = code;
    result_.error = printable(error);
    signals_.cancel();
    finder_.close();
    session_.leave();
    io_.stop();
  }

  const SharedOptions& shared_;
  asio::io_context io_;
  std::shared_ptr<net::Resolver> resolver_;
  net::LeaderFinder finder_;
  peer::ObservedTree tree_;
  net::ObserverSession session_;
  asio::signal_set signals_;
  asio::steady_timer timer_;
  asio::steady_timer pause_timer_;

  bool reached_ = false;
  bool stopped_ = false;
  std::string problem_;
  ObservedTreeResult result_;
};

}  // namespace

ObservedTreeResult observe_tree(const std::vector<wire::HostPort>& addresses,
                                const SharedOptions& shared) {
  return TreeObserver(addresses, shared).run();
}

}  // namespace zkprobe::tool
