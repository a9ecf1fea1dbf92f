// Three election machines that are linked with each other, on a time of their own: an ensemble
// whose members may be ended and silenced without a process.
#pragma once

#include <map>
#include <memory>
#include <utility>

#include "conformance/machine_endpoint.hpp"
#include "conformance/members.hpp"

namespace zkprobe::conformance {

class MachineEnsemble final : public Endpoint, public Members {
 public:
  explicit MachineEnsemble(wire::QuorumConfig config) : config_(std::move(config)) {
    for (const wire::QuorumServer& server : config_.servers) begin(server.sid);
  }

  // --- the endpoint: links to members
  std::optional<Link> dial(const Place& place, Duration patience) override {
    const Sid sid = place.member.value_or(Sid(1));
    Member& member = members_[sid];
    if (place.port != Place::Port::kElection || !member.machine) return std::nullopt;
    if (member.silent && ++member.queued > kQueue) {
      pass(patience);
      return std::nullopt;
    }
    const Link link = next_++;
    links_[link] = {sid, *member.machine->dial(Place(), patience)};
    return link;
  }
  void write(Link link, BytesView bytes) override {
    if (auto* const machine = machine_of(link)) machine->write(links_[link].second, bytes);
  }
  void close(Link link) override {
    if (auto* const machine = machine_of(link)) machine->close(links_[link].second);
    links_.erase(link);
  }
  Event wait(Link link, Duration patience) override {
    const Instant until = now_ + patience;
    while (true) {
      const auto* const machine = machine_of(link);
      if (machine == nullptr) return {Event::What::kClosed, {}};
      if (!members_[links_[link].first].silent) {
        Event event = machine_of(link)->wait(links_[link].second, {});
        if (event.what != Event::What::kNothing) return event;
      }
      if (now_ >= until) return {};
      step();
    }
  }
  std::string listen(const std::string&) override { return "127.0.0.1:1"; }
  std::string listen_at(const std::string&, const Place&) override { return "no"; }
  std::optional<Link> accept(const std::string&, Duration) override { return std::nullopt; }
  void pass(Duration duration) override {
    const Instant until = now_ + duration;
    while (now_ < until) step();
  }
  Instant now() const override { return now_; }

  // --- the members
  std::vector<Sid> voters() const override {
    std::vector<Sid> sids;
    for (const auto& [sid, member] : members_) sids.push_back(sid);
    return sids;
  }
  tl::expected<void, std::string> act(Sid sid, Deed deed) override {
    Member& member = members_[sid];
    if (deed == Deed::kStart) begin(sid);
    if (deed == Deed::kKill) end(sid);
    if (deed == Deed::kSilence) member.silent = true;
    if (deed == Deed::kWake) member.silent = false;
    return {};
  }
  tl::expected<void, std::string> run_all() override { return {}; }
  tl::expected<void, std::string> run_alone(Sid) override {
    return tl::unexpected(std::string("they are three"));
  }

 private:
  static constexpr int kQueue = 50;
  static constexpr Duration kStep = std::chrono::milliseconds(1);
  struct Member {
    std::unique_ptr<MachineEndpoint> machine;
    bool silent = false;
    int queued = 0;
  };

  MachineEndpoint* machine_of(Link link) {
    const auto found = links_.find(link);
    return found == links_.end() ? nullptr : members_[found->second.first].machine.get();
  }

  // The higher id dials the lower: its end is made of a call that it makes back.
  void connect(Sid low, Sid high) {
    MachineEndpoint& caller = *members_[high].machine;
    const std::string address = caller.listen("member " + to_string(low));
    Writer greeting;
    greeting.i64(wire::kGreetingV1);
    greeting.i64(low.value);
    greeting.i32(static_cast<std::int32_t>(address.size()));
    greeting.text(address);
    caller.write(*caller.dial(Place(), {}), greeting.take());
    const auto call = caller.accept("member " + to_string(low), {});
    if (call) pairs_[{low, high}] = {*members_[low].machine->dial(Place(), {}), *call};
  }

  void begin(Sid sid) {
    members_[sid] = Member();
    members_[sid].machine = std::make_unique<MachineEndpoint>(sid, config_);
    for (auto& [other, member] : members_) {
      if (other != sid && member.machine) connect(std::min(sid, other), std::max(sid, other));
    }
  }

  // Whoever followed it looks for another, as a peer does whose learner link ends; so does a leader
  // that is left without more than half.
  void end(Sid sid) {
    for (auto pair = pairs_.begin(); pair != pairs_.end();) {
      const auto [low, high] = pair->first;
      if (low != sid && high != sid) {
        ++pair;
        continue;
      }
      if (low != sid) members_[low].machine->close(pair->second.first);
      if (high != sid) members_[high].machine->close(pair->second.second);
      pair = pairs_.erase(pair);
    }
    members_[sid].machine.reset();
    std::erase_if(links_, [sid](const auto& link) { return link.second.first == sid; });
    std::size_t left = 0;
    for (const auto& [other, member] : members_) left += member.machine ? 1U : 0U;
    for (auto& [other, member] : members_) {
      if (!member.machine) continue;
      const Sid leader = member.machine->machine().current_vote().vote.leader;
      const bool alone = leader == other && 2 * left <= members_.size();
      if (leader == sid || alone) member.machine->look();
    }
  }

  void step() {
    now_ = now_ + kStep;
    for (auto& [sid, member] : members_) {
      if (member.machine && !member.silent) member.machine->pass(kStep);
    }
    for (bool moved = true; moved;) {
      moved = false;
      for (auto& [ids, pair] : pairs_) {
        Member& low = members_[ids.first];
        Member& high = members_[ids.second];
        if (low.silent || high.silent) continue;
        moved = carry(*low.machine, pair.first, *high.machine, pair.second) || moved;
        moved = carry(*high.machine, pair.second, *low.machine, pair.first) || moved;
      }
    }
  }
  static bool carry(MachineEndpoint& from, Link out, MachineEndpoint& to, Link in) {
    const Event event = from.wait(out, {});
    if (event.what != Event::What::kBytes) return false;
    to.write(in, event.bytes);
    return true;
  }

  const wire::QuorumConfig config_;
  std::map<Sid, Member> members_;
  std::map<std::pair<Sid, Sid>, std::pair<Link, Link>> pairs_;  // low and high: their ends
  std::map<Link, std::pair<Sid, Link>> links_;                  // of the scenario
  Link next_ = 1;
  Instant now_;
};

}  // namespace zkprobe::conformance
