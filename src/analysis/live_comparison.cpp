#include "analysis/live_comparison.hpp"

#include <algorithm>
#include <utility>

namespace zkprobe::analysis {

using wire::Notification;
using wire::NotificationForm;

namespace {

// What an alignment costs. Two words that differ in one or two fields are paired; a word with a
// reason to stay alone is left alone before that.
constexpr int kField = 3;
constexpr int kSayless = 1;  // form and configuration of equal votes
constexpr int kReason = 1;
constexpr int kNoReason = 3;

// Why the peer's votes do not lead to it.
std::string others_text(const AloneWords& alone) {
  if (alone.counted) return "votes of others led to it in the capture, and nobody plays those";
  return "votes led to it in the capture, and those of an id that is no member do not count";
}

class Alignment {
 public:
  Alignment(const LiveScript& script, const LiveAdaptation& adapt, const AloneWords& alone,
            const std::vector<LiveSaid>& said)
      : script_(script), adapt_(adapt), said_(said), others_(others_text(alone)) {
    for (const Notification& word : alone.words) possible_.push_back(adapt.vote(word));
    for (const LiveWord& word : script.words) words_.push_back(adapt.vote(word.vote));
  }

  std::vector<LiveComparison> compare() {
    fill();
    std::vector<LiveComparison> out;
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < words_.size() || j < said_.size()) {
      const int cost = best_[i][j];
      if (i < words_.size() && j < said_.size() && cost == best_[i + 1][j + 1] + pair_cost(i, j)) {
        out.push_back(pair(i++, j++));
      } else if (i < words_.size() && cost == best_[i + 1][j] + word_cost(i)) {
        out.push_back(missing(i++, j < said_.size()));
      } else {
        out.push_back(extra(j++));
      }
    }
    return out;
  }

 private:
  void fill() {
    best_.assign(words_.size() + 1, std::vector<int>(said_.size() + 1, 0));
    for (std::size_t i = words_.size() + 1; i-- > 0;) {
      for (std::size_t j = said_.size() + 1; j-- > 0;) {
        if (i == words_.size() && j == said_.size()) continue;
        int cost = kNoReason * 1000;
        if (i < words_.size() && j < said_.size()) {
          cost = std::min(cost, best_[i + 1][j + 1] + pair_cost(i, j));
        }
        if (i < words_.size()) cost = std::min(cost, best_[i + 1][j] + word_cost(i));
        if (j < said_.size()) cost = std::min(cost, best_[i][j + 1] + said_cost(j));
        best_[i][j] = cost;
      }
    }
  }

  bool possible(const Notification& vote) const {
    return std::any_of(possible_.begin(), possible_.end(),
                       [&vote](const Notification& other) { return same_word(other, vote); });
  }

  int pair_cost(std::size_t i, std::size_t j) const {
    int cost = 0;
    for (const FieldDifference& field : fields(i, j)) {
      const bool beside = field.field == "format" || field.field == "config";
      cost += beside ? kSayless : kField;
    }
    return cost;
  }
  int word_cost(std::size_t i) const { return possible(words_[i]) ? kNoReason : kReason; }
  int said_cost(std::size_t j) const { return extra_reason(j).empty() ? kNoReason : kReason; }

  // Why the capture need not show it.
  std::string extra_reason(std::size_t j) const {
    const LiveSaid& said = said_[j];
    if (said.unreadable) return "";
    if (possible(said.vote)) {
      return "it is what the peer's votes alone lead to; in the capture another vote had taken its "
             "place by then";
    }
    // SendWorker.run sends the last message once more.
    if (said.first_on_link && j + 1 < said_.size()) {
      return "a new link brings the last vote that the server ever told this id";
    }
    return "";
  }

  LiveComparison pair(std::size_t i, std::size_t j) const {
    LiveComparison out;
    out.word = i;
    out.said = j;
    out.fields = fields(i, j);
    if (said_[j].unreadable) out.explanation = "no vote but " + *said_[j].unreadable;
    if (out.fields.empty()) return out;
    out.verdict = LiveVerdict::kDiffers;
    return out;
  }

  LiveComparison missing(std::size_t i, bool more) const {
    LiveComparison out;
    out.word = i;
    if (!possible(words_[i])) {
      out.verdict = LiveVerdict::kExplained;
      out.explanation = others_;
    } else if (more) {
      out.verdict = LiveVerdict::kExplained;
      out.explanation = "a newer vote took its place before it was sent";
    } else {
      out.verdict = LiveVerdict::kDiffers;
      out.explanation = "the target did not say it";
    }
    return out;
  }

  LiveComparison extra(std::size_t j) const {
    LiveComparison out;
    out.said = j;
    out.explanation = extra_reason(j);
    if (!out.explanation.empty()) {
      out.verdict = LiveVerdict::kExplained;
      return out;
    }
    out.verdict = LiveVerdict::kDiffers;
    out.explanation = "the counterpart did not say it";
    if (said_[j].unreadable) out.explanation = "no vote but " + *said_[j].unreadable;
    return out;
  }

  std::vector<FieldDifference> fields(std::size_t i, std::size_t j) const {
    const Notification& then = words_[i];
    const NotificationForm form = script_.words[i].form;
    const LiveSaid& said = said_[j];
    if (said.unreadable) return {{"vote", "a vote", "unreadable"}};
    std::vector<FieldDifference> out;
    const auto add = [&out](const char* field, const std::string& a, const std::string& b) {
      if (a != b) out.push_back({field, a, b});
    };
    const Notification& now = said.vote;
    add("state", std::string(to_string(then.state)), std::string(to_string(now.state)));
    add("leader", to_string(then.leader), to_string(now.leader));
    add("zxid", to_hex(then.zxid), to_hex(now.zxid));
    add("round", to_hex(then.election_epoch), to_hex(now.election_epoch));
    const bool both = form != NotificationForm::kBytes28 && said.form != NotificationForm::kBytes28;
    if (both) add("epoch", to_hex(then.peer_epoch), to_hex(now.peer_epoch));
    add("format", std::string(to_string(form)), std::string(to_string(said.form)));
    if (form == said.form && then.config && now.config) {
      const bool kept = script_.words[i].vote.config == script_.words.front().vote.config;
      add("config", kept ? "as before" : "another",
          *now.config == *then.config ? "as before" : "another");
    }
    return out;
  }

  const LiveScript& script_;
  const LiveAdaptation& adapt_;
  const std::vector<LiveSaid>& said_;
  const std::string others_;
  std::vector<Notification> words_;     // as the live ensemble would say them
  std::vector<Notification> possible_;  // of the peer's votes alone
  std::vector<std::vector<int>> best_;  // of words from i on and of what was said from j on
};

}  // namespace

std::string_view to_string(LiveVerdict verdict) {
  switch (verdict) {
    case LiveVerdict::kAgrees:
      return "agrees";
    case LiveVerdict::kExplained:
      return "explained";
    case LiveVerdict::kDiffers:
      return "differs";
  }
  return "?";
}

std::vector<LiveComparison> compare_words(const LiveScript& script, const LiveAdaptation& adapt,
                                          const AloneWords& alone,
                                          const std::vector<LiveSaid>& said) {
  return Alignment(script, adapt, alone, said).compare();
}

std::optional<LiveComparison> compare_decision(const LiveScript& script,
                                               const LiveAdaptation& adapt, const AloneWords& alone,
                                               const Notification& now) {
  if (!script.decision) return std::nullopt;
  LiveComparison out;
  out.decision = true;
  const LiveDecision& then = *script.decision;
  if (then.state != now.state) {
    out.fields.push_back(
        {"state", std::string(to_string(then.state)), std::string(to_string(now.state))});
  }
  if (then.leader && adapt.sid(*then.leader) != now.leader) {
    out.fields.push_back({"leader", to_string(adapt.sid(*then.leader)), to_string(now.leader)});
  }
  if (out.fields.empty()) return out;
  out.verdict = alone.decision ? LiveVerdict::kDiffers : LiveVerdict::kExplained;
  if (!alone.decision) out.explanation = others_text(alone);
  return out;
}

}  // namespace zkprobe::analysis
