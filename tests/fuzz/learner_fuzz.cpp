// Any leader: whatever it says, the learner ends in at most one Leave, sends only what a learner
// sends, acknowledges as a follower only what it has logged, and makes the same of the bytes in
// whatever pieces they come.
//
// The first byte is the release, the second the settings (1 leave on a gap, 2 list nodes with their
// data, 4 resume, 8 a member's epochs, 16 a program, 32 a follower, 64 keep state), the third sizes
// the pieces. The rest is what the leader sends, byte for byte; or, of a program, one byte for each
// packet and its arguments.
#include <algorithm>
#include <cstdint>
#include <iterator>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "fuzz/check.hpp"
#include "learner/learner.hpp"
#include "wire/learner_info.hpp"

namespace {

using namespace zkprobe;
using learner::Effects;
using learner::Learner;

constexpr Release kReleases[] = {{3, 3, 6}, {3, 4, 5}, {3, 4, 14}, {3, 5, 0},     {3, 5, 10},
                                 {3, 6, 0}, {3, 6, 4}, {3, 8, 0},  kNewestRelease};

class Program {
 public:
  explicit Program(BytesView bytes) : bytes_(bytes) {}
  bool ended() const { return position_ >= bytes_.size(); }
  std::uint8_t byte() { return ended() ? std::uint8_t{0} : bytes_[position_++]; }
  BytesView rest(std::size_t most) {
    const BytesView taken = bytes_.subspan(position_, std::min(most, bytes_.size() - position_));
    position_ += taken.size();
    return taken;
  }
  // The one after the last, and those at the ends of the range.
  Zxid zxid() {
    const std::uint8_t b = byte();
    if (b == 0) return zxid_ = next(zxid_);
    if (b == 1) return zxid_;
    if (b == 2) return zxid_ = Zxid(std::numeric_limits<std::int64_t>::max());
    if (b == 3) return zxid_ = Zxid::min();
    if (b == 4) return zxid_ = Zxid(-1);
    return zxid_ = make_zxid(PeerEpoch(b >> 4), b & 15);
  }

 private:
  BytesView bytes_;
  std::size_t position_ = 0;
  Zxid zxid_;
};

// A transaction of which the body is the program's.
Bytes txn(Program& program, Zxid zxid) {
  Writer writer;
  writer.i64(0x1000);
  writer.i32(1);
  writer.i64(zxid.value);
  writer.i64(3);
  writer.i32(program.byte() % 32);
  writer.raw(program.rest(program.byte() % 64));
  return writer.take();
}

// One packet, or a piece of a snapshot.
Bytes said(Program& program) {
  const std::uint8_t type = program.byte() % 24;
  if (type == 0) {
    const BytesView raw = program.rest(program.byte());
    return {raw.begin(), raw.end()};
  }
  wire::QuorumPacket packet;
  packet.type = static_cast<wire::PacketType>(type);
  packet.zxid = program.zxid();
  switch (program.byte() % 4) {
    case 0:
      break;
    case 1:
      packet.data = txn(program, packet.zxid);
      break;
    case 2:
      packet.data = wire::encode_int(program.byte());
      break;
    default: {
      const BytesView raw = program.rest(program.byte());
      packet.data = Bytes(raw.begin(), raw.end());
      break;
    }
  }
  return wire::encode(packet);
}

learner::Settings settings_of(std::uint8_t release, std::uint8_t bits) {
  learner::Settings settings;
  settings.sid = Sid(4);
  settings.release = kReleases[release % std::size(kReleases)];
  settings.leave_on_gap = (bits & 1) != 0;
  settings.list_nodes = settings.keep_data = (bits & 2) != 0;
  if ((bits & 4) != 0) settings.last_zxid = Zxid(0x100000003);
  if ((bits & 32) != 0) settings.role = learner::Role::kFollower;
  settings.keeps_state = (bits & 64) != 0;
  if ((bits & 8) != 0) {
    settings.accepted_epoch = PeerEpoch(2);
    settings.current_epoch = PeerEpoch(1);
    settings.config_version = ConfigVersion(0x100000001);
  }
  return settings;
}

void check_send(const learner::Settings& settings, const wire::QuorumPacket& packet) {
  using wire::PacketType;
  const auto info = settings.role == learner::Role::kFollower ? PacketType::kFollowerInfo
                                                              : PacketType::kObserverInfo;
  fuzz::check(packet.type == info || packet.type == PacketType::kAckEpoch ||
              packet.type == PacketType::kAck || packet.type == PacketType::kPing ||
              (packet.type == PacketType::kRequest && settings.role == learner::Role::kFollower));
  const Bytes bytes = wire::encode(packet);
  const auto again = wire::decode_packet(bytes);
  fuzz::check(again && *again && (*again)->packet == packet && (*again)->size == bytes.size());
  if (packet.type == PacketType::kAckEpoch) fuzz::check(packet.zxid == settings.last_zxid);
}

// What came of a conversation. How often a snapshot's progress is told hangs on the pieces, and so
// do the pieces of the snapshot itself.
struct Outcome {
  std::vector<std::string> lines;
  Bytes snapshot;
  Zxid last_zxid;
  learner::Phase phase = learner::Phase::kConnecting;

  bool operator==(const Outcome&) const = default;
};

Outcome converse(const learner::Settings& settings, BytesView stream, std::size_t piece) {
  Learner machine(settings);
  Outcome outcome;
  bool left = false;
  bool synced = false;
  std::set<Zxid> logged;
  const auto take = [&](const Effects& effects) {
    fuzz::check(!left || effects.empty());
    for (const learner::Effect& effect : effects) {
      fuzz::check(!left);
      left = std::holds_alternative<learner::Leave>(effect);
      if (const auto* send = std::get_if<learner::Send>(&effect)) {
        check_send(settings, send->packet);
        if (synced && send->packet.type == wire::PacketType::kAck) {
          fuzz::check(logged.contains(send->packet.zxid));
        }
      }
      synced = synced || std::holds_alternative<learner::SyncDone>(effect);
      if (const auto* append = std::get_if<learner::Append>(&effect)) logged.insert(append->zxid);
      if (const auto* piece_of = std::get_if<learner::SnapshotBytes>(&effect)) {
        outcome.snapshot.insert(outcome.snapshot.end(), piece_of->bytes.begin(),
                                piece_of->bytes.end());
        continue;
      }
      if (std::holds_alternative<learner::SnapshotProgress>(effect)) continue;
      outcome.lines.push_back(describe(effect));
      fuzz::check(!outcome.lines.back().empty());
    }
    fuzz::check(machine.deadline().has_value() != left);
    fuzz::check((machine.phase() == learner::Phase::kLeft) == left);
  };
  const Instant now{std::chrono::seconds(1000)};
  take(machine.step(now, learner::Connected{}));
  for (std::size_t at = 0; at < stream.size(); at += piece) {
    take(machine.step(now,
                      learner::Received{stream.subspan(at, std::min(piece, stream.size() - at))}));
  }
  outcome.last_zxid = machine.last_zxid();
  outcome.phase = machine.phase();
  take(machine.step(now, learner::Closed{}));
  fuzz::check(left);
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  learner::Settings settings = settings_of(data[0], data[1]);
  const BytesView rest(data + 3, size - 3);
  Bytes stream(rest.begin(), rest.end());
  if ((data[1] & 16) != 0) {
    stream.clear();
    for (Program program(rest); !program.ended();) {
      const Bytes one = said(program);
      stream.insert(stream.end(), one.begin(), one.end());
    }
  }
  const Outcome whole = converse(settings, stream, std::max<std::size_t>(stream.size(), 1));
  fuzz::check(converse(settings, stream, data[2] % 64 + 1) == whole);
  // The next leader is told what is held now.
  settings.last_zxid = whole.last_zxid;
  converse(settings, stream, std::max<std::size_t>(stream.size(), 1));
  return 0;
}
