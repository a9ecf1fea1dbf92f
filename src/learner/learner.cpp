#include "learner/learner.hpp"

#include <algorithm>

namespace zkprobe::learner {
namespace {

// From which release on syncLimit counts from the ACK of NEWLEADER, and not from UPTODATE
// (ZOOKEEPER-3911).
bool shortens_timeout_at_ack(Release release) {
  if (release < Release{3, 6, 0}) return release >= Release{3, 5, 10};
  return release >= Release{3, 6, 3};
}

// Packets of that size come in several reads.
constexpr std::size_t kKeepCapacity = 65'536;

bool has_left(const Effects& effects) {
  return !effects.empty() && std::holds_alternative<Leave>(effects.back());
}

}  // namespace

Learner::Learner(Settings settings)
    : settings_(std::move(settings)),
      last_zxid_(settings_.last_zxid),
      handshake_(settings_),
      backlog_(settings_.patience) {}

Effects Learner::step(Instant now, const Event& event) {
  Effects out;
  if (phase_ == Phase::kLeft) return out;
  if (std::holds_alternative<Connected>(event)) {
    heard_at_ = now;
    connected(out);
  } else if (const auto* came = std::get_if<Received>(&event)) {
    heard_at_ = now;
    received(now, came->bytes, out);
  } else if (const auto* closed = std::get_if<Closed>(&event)) {
    std::string text = "the leader closed the connection";
    if (!closed->why.empty()) text += ": " + closed->why;
    if (!pending_.empty()) {
      text += ", " + std::to_string(pending_.size()) + " bytes into a packet at byte " +
              std::to_string(consumed_) + " of its stream";
    }
    out.push_back(Leave{Leave::Why::kClosed, std::move(text)});
  } else if (const auto at = deadline(); at && now >= *at) {
    out.push_back(Leave{Leave::Why::kTimeout, "nothing came from the leader for " +
                                                  zkprobe::to_string(read_timeout_) + ", in " +
                                                  std::string(to_string(phase_))});
  }
  settle(out);
  return out;
}

Effects Learner::note_backlog(Instant now, bool unread) {
  Effects out;
  if (phase_ != Phase::kBroadcast) {
    backlog_.reset();
  } else if (backlog_.note(unread, now)) {
    out.push_back(Leave{Leave::Why::kBehind, "more than " + zkprobe::to_string(settings_.patience) +
                                                 " behind the leader"});
  }
  settle(out);
  return out;
}

std::optional<Instant> Learner::deadline() const {
  if (phase_ == Phase::kConnecting || phase_ == Phase::kLeft) return std::nullopt;
  return heard_at_ + read_timeout_;
}

Zxid Learner::last_zxid() const {
  if (following_) return following_->last_zxid();
  if (broadcast_) return broadcast_->last_zxid();
  return sync_ ? sync_->last_zxid() : last_zxid_;
}

void Learner::connected(Effects& out) {
  read_timeout_ = settings_.init_timeout();
  change_phase(Phase::kDiscovery, out);
  out.push_back(Send{handshake_.info()});
}

void Learner::received(Instant now, BytesView bytes, Effects& out) {
  if (phase_ == Phase::kConnecting) return;
  if (pending_.empty()) {
    const std::size_t used = consume(now, bytes, out);
    pending_.assign(bytes.begin() + static_cast<std::ptrdiff_t>(used), bytes.end());
    return;
  }
  pending_.insert(pending_.end(), bytes.begin(), bytes.end());
  const std::size_t used = consume(now, pending_, out);
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(used));
  if (pending_.empty() && pending_.capacity() > kKeepCapacity) pending_ = Bytes();
}

// How many bytes are done with; those after a Leave as well.
std::size_t Learner::consume(Instant now, BytesView bytes, Effects& out) {
  std::size_t used = 0;
  while (used < bytes.size()) {
    const BytesView rest = bytes.subspan(used);
    if (sync_ && sync_->wants_snapshot()) {
      const std::size_t n = sync_->receive_snapshot(rest, consumed_, out);
      used += n;
      consumed_ += n;
    } else {
      auto decoded = wire::decode_packet(rest);
      if (!decoded) {
        out.push_back(Leave{Leave::Why::kMalformed,
                            "packet at byte " + std::to_string(consumed_) +
                                " of the leader's stream: " + to_string(decoded.error())});
      } else if (!*decoded) {
        return used;
      } else {
        const std::size_t size = (*decoded)->size;
        packet(now, {std::move((*decoded)->packet), consumed_, size}, out);
        used += size;
        consumed_ += size;
      }
    }
    if (has_left(out)) return bytes.size();
  }
  return used;
}

void Learner::packet(Instant now, const Incoming& incoming, Effects& out) {
  out.push_back(PacketSeen{incoming.packet.type, incoming.packet.zxid, incoming.size});
  if (phase_ == Phase::kDiscovery) {
    handshake_.receive(incoming, out);
    if (!handshake_.done()) return;
    epoch_ = handshake_.epoch();
    sync_.emplace(settings_, handshake_.new_leader_zxid(), handshake_.before_zab_1(), now);
    change_phase(Phase::kSynchronization, out);
  } else if (phase_ == Phase::kSynchronization) {
    sync_->receive(incoming, now, out);
    if (sync_->done() || (sync_->acknowledged() && shortens_timeout_at_ack(settings_.release))) {
      read_timeout_ = settings_.sync_timeout();
    }
    if (!sync_->done()) return;
    begin_broadcast(out);
  } else if (following_) {
    following_->receive(incoming, out);
  } else {
    broadcast_->receive(incoming, out);
  }
}

void Learner::begin_broadcast(Effects& out) {
  if (settings_.role == Role::kObserver) {
    broadcast_.emplace(sync_->last_zxid(), settings_.keeps());
    return change_phase(Phase::kBroadcast, out);
  }
  following_.emplace(epoch_, sync_->last_zxid());
  change_phase(Phase::kBroadcast, out);
  following_->begin(sync_->take_left(), settings_.sid, out);
}

void Learner::change_phase(Phase to, Effects& out) {
  out.push_back(PhaseChanged{phase_, to, epoch_});
  phase_ = to;
}

// A Leave is the last effect, and the end.
void Learner::settle(Effects& out) {
  if (!has_left(out)) return;
  phase_ = Phase::kLeft;
  pending_ = Bytes();
}

}  // namespace zkprobe::learner
