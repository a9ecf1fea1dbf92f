// A learner and what a leader says to it, for tests: effects come out as lines.
#pragma once

#include <string>
#include <vector>

#include "learner/learner.hpp"
#include "support/fixtures.hpp"
#include "wire/learner_info.hpp"

namespace zkprobe::learner::test {

using wire::PacketType;
using wire::QuorumPacket;

inline QuorumPacket packet(PacketType type, std::int64_t zxid,
                           std::optional<Bytes> data = std::nullopt) {
  return {type, Zxid(zxid), std::move(data), std::nullopt};
}
inline QuorumPacket leader_info(std::int64_t epoch) {
  return packet(PacketType::kLeaderInfo, epoch << 32, wire::encode_int(wire::kProtocolVersion));
}
// A delete of /a.
inline Bytes txn(std::int64_t zxid) {
  Writer writer;
  writer.i64(0x1000);
  writer.i32(1);
  writer.i64(zxid);
  writer.i64(3);
  writer.i32(2);
  writer.raw(*hex_decode("000000022f61"));
  return writer.take();
}
inline QuorumPacket proposal(std::int64_t zxid) {
  return packet(PacketType::kProposal, zxid, txn(zxid));
}
inline QuorumPacket commit(std::int64_t zxid) { return packet(PacketType::kCommit, zxid); }
inline QuorumPacket inform(std::int64_t zxid) {
  return packet(PacketType::kInform, zxid, txn(zxid));
}
inline Bytes snapshot() { return zkprobe::test::read_golden("snapshot/file.3.9.6.hex"); }

inline constexpr std::int64_t kEpoch5 = 5LL << 32;

class Script {
 public:
  using Lines = std::vector<std::string>;

  explicit Script(Settings settings = defaults()) : learner_(std::move(settings)) {}

  static Settings defaults() {
    Settings settings;
    settings.sid = Sid(9);
    return settings;
  }

  Lines connect() { return lines(learner_.step(now_, Connected{})); }
  Lines say(const QuorumPacket& packet) { return raw(wire::encode(packet)); }
  Lines raw(BytesView bytes) {
    const zkprobe::test::ExactBuffer exact(bytes);
    return lines(learner_.step(now_, Received{exact.view()}));
  }
  Lines wait(Duration time) {
    now_ = now_ + time;
    return lines(learner_.step(now_, TimePassed{}));
  }
  Lines close(std::string why = "") { return lines(learner_.step(now_, Closed{std::move(why)})); }

  // Up to where it stands after UPTODATE of an empty DIFF in epoch 5.
  void synchronise() {
    connect();
    say(leader_info(5));
    say(packet(PacketType::kDiff, learner_.settings().last_zxid.value));
    say(packet(PacketType::kNewLeader, kEpoch5));
    say(packet(PacketType::kUpToDate, -1));
  }

  Learner& learner() { return learner_; }
  Instant now() const { return now_; }

  // What came in is left out: the test said it itself.
  static Lines lines(const Effects& effects) {
    Lines out;
    for (const Effect& effect : effects) {
      if (!std::holds_alternative<PacketSeen>(effect)) out.push_back(describe(effect));
    }
    return out;
  }

 private:
  Instant now_{std::chrono::seconds(1000)};
  Learner learner_;
};

}  // namespace zkprobe::learner::test
