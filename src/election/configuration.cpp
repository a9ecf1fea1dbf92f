// Configurations: the ones the server holds, and the ones that votes bring. Java:
// WorkerReceiver.run, QuorumPeer.processReconfig (3.5.0 and later).
#include <utility>

#include "election/election.hpp"

namespace zkprobe::election {

using wire::ServerState;

void Election::hold_config(wire::QuorumConfig committed,
                           std::optional<wire::QuorumConfig> last_seen) {
  const bool says_yes = committed_.oracle_says_yes();
  committed.oracle = committed.oracle && rules_.knows_oracle;
  committed_ = quorum::QuorumVerifier(std::move(committed));
  committed_.set_oracle(says_yes, true);
  committed_text_ = wire::to_text(committed_.config());
  if (const wire::QuorumServer* me = committed_.config().find(settings_.self)) {
    settings_.learner_type = me->type;
  }
  last_seen_.reset();
  const bool two_at_once =
      rules_.exchanges_configs && (settings_.reconfig_enabled || !rules_.last_seen_needs_reconfig);
  if (two_at_once && last_seen && last_seen->version > committed_.version()) {
    last_seen_.emplace(std::move(*last_seen));
    last_seen_->set_oracle(says_yes, true);
  }
}

// QuorumPeer.updateLearnerType: whom a newer configuration does not name is a participant without a
// vote, an observer too.
void Election::update_learner_type() {
  if (committed_.config().find(settings_.self) == nullptr) {
    settings_.learner_type = wire::LearnerType::kParticipant;
  }
}

bool Election::consider_config(Step& step, Sid from, const std::string& text) {
  // Who has no configuration to tell sends none; Java's own text is never empty.
  if (text.empty() || text == committed_text_) return false;
  auto config = wire::parse_quorum_config(text);
  if (!config) {
    report(step, Report::Kind::kConfig, from,
           "the configuration is not readable, the vote counts: " + to_string(config.error()));
    return false;
  }
  if (config->version <= committed_.version()) return false;
  if (rules_.takes_configs_only_looking && state_ != ServerState::kLooking) return false;
  if (!is_member(from)) {
    report(step, Report::Kind::kConfig, from,
           "is no member: its configuration " + to_hex(config->version) + " is not taken");
    return false;
  }
  return take_config(step, from, std::move(*config));
}

bool Election::take_config(Step& step, Sid from, wire::QuorumConfig config) {
  config.oracle = committed_.config().oracle;
  const bool differs = !quorum::same_config(config, committed_.config());
  const bool taken = settings_.reconfig_enabled || !rules_.asks_reconfig_enabled;
  if (!taken && !differs) return false;
  const bool restart = differs && state_ == ServerState::kLooking;
  report(step, Report::Kind::kConfig, from,
         std::string(taken ? "its newer configuration is taken: "
                           : "its newer configuration is not taken, reconfig is disabled: ") +
             to_hex(config.version));
  step.effects.push_back(AdoptConfig{config, taken, restart});
  if (taken) {
    auto last_seen = last_seen_ ? std::optional(last_seen_->config()) : std::nullopt;
    hold_config(std::move(config), std::move(last_seen));
    update_learner_type();
  }
  if (restart) {
    // Java builds a new FastLeaderElection, whose clock begins at zero.
    phase_ = Phase::kIdle;
    round_ = ElectionRound(0);
    current_.reset();
  }
  return restart;
}

}  // namespace zkprobe::election
