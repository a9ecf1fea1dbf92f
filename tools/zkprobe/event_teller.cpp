#include "event_teller.hpp"

#include <utility>

namespace zkprobe::tool {
namespace {

const peer::Report* bytes_of(const net::PeerEvent& event) {
  const auto* report = std::get_if<peer::Report>(&event);
  return report != nullptr && report->kind == peer::Report::Kind::kBytes ? report : nullptr;
}

// Whether anybody who reaches the port can cause it, as often as he likes.
bool is_foreign(const net::PeerEvent& event) {
  const auto* report = std::get_if<peer::Report>(&event);
  return std::holds_alternative<net::LinkEvent>(event) || bytes_of(event) != nullptr ||
         (report != nullptr && report->kind == peer::Report::Kind::kConfig);
}

}  // namespace

std::vector<std::string> EventTeller::tell(const net::PeerEvent& event, Time now) {
  const auto* link = std::get_if<net::LinkEvent>(&event);
  if (link != nullptr && link->peer && link->what == net::LinkEvent::What::kOpen) {
    // What a stranger sends on each new link is told once all the same.
    const auto told = told_.find(*link->peer);
    if (told != told_.end() && told->second.starts_with("no link ")) told_.erase(told);
  }
  std::optional<std::string> line = event_line(event);
  if (!line) return {};
  if (is_foreign(event)) {
    if (is_repeated(event, *line)) return {};
    if (!budget_.take(now)) {
      ++left_out_;
      return {};
    }
  }
  std::vector<std::string> lines;
  if (left_out_ > 0 && (!noted_ || now - *noted_ >= std::chrono::seconds(1))) {
    noted_ = now;
    lines.push_back(*left_out());
  }
  lines.push_back(*std::move(line));
  return lines;
}

// A link that is refused again and again for the same reason is normal while a server is down;
// garbage that comes again counts as left out.
bool EventTeller::is_repeated(const net::PeerEvent& event, const std::string& line) {
  std::optional<Sid> about;
  bool refused = false;
  std::string words = line;
  if (const auto* link = std::get_if<net::LinkEvent>(&event)) {
    about = link->peer;
    refused = link->what == net::LinkEvent::What::kRefuse;
    if (link->garbage) words = link->why;  // the port differs each time
  } else if (const auto* report = std::get_if<peer::Report>(&event)) {
    about = report->about;
  }
  if (!about) return false;
  if (told_.size() >= kMaxIds && !told_.contains(*about)) told_.clear();
  if (std::exchange(told_[*about], words) != words) return false;
  if (!refused) ++left_out_;
  return true;
}

std::optional<std::string> EventTeller::left_out() {
  if (left_out_ == 0) return std::nullopt;
  const std::uint64_t count = std::exchange(left_out_, 0);
  return std::to_string(count) + (count == 1 ? " line" : " lines") +
         " about links and bytes of others left out";
}

}  // namespace zkprobe::tool
