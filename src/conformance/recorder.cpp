#include "conformance/recorder.hpp"

#include <utility>

#include "conformance/scenario.hpp"

namespace zkprobe::conformance {

void Recorder::at(const Directive& directive) {
  line_ = directive.line;
  peer_ = directive.peer;
  asks_ = directive.verb == "expect" && directive.words[0] == "answer";
  inner_.at(directive);
}

void Recorder::keep(Recorded::What what, Link link, BytesView bytes) {
  if (!known_.contains(link)) return;
  // An end, not a hole: what follows a gap would be read as nonsense.
  const std::size_t cost = sizeof(Recorded) + bytes.size();
  cut_ = cut_ || cost > kMostBytes - kept_;
  if (cut_) return;
  kept_ += cost;
  events_.push_back({what, link, line_, now(), Bytes(bytes.begin(), bytes.end())});
}

void Recorder::add(Link link, Known known) {
  known_[link] = std::move(known);
  open_[link] = Open();
  keep(Recorded::What::kOpened, link);
}

void Recorder::read(Link link, Open& open, Duration patience) {
  while (!open.ended) {
    const Event event = inner_.wait(link, patience);
    if (event.what == Event::What::kNothing) return;
    open.ended = event.what == Event::What::kClosed;
    keep(open.ended ? Recorded::What::kEnded : Recorded::What::kRead, link, event.bytes);
    open.waiting.insert(open.waiting.end(), event.bytes.begin(), event.bytes.end());
    patience = Duration(0);
  }
}

void Recorder::read_all() {
  for (auto& [link, open] : open_) read(link, open, Duration(0));
}

std::optional<Endpoint::Link> Recorder::dial(const Place& place, Duration patience) {
  const auto link = inner_.dial(place, patience);
  if (link && !place.member) add(*link, {peer_, place.port, false, asks_});
  return link;
}

std::optional<Endpoint::Link> Recorder::accept(const std::string& peer, Duration patience) {
  const auto link = inner_.accept(peer, patience);
  const bool learner = learner_ports_.contains(peer);
  const auto port = learner ? Place::Port::kLearner : Place::Port::kElection;
  if (link) add(*link, {peer, port, true, false});
  return link;
}

std::string Recorder::listen_at(const std::string& peer, const Place& place) {
  if (place.port == Place::Port::kLearner) learner_ports_.insert(peer);
  return inner_.listen_at(peer, place);
}

void Recorder::write(Link link, BytesView bytes) {
  read_all();
  keep(Recorded::What::kWritten, link, bytes);
  inner_.write(link, bytes);
}

void Recorder::close(Link link) {
  const auto found = open_.find(link);
  if (found != open_.end()) {
    read(link, found->second, Duration(0));
    if (!found->second.ended) keep(Recorded::What::kLeft, link);
    open_.erase(found);
  }
  inner_.close(link);
}

Endpoint::Event Recorder::wait(Link link, Duration patience) {
  const auto found = open_.find(link);
  if (found == open_.end()) return inner_.wait(link, patience);
  Open& open = found->second;
  read_all();
  if (open.waiting.empty()) read(link, open, patience);
  if (!open.waiting.empty()) {
    return {Event::What::kBytes, std::exchange(open.waiting, {})};
  }
  return {open.ended ? Event::What::kClosed : Event::What::kNothing, {}};
}

void Recorder::pass(Duration duration) {
  inner_.pass(duration);
  read_all();
}

}  // namespace zkprobe::conformance
