#include "replay_live_view.hpp"

#include <algorithm>
#include <cstdio>

#include "wire/describe.hpp"

namespace zkprobe::tool {

using analysis::LiveComparison;
using analysis::LiveVerdict;
using analysis::LiveWord;

namespace {

std::string vote_text(const wire::Notification& vote, wire::NotificationForm form) {
  std::string text(wire::to_string(vote.state));
  text += " leader=" + to_string(vote.leader) + " zxid=" + to_hex(vote.zxid) +
          " round=" + to_hex(vote.election_epoch);
  if (form != wire::NotificationForm::kBytes28) text += " epoch=" + to_hex(vote.peer_epoch);
  return text + " format=" + std::string(to_string(form));
}

std::string seconds(Duration at) {
  char text[32];
  std::snprintf(text, sizeof text, "%8.3f s", static_cast<double>(at.count()) / 1e6);
  return text;
}

std::string standing_text(const analysis::LiveStanding& stands) {
  return std::string(wire::to_string(stands.state)) + ", leader " + to_string(stands.leader) +
         ", zxid " + to_hex(stands.zxid) + ", round " + to_hex(stands.round) + ", epoch " +
         to_hex(stands.epoch);
}

Json vote_record(const wire::Notification& vote, wire::NotificationForm form) {
  Json record = {{"state", wire::to_string(vote.state)},
                 {"leader", vote.leader.value},
                 {"zxid", to_hex(vote.zxid)},
                 {"election_epoch", to_hex(vote.election_epoch)}};
  if (form != wire::NotificationForm::kBytes28) record["peer_epoch"] = to_hex(vote.peer_epoch);
  record["format"] = to_string(form);
  return record;
}

Json standing_record(const analysis::LiveStanding& stands) {
  return {{"state", wire::to_string(stands.state)},
          {"leader", stands.leader.value},
          {"zxid", to_hex(stands.zxid)},
          {"election_epoch", to_hex(stands.round)},
          {"peer_epoch", to_hex(stands.epoch)}};
}

double in_seconds(Duration at) { return static_cast<double>(at.count()) / 1e6; }

Colour colour_of(LiveVerdict verdict) {
  if (verdict == LiveVerdict::kAgrees) return Colour::kGood;
  return verdict == LiveVerdict::kDiffers ? Colour::kBad : Colour::kFaint;
}

struct Sums {
  std::size_t agree = 0;
  std::size_t explained = 0;
  std::size_t differ = 0;
};

Sums sums_of(const LiveResult& result) {
  Sums sums;
  for (const LiveComparison& one : result.compared) {
    if (one.verdict == LiveVerdict::kAgrees) ++sums.agree;
    if (one.verdict == LiveVerdict::kExplained) ++sums.explained;
    if (one.verdict == LiveVerdict::kDiffers) ++sums.differ;
  }
  if (result.failure) ++sums.differ;
  return sums;
}

// The vote of the capture as the live ensemble would say it.
std::string captured_text(const LiveResult& result, const LiveWord& word) {
  return vote_text(result.adapt.vote(word.vote), word.form);
}

std::string decided_text(const LiveResult& result) {
  const analysis::LiveDecision& then = *result.script.decision;
  std::string text = "decided: " + std::string(wire::to_string(then.state));
  if (then.leader) text += " leader=" + to_string(result.adapt.sid(*then.leader));
  return text;
}

struct Line {
  Duration at{0};
  std::string text;
};

std::string differences_text(const LiveComparison& one) {
  std::string text;
  for (const analysis::FieldDifference& field : one.fields) {
    if (!text.empty()) text += "; ";
    text += field.field + ": " + field.captured + " in the capture, " + field.live + " now";
  }
  if (!one.explanation.empty()) text += (text.empty() ? "" : ". ") + one.explanation;
  return text;
}

Line line_of(const LiveResult& result, const LiveComparison& one, const Style& style) {
  Line line;
  std::string what;
  if (one.decision) {
    line.at = Duration::max();
    what = decided_text(result);
  } else if (one.said) {
    const analysis::LiveSaid& said = result.said[*one.said];
    line.at = said.at;
    what = said.unreadable ? "bytes that are no vote" : vote_text(said.vote, said.form);
  } else {
    const LiveWord& word = result.script.words[*one.word];
    line.at = word.at;
    what = captured_text(result, word);
  }
  std::string verdict(to_string(one.verdict));
  verdict.resize(9, ' ');
  line.text = style.paint(colour_of(one.verdict), verdict) + "  " + printable(what);
  if (one.verdict != LiveVerdict::kAgrees) {
    line.text += "\n" + std::string(25, ' ') + printable(differences_text(one));
  }
  if (one.word && one.verdict != LiveVerdict::kAgrees) {
    line.text += " (#" + std::to_string(result.script.words[*one.word].packet) + ")";
  }
  return line;
}

std::string head_text(const LiveResult& result) {
  const analysis::LiveScript& script = result.script;
  std::string out = "server " + to_string(script.peer) + " of the capture";
  if (result.as != script.peer) out += ", as " + to_string(result.as) + ",";
  out += " against server " + to_string(result.target.sid) + " at " +
         wire::to_string(result.address) + ", in place of server " + to_string(script.counterpart) +
         "\n";
  out += "  the capture  " + standing_text(script.standing) + "; " + wire::describe(script.config) +
         "\n";
  out += "  the target   " + standing_text(result.target.standing);
  if (result.config) out += "; " + wire::describe(*result.config);
  out += "\n";
  if (!result.listed) {
    out += "  id " + to_string(result.as) +
           " is no member: it greets with the id alone, its votes have 40 bytes and no "
           "configuration, and no server counts them\n";
  } else {
    const bool other = std::any_of(
        script.votes.begin(), script.votes.end(),
        [&](const LiveWord& vote) { return result.adapt.form(vote.form) != vote.form; });
    if (other) {
      out += "  its votes are sent in the form of 40 bytes: the target could not read theirs\n";
    }
  }
  if (script.elections > 1) {
    out += "  election " + std::to_string(script.election) + " of " +
           std::to_string(script.elections) + " between them; --election N plays another\n";
  }
  return out;
}

}  // namespace

bool LiveResult::agrees() const {
  return !failure && std::none_of(compared.begin(), compared.end(), [](const auto& one) {
    return one.verdict == LiveVerdict::kDiffers;
  });
}

std::string ReplayLiveView::text(const LiveResult& result) const {
  std::vector<Line> lines;
  for (std::size_t i = 0; i < result.sent.size(); ++i) {
    const LiveWord& vote = result.script.votes[i];
    lines.push_back({result.sent[i],
                     style_.paint(Colour::kFaint, "sent     ") + "  " +
                         vote_text(result.adapt.vote(vote.vote), result.adapt.form(vote.form))});
  }
  for (const LiveComparison& one : result.compared) lines.push_back(line_of(result, one, style_));
  std::stable_sort(lines.begin(), lines.end(),
                   [](const Line& a, const Line& b) { return a.at < b.at; });
  std::string out = head_text(result);
  for (const Line& line : lines) {
    out +=
        (line.at == Duration::max() ? "   at last  " : seconds(line.at) + "  ") + line.text + "\n";
  }
  if (result.failure) {
    out += style_.paint(Colour::kBad, "differs") + "  " + printable(*result.failure) + "\n";
  }
  const Sums sums = sums_of(result);
  out += std::to_string(sums.agree) + " of " +
         std::to_string(sums.agree + sums.explained + sums.differ) + " agree, " +
         std::to_string(sums.explained) + " are explained, " + std::to_string(sums.differ) +
         (sums.differ == 1 ? " differs\n" : " differ\n");
  return out;
}

std::string ReplayLiveView::json(const LiveResult& result) const {
  std::string out = to_line({{"event", "target"},
                             {"address", wire::to_string(result.address)},
                             {"sid", result.target.sid.value},
                             {"as", result.as.value},
                             {"listed", result.listed},
                             {"peer", result.script.peer.value},
                             {"counterpart", result.script.counterpart.value},
                             {"election", result.script.election},
                             {"elections", result.script.elections},
                             {"captured", standing_record(result.script.standing)},
                             {"live", standing_record(result.target.standing)}});
  for (std::size_t i = 0; i < result.sent.size(); ++i) {
    const LiveWord& vote = result.script.votes[i];
    Json record = {{"event", "sent"}, {"at", in_seconds(result.sent[i])}, {"packet", vote.packet}};
    record["vote"] = vote_record(result.adapt.vote(vote.vote), result.adapt.form(vote.form));
    out += to_line(record);
  }
  for (const LiveComparison& one : result.compared) {
    Json record = {{"event", one.decision ? "decision" : "answer"},
                   {"result", to_string(one.verdict)}};
    if (one.said) {
      const analysis::LiveSaid& said = result.said[*one.said];
      record["at"] = in_seconds(said.at);
      record["live"] = said.unreadable ? Json(*said.unreadable) : vote_record(said.vote, said.form);
    }
    if (one.word) {
      const LiveWord& word = result.script.words[*one.word];
      record["packet"] = word.packet;
      record["captured"] = vote_record(result.adapt.vote(word.vote), word.form);
    }
    if (one.decision) record["packet"] = result.script.decision->packet;
    record["fields"] = Json::array();
    for (const analysis::FieldDifference& field : one.fields) {
      record["fields"].push_back(
          {{"field", field.field}, {"captured", field.captured}, {"live", field.live}});
    }
    if (!one.explanation.empty()) record["explanation"] = one.explanation;
    out += to_line(record);
  }
  const Sums sums = sums_of(result);
  Json sum = {{"agree", sums.agree}, {"explained", sums.explained}, {"differ", sums.differ}};
  if (result.failure) sum["failure"] = *result.failure;
  return out + to_line(sum);
}

}  // namespace zkprobe::tool
