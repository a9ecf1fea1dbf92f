#include "conformance/machine_endpoint.hpp"

#include <algorithm>

namespace zkprobe::conformance {
namespace {

election::Settings settings_of(Sid self, Release release) {
  election::Settings settings;
  settings.self = self;
  settings.dialect.release = release;
  settings.dialect.lenient = release == kNewestRelease;  // as our peer is by default
  return settings;
}

}  // namespace

MachineEndpoint::MachineEndpoint(Sid self, wire::QuorumConfig config, Release release)
    : self_(self),
      config_(config),
      dialect_(settings_of(self, release).dialect),
      machine_(settings_of(self, release), std::move(config)) {
  step(election::Look{});
}

std::map<Need, std::string> MachineEndpoint::lacks() {
  return {{Need::kLearnerPort, "an election machine has no learner port"},
          {Need::kLeadership, "an election machine has no learner port"},
          {Need::kFollowing, "an election machine follows no data"},
          {Need::kMembers, "an election machine is alone"}};
}

std::optional<Endpoint::Link> MachineEndpoint::dial(const Place& place, Duration) {
  if (place != Place()) return std::nullopt;
  const Link link = next_++;
  Open& open = links_[link];
  open.greeted_by = now_ + kGreetingTimeout;
  open.framer = wire::Framer(dialect_.max_frame());
  return link;
}

void MachineEndpoint::write(Link link, BytesView bytes) {
  const auto found = links_.find(link);
  if (found == links_.end() || found->second.closed) return;
  Open& open = found->second;
  if (open.sid) {
    open.framer.append(bytes);
  } else {
    open.greeting.insert(open.greeting.end(), bytes.begin(), bytes.end());
    greeted(link, open);
  }
  frames(link, open);
}

void MachineEndpoint::greeted(Link link, Open& open) {
  wire::Dialect reader = dialect_;
  reader.multi_address = true;
  const auto greeting = wire::decode_greeting(open.greeting, reader);
  if (!greeting) {
    open.closed = true;
    return;
  }
  if (!greeting->has_value()) return;
  const wire::InitialMessage message = (*greeting)->message;
  const Sid sid = observers_.name(message.sid);
  switch (quorum::decide_accepted(self_, sid)) {
    case quorum::LinkDecision::kRefuseOwnId:
      open.closed = true;
      return;
    case quorum::LinkDecision::kCloseAndDialBack:
      open.closed = true;
      return dial_back(sid, quorum::dial_back_addresses(sid, message.addresses, config_, nullptr,
                                                        dialect_.release));
    case quorum::LinkDecision::kKeep:
      break;
  }
  if (current_.contains(sid)) links_[current_[sid]].closed = true;
  current_[sid] = link;
  open.sid = sid;
  const auto last = last_sent_.find(sid);
  if (last != last_sent_.end()) send(sid, last->second);
  open.framer.append(BytesView(open.greeting).subspan((*greeting)->size));
}

void MachineEndpoint::frames(Link link, Open& open) {
  while (open.sid && !open.closed) {
    const auto frame = open.framer.next();
    if (!frame) {
      open.closed = true;
      return;
    }
    if (!frame->has_value()) return;
    if (current_[*open.sid] == link) step(election::Received{*open.sid, **frame});
  }
}

// A call to whoever of the scenario listens there; nobody else is reached. As our connection
// manager, it dials members alone.
void MachineEndpoint::dial_back(Sid sid, const std::vector<wire::HostPort>& addresses) {
  if (config_.find(sid) == nullptr) return;
  for (const wire::HostPort& address : addresses) {
    for (const auto& [peer, listener] : listeners_) {
      if (listener != wire::to_string(address)) continue;
      const Link link = next_++;
      Open& open = links_[link];
      open.sid = sid;
      open.framer = wire::Framer(dialect_.max_frame());
      const wire::QuorumServer* const own = config_.find(self_);
      wire::InitialMessage greeting{dialect_.greeting(), self_, {}};
      if (own != nullptr && dialect_.greeting() != wire::GreetingForm::kBareSid) {
        greeting.addresses = {{own->addresses[0].host, own->addresses[0].election_port}};
      }
      open.out = wire::encode(greeting);
      current_[sid] = link;
      calls_[peer].push_back(link);
      return;
    }
  }
}

void MachineEndpoint::step(const election::Input& input) {
  std::deque<election::Input> inputs = {input};
  while (!inputs.empty()) {
    const election::Effects effects = machine_.step(now_, inputs.front());
    inputs.pop_front();
    for (const election::Effect& effect : effects) {
      const auto* const out = std::get_if<election::Send>(&effect);
      if (out == nullptr) continue;
      if (out->to == self_) {
        inputs.push_back(election::Received{self_, out->payload});
      } else {
        send(out->to, out->payload);
      }
    }
  }
}

void MachineEndpoint::send(Sid to, const Bytes& payload) {
  last_sent_[to] = payload;
  const auto link = current_.find(to);
  if (link == current_.end() || links_[link->second].closed) return;
  const Bytes framed = wire::frame(payload);
  Bytes& out = links_[link->second].out;
  out.insert(out.end(), framed.begin(), framed.end());
}

void MachineEndpoint::close(Link link) {
  const auto found = links_.find(link);
  if (found == links_.end()) return;
  if (found->second.sid && current_[*found->second.sid] == link) current_.erase(*found->second.sid);
  links_.erase(found);
}

// To the next moment at which something is due; false when `until` came first.
bool MachineEndpoint::advance(Instant until) {
  Instant next = until;
  if (const auto deadline = machine_.deadline()) next = std::min(next, *deadline);
  for (const auto& [link, open] : links_) {
    if (!open.sid && !open.closed) next = std::min(next, open.greeted_by);
  }
  now_ = std::max(now_, next);
  for (auto& [link, open] : links_) {
    if (!open.sid && now_ >= open.greeted_by) open.closed = true;
  }
  if (machine_.deadline() && now_ >= *machine_.deadline()) step(election::TimePassed{});
  return now_ < until;
}

Endpoint::Event MachineEndpoint::wait(Link link, Duration patience) {
  const Instant until = now_ + std::max(patience, Duration(0));
  while (true) {
    const auto found = links_.find(link);
    if (found == links_.end()) return {Event::What::kClosed, {}};
    if (!found->second.out.empty()) {
      return {Event::What::kBytes, std::exchange(found->second.out, {})};
    }
    if (found->second.closed) return {Event::What::kClosed, {}};
    if (now_ >= until || !advance(until)) {
      if (!links_.contains(link)) return {Event::What::kClosed, {}};
      const Open& open = links_[link];
      if (open.out.empty() && !open.closed) return {Event::What::kNothing, {}};
    }
  }
}

std::string MachineEndpoint::listen(const std::string& peer) {
  const auto [entry, fresh] =
      listeners_.emplace(peer, "127.0.0.1:" + std::to_string(50'000 + listeners_.size()));
  return entry->second;
}

std::string MachineEndpoint::listen_at(const std::string&, const Place&) {
  return "the election machine dials no learner port";
}

std::optional<Endpoint::Link> MachineEndpoint::accept(const std::string& peer, Duration patience) {
  const Instant until = now_ + patience;
  while (calls_[peer].empty()) {
    if (now_ >= until) return std::nullopt;
    advance(until);
  }
  const Link link = calls_[peer].front();
  calls_[peer].pop_front();
  return link;
}

void MachineEndpoint::pass(Duration duration) {
  const Instant until = now_ + duration;
  while (now_ < until) advance(until);
}

}  // namespace zkprobe::conformance
