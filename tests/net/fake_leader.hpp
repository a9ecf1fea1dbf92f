// What a leader says on its learner port, and a recorder of what a learner makes of it.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "net/learner_link.hpp"
#include "wire/learner_info.hpp"

namespace zkprobe::net::test {

using wire::PacketType;

inline Bytes packet(PacketType type, std::int64_t zxid, std::optional<Bytes> data = std::nullopt) {
  return wire::encode({type, Zxid(zxid), std::move(data), std::nullopt});
}

// What a leader of epoch 5 says to an observer that lacks nothing.
inline Bytes empty_sync() {
  Bytes all;
  for (const Bytes& one : {packet(PacketType::kLeaderInfo, 5LL << 32, wire::encode_int(0x10000)),
                           packet(PacketType::kDiff, 0), packet(PacketType::kNewLeader, 5LL << 32),
                           packet(PacketType::kUpToDate, -1)}) {
    all.insert(all.end(), one.begin(), one.end());
  }
  return all;
}

// A delete of /a.
inline Bytes inform(std::int64_t zxid) {
  Writer writer;
  writer.i64(0x1000);
  writer.i32(1);
  writer.i64(zxid);
  writer.i64(3);
  writer.i32(2);
  writer.raw(*hex_decode("000000022f61"));
  return packet(PacketType::kInform, zxid, writer.take());
}

struct Recorder {
  std::vector<std::string> lines;
  std::optional<learner::Leave> left;

  std::function<void(const learner::Effect&)> handler() {
    return [this](const learner::Effect& effect) {
      lines.push_back(describe(effect));
      if (const auto* leave = std::get_if<learner::Leave>(&effect)) left = *leave;
    };
  }
  bool has(const std::string& start) const {
    return std::any_of(lines.begin(), lines.end(),
                       [&](const std::string& line) { return line.starts_with(start); });
  }
};

}  // namespace zkprobe::net::test
