#include "report/text.hpp"

#include <algorithm>
#include <map>

#include "report/format.hpp"
#include "report/telling.hpp"
#include "wire/java_text.hpp"

namespace zkprobe::report {
namespace {

using analysis::Election;
using analysis::Finding;
using analysis::Severity;
using analysis::Story;
using analysis::Tale;

// Of each kind of link, and of the proofs of a finding.
constexpr std::size_t kMaxProofs = 4;

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

class Text {
 public:
  Text(const Story& story, TextStyle style) : story_(story), style_(style) {}

  std::string write(const std::string& file) {
    out_ = wire::printable(file, 200) + ": " + summary(story_) + "\n";
    out_ +=
        "from " + rfc3339(story_.recording.first) + " to " + rfc3339(story_.recording.last) + "\n";
    const std::string left = left_out(story_);
    if (!left.empty()) out_ += wrapped("not shown: " + left, "");
    findings();
    servers();
    for (const Election& one : story_.elections) election(one);
    links();
    return std::move(out_);
  }

 private:
  std::string paint(const char* code, const std::string& text) const {
    return style_.colour ? std::string("\x1b[") + code + "m" + text + "\x1b[0m" : text;
  }
  void heading(const std::string& text) { out_ += "\n" + paint("1", text) + "\n"; }

  void findings() {
    std::size_t of[3] = {};
    for (const Finding& one : story_.findings) ++of[static_cast<std::size_t>(one.severity)];
    heading("FINDINGS: " + count(of[2], "problem", "problems") + ", " +
            count(of[1], "note", "notes") + ", " + std::to_string(of[0]) + " normal");
    for (const Finding& one : story_.findings) finding(one);
  }

  void finding(const Finding& one) {
    const char* const colour = one.severity == Severity::kProblem ? "31;1"
                               : one.severity == Severity::kNote  ? "33"
                                                                  : "2";
    out_ += paint(colour, padded(std::string(to_string(one.severity)), 8)) + " " +
            paint("1", one.title) + "\n";
    out_ += wrapped(one.detail, "         ");
    if (!one.advice.empty()) out_ += wrapped("Do: " + one.advice, "         ");
    std::size_t shown = 0;
    for (const analysis::Evidence& proof : one.evidence) {
      if (++shown > kMaxProofs) break;
      out_ += "           #" + std::to_string(proof.packet) + " " + clock_time(proof.time) +
              (proof.stream ? " stream " + std::to_string(*proof.stream) : "") + ": " + proof.what +
              "\n";
    }
    if (one.evidence.size() > kMaxProofs) {
      out_ += "           and " + std::to_string(one.evidence.size() - kMaxProofs) + " more\n";
    }
  }

  void servers() {
    heading("SERVERS");
    for (const auto& [sid, server] : story_.roster.servers()) {
      const char* const role = !server.member ? "stranger" : server.observer ? "observer" : "voter";
      std::string listens;
      for (const std::string& one : server.listens) listens += (listens.empty() ? "" : " ") + one;
      out_ += "  " + padded(to_string(sid), 4) + " " + padded(role, 9) + " " +
              padded("release " + release_text(server), 24) +
              (listens.empty() ? "" : "  votes on " + listens) + "\n";
    }
    if (story_.roster.servers().empty()) out_ += "  none: the capture holds no such traffic\n";
    if (story_.roster.assumed() && !story_.roster.servers().empty()) {
      out_ += "  (no configuration is in the capture: whoever voted is taken for a voter)\n";
    }
  }

  void election(const Election& one) {
    heading("ELECTION " + std::to_string(one.number) + ": " + headline(story_, one));
    phases(one);
    for (const Line& line : lines_of(story_, one)) {
      out_ += "  " + clock_time(line.place.time) + " " +
              padded("#" + std::to_string(line.place.packet), 7) + " " + line.text + "\n";
    }
  }

  void phases(const Election& one) {
    constexpr analysis::PhaseKind kKinds[] = {
        analysis::PhaseKind::kLooking, analysis::PhaseKind::kDrain, analysis::PhaseKind::kDiscovery,
        analysis::PhaseKind::kSync};
    out_ += "  server    ";
    for (const auto kind : kKinds) out_ += padded(std::string(to_string(kind)), 17);
    while (out_.back() == ' ') out_.pop_back();
    out_ += "\n";
    for (const Tale& tale : one.tales) {
      std::string row = "  " + padded(to_string(tale.sid), 9) + " ";
      for (const auto kind : kKinds) {
        std::string cell = "-";
        for (const analysis::Phase& phase : tale.phases) {
          if (phase.kind == kind) {
            cell = phase.to ? span(phase.to->time - phase.from.time) : "not finished";
          }
        }
        row += padded(cell, 17);
      }
      while (row.back() == ' ') row.pop_back();
      out_ += row + "\n";
    }
  }

  void links() {
    heading("CONNECTIONS");
    std::map<std::string, std::vector<const analysis::StreamRecord*>> groups;
    std::vector<std::string> order;
    for (const analysis::Link& link : story_.links) {
      const analysis::StreamRecord& stream = story_.recording.streams[link.stream];
      const std::string key = name_of(stream, capture::Side::kDialler) + " dials " +
                              name_of(stream, capture::Side::kAcceptor) + ": " +
                              std::string(to_string(link.fate));
      if (!groups.contains(key)) order.push_back(key);
      groups[key].push_back(&stream);
    }
    std::size_t shown = 0;
    for (const std::string& key : order) {
      if (++shown > 200) break;
      out_ += "  " + key;
      const auto& streams = groups[key];
      if (streams.size() > 1) out_ += ", " + std::to_string(streams.size()) + " times";
      out_ += " (stream";
      for (std::size_t i = 0; i < streams.size() && i < 6; ++i) {
        out_ += " " + std::to_string(streams[i]->info.number);
      }
      out_ += streams.size() > 6 ? " ...)\n" : ")\n";
    }
    if (order.size() > 200) out_ += "  and " + std::to_string(order.size() - 200) + " more\n";
  }

  const Story& story_;
  TextStyle style_;
  std::string out_;
};

}  // namespace

std::string to_text(const Story& story, const std::string& file, TextStyle style) {
  return Text(story, style).write(file);
}

}  // namespace zkprobe::report
