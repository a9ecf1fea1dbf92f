#include "network.hpp"

#include <algorithm>

namespace zkprobe::sim {
namespace {

constexpr Duration kConnectTimeout{5'000'000};  // zookeeper.cnxTimeout
constexpr Duration kLongestWrite{400};

}  // namespace

Network::Network(Environment& env, Deliver deliver) : env_(env), deliver_(std::move(deliver)) {}

// 3.4.0 and later: one, the newest (ZOOKEEPER-975). 3.3: 100, the oldest falls out.
std::size_t Network::slot_size(Sid sid) const {
  return env_.scenario.plan(sid).release < Release{3, 4, 0} ? 100 : 1;
}

void Network::put(Sid from, Sid to, Packet packet) {
  End& e = end(from, to);
  if (e.slot.size() >= slot_size(from)) {
    e.slot.pop_front();
    env_.counters.count("unsent votes replaced");
  }
  e.slot.push_back(std::move(packet));
  connect_one(from, to);
  pump(from, to);
}

void Network::connect_all(Sid from) {
  std::vector<Sid> others;
  for (const auto& [way, e] : ends_) {
    if (way.first == from) others.push_back(way.second);
  }
  for (const Sid to : others) connect_one(from, to);
}

bool Network::have_delivered(Sid from) const {
  return std::any_of(ends_.begin(), ends_.end(), [from](const auto& entry) {
    return entry.first.first == from && entry.second.slot.empty();
  });
}

void Network::connect_one(Sid from, Sid to) {
  End& e = end(from, to);
  if (e.link != 0 || e.dialling) return;
  e.dialling = true;
  const std::uint64_t life = e.life;
  const bool in_vain = separated(from, to);
  const Duration wait = in_vain ? kConnectTimeout : env_.travel() + env_.travel();
  env_.schedule.after(wait, [this, from, to, life, in_vain] {
    End& dialler = end(from, to);
    if (dialler.life != life) return;
    dialler.dialling = false;
    if (in_vain || separated(from, to) || !up_.contains(to)) {
      env_.counters.count("dials failed");
      return;
    }
    dial_arrives(from, to);
  });
}

// QuorumCnxManager.handleConnection: the larger id's link is the one that stays.
void Network::dial_arrives(Sid from, Sid to) {
  if (from > to) {
    if (end(from, to).link == 0) open_link(from, to);
    return;
  }
  const LinkId old = end(to, from).link;
  if (old != 0) {  // the acceptor ends its worker before it dials back
    end(to, from).link = 0;
    env_.schedule.after(env_.travel(), [this, from, to, old] { notice_end(from, to, old); });
  }
  connect_one(to, from);
}

void Network::open_link(Sid initiator, Sid acceptor) {
  const LinkId link = ++next_link_;
  env_.counters.count("links opened");
  if (env_.tracing) {
    env_.trace("link", to_string(initiator) + " - " + to_string(acceptor) + " opens");
  }
  end(initiator, acceptor).link = link;
  end(acceptor, initiator).link = link;
  start_worker(initiator, acceptor);
  start_worker(acceptor, initiator);
}

// SendWorker.run: the last message once more, if nothing newer waits (3.3: always).
void Network::start_worker(Sid from, Sid to) {
  End& e = end(from, to);
  e.last_arrival = env_.now();
  e.writing = false;
  const bool always = env_.scenario.plan(from).release < Release{3, 4, 0};
  if (e.last_sent && (always || e.slot.empty())) {
    env_.counters.count("last messages repeated");
    transmit(from, to, e.link, *e.last_sent);
  }
  pump(from, to);
}

void Network::pump(Sid from, Sid to) {
  End& e = end(from, to);
  if (e.link == 0 || e.writing || e.slot.empty()) return;
  e.writing = true;
  const LinkId link = e.link;
  const Instant ready =
      std::max(e.stalled_until, env_.now() + env_.between(Duration(1), kLongestWrite));
  env_.schedule.at(ready, [this, from, to, link] {
    End& writer = end(from, to);
    if (writer.link != link) return;  // a new worker took over
    writer.writing = false;
    if (writer.slot.empty()) return;
    Packet packet = std::move(writer.slot.front());
    writer.slot.pop_front();
    writer.last_sent = packet;
    transmit(from, to, link, std::move(packet));
    pump(from, to);
  });
}

void Network::transmit(Sid from, Sid to, LinkId link, Packet packet) {
  env_.counters.count("messages sent");
  if (end(to, from).link != link) {  // the other side is gone: a reset comes back
    env_.counters.count("messages lost on a dead link");
    env_.schedule.after(env_.travel(), [this, from, to, link] { notice_end(from, to, link); });
    return;
  }
  if (env_.random.below(1000) < env_.loss_per_mille) {
    env_.counters.count("fault: message lost with its link");
    break_link(from, to);
    return;
  }
  End& e = end(from, to);
  e.last_arrival = std::max(e.last_arrival, env_.now() + env_.travel());
  env_.schedule.at(e.last_arrival, [this, from, to, link, p = std::move(packet)]() mutable {
    arrive(from, to, link, std::move(p));
  });
}

void Network::arrive(Sid from, Sid to, LinkId link, Packet packet) {
  if (blocked(from, to)) {
    env_.counters.count("messages held by a block");
    held_[{from, to}].emplace_back(link, std::move(packet));
    return;
  }
  if (!up_.contains(to) || link <= opened_before_[to]) return;  // its process is gone
  if (end(to, from).link != link) {
    // The reader of an old link may hand over what it had read already, or not.
    if (env_.random.chance(50)) {
      env_.counters.count("messages lost in flight");
      return;
    }
    env_.counters.count("messages from a link that was replaced");
  }
  deliver_(to, from, packet);
}

void Network::notice_end(Sid at, Sid other, LinkId link) {
  End& e = end(at, other);
  if (e.link != link) return;
  e.link = 0;
  e.writing = false;
}

void Network::server_up(Sid sid) {
  up_.insert(sid);
  opened_before_[sid] = next_link_;
}

void Network::server_down(Sid sid) {
  up_.erase(sid);
  for (auto& [way, e] : ends_) {
    if (way.first != sid) continue;
    const Sid other = way.second;
    if (e.link != 0) {
      // The other side learns of it soon, or when it writes.
      if (env_.random.chance(80)) {
        env_.schedule.after(env_.travel() + env_.between(0ms, 100ms),
                            [this, sid, other, link = e.link] { notice_end(other, sid, link); });
      }
    }
    const std::uint64_t life = e.life + 1;
    e = End{};
    e.life = life;
  }
}

void Network::break_link(Sid a, Sid b) {
  for (const auto& [at, other] : {Way{a, b}, Way{b, a}}) {
    const LinkId link = end(at, other).link;
    if (link == 0) continue;
    if (env_.random.chance(30)) {
      notice_end(at, other, link);
    } else {
      env_.schedule.after(env_.between(0ms, 300ms),
                          [this, at, other, link] { notice_end(at, other, link); });
    }
  }
}

void Network::duplicate_link(Sid a, Sid b) {
  if (!up_.contains(a) || !up_.contains(b) || separated(a, b)) return;
  open_link(std::max(a, b), std::min(a, b));
}

void Network::stall(Sid from, Sid to, Instant until) {
  End& e = end(from, to);
  e.stalled_until = std::max(e.stalled_until, until);
}

void Network::unblock(Sid from, Sid to) {
  blocked_.erase({from, to});
  const auto found = held_.find({from, to});
  if (found == held_.end()) return;
  auto waiting = std::move(found->second);
  held_.erase(found);
  if (env_.random.chance(40)) {
    env_.counters.count("messages lost by a block", waiting.size());
    break_link(from, to);
    return;
  }
  // At once, so that they stay ahead of what was written after them.
  for (auto& [link, packet] : waiting) arrive(from, to, link, std::move(packet));
}

void Network::unblock_all() {
  const std::set<Way> ways = blocked_;
  for (const auto& [from, to] : ways) unblock(from, to);
}

std::vector<std::pair<Sid, Sid>> Network::links() const {
  std::vector<Way> result;
  for (const auto& [way, e] : ends_) {
    if (way.first > way.second && e.link != 0) result.push_back(way);
  }
  return result;
}

}  // namespace zkprobe::sim
