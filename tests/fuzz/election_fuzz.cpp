// Any events in any order: the election machine never crashes, waits for nothing that has passed,
// and a server that declines or observes never leads.
//
// The input is a program: one byte for the release, one for the settings (1 declines, 2 observes,
// 4 reconfig, 8 oracle, 16 lenient, 32 two configurations), then one byte for each event and its
// arguments. What the bytes lack is zero.
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>

#include "election/describe.hpp"
#include "election/election.hpp"
#include "fuzz/check.hpp"

namespace {

using namespace zkprobe;
using election::Election;

constexpr Release kReleases[] = {{3, 3, 6},  {3, 4, 0}, {3, 4, 3}, {3, 4, 5},
                                 {3, 4, 14}, {3, 5, 0}, {3, 5, 4}, {3, 5, 10},
                                 {3, 6, 0},  {3, 7, 2}, {3, 8, 0}, kNewestRelease};
constexpr std::size_t kMaxEffects = 64;

class Program {
 public:
  explicit Program(BytesView bytes) : bytes_(bytes) {}
  bool ended() const { return position_ >= bytes_.size(); }
  std::uint8_t byte() { return ended() ? std::uint8_t{0} : bytes_[position_++]; }
  // Small numbers, and those at the ends of the range.
  std::int64_t number() {
    const std::uint8_t b = byte();
    if (b == 0xff) return -1;
    if (b == 0xfe) return std::numeric_limits<std::int64_t>::min();
    if (b == 0xfd) return std::numeric_limits<std::int64_t>::max();
    return b >= 0x80 ? static_cast<std::int64_t>(b & 0x7f) << 32 : b;
  }
  Bytes bytes(std::size_t n) {
    Bytes taken;
    while (n-- > 0 && !ended()) taken.push_back(byte());
    return taken;
  }

 private:
  BytesView bytes_;
  std::size_t position_ = 0;
};

wire::QuorumConfig configuration(std::uint8_t choice) {
  static const char* const texts[] = {
      "server.1=a:1:2:participant\nserver.2=a:3:4:participant\nserver.3=a:5:6:participant\n"
      "version=1",
      "server.1=a:1:2:participant\nserver.2=a:3:4:participant\nversion=2",
      "server.1=a:1:2:observer\nserver.2=a:3:4:participant\nserver.3=a:5:6:participant\nversion=3",
      "server.1=a:1:2:participant\nserver.2=a:3:4:participant\nserver.3=a:5:6:participant\n"
      "group.1=1:2:3\nweight.1=1\nweight.2=0\nweight.3=2\nversion=4"};
  return wire::parse_quorum_config(texts[choice % std::size(texts)]).value();
}

wire::Notification vote(Program& program) {
  wire::Notification message;
  message.state = static_cast<wire::ServerState>(program.byte() % 4);
  message.leader = Sid(program.number());
  message.zxid = Zxid(program.number());
  message.election_epoch = ElectionRound(program.number());
  message.peer_epoch = PeerEpoch(program.number());
  if (const std::uint8_t choice = program.byte(); choice > 0) {
    message.config = wire::to_text(configuration(choice));
  }
  return message;
}

election::Input event(Program& program) {
  switch (program.byte() % 9) {
    case 0:
      return election::Look{{Zxid(program.number()), PeerEpoch(program.number())}};
    case 1: {
      const Sid from(program.number());
      return election::Received{from, program.bytes(program.byte())};
    }
    case 2:
    case 3: {
      const Sid from(program.number());
      const auto form = static_cast<wire::NotificationForm>(program.byte() % 4);
      return election::Received{from, wire::encode(vote(program), form)};
    }
    case 4:
      return election::EpochSettled{PeerEpoch(program.number())};
    case 5: {
      election::ConfigChanged changed{configuration(program.byte()), std::nullopt};
      if (program.byte() % 2 == 1) changed.last_seen = configuration(program.byte());
      return changed;
    }
    case 6: {
      const std::uint8_t bits = program.byte();
      return election::OracleRead{(bits & 1) != 0, (bits & 2) != 0};
    }
    case 7:
      return election::AskLeader{};
    default:
      return election::TimePassed{program.byte() % 2 == 0};
  }
}

void check_step(const Election& machine, const election::Settings& settings, Instant now,
                const election::Effects& effects) {
  fuzz::check(effects.size() <= kMaxEffects);
  for (const election::Effect& effect : effects) {
    fuzz::check(!election::describe(effect).empty());
    if (const auto* decided = std::get_if<election::Decided>(&effect)) {
      fuzz::check(decided->state == machine.state());
      fuzz::check(!settings.declines || decided->vote.vote.leader != settings.self);
      fuzz::check(!settings.declines || decided->vote.vote.peer_epoch >= PeerEpoch(0));
    }
  }
  fuzz::check(!settings.declines || machine.state() != wire::ServerState::kLeading);
  if (machine.state() != wire::ServerState::kLooking) fuzz::check(!machine.deadline());
  if (machine.deadline()) fuzz::check(*machine.deadline() + std::chrono::minutes(2) > now);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Program program(BytesView(data, size));
  election::Settings settings;
  settings.self = Sid(1);
  settings.dialect.release = kReleases[program.byte() % std::size(kReleases)];
  const std::uint8_t bits = program.byte();
  settings.declines = (bits & 1) != 0;
  if ((bits & 2) != 0) settings.learner_type = wire::LearnerType::kObserver;
  settings.reconfig_enabled = (bits & 4) != 0;
  settings.dialect.lenient = (bits & 16) != 0;
  wire::QuorumConfig committed = configuration(bits >> 6);
  committed.oracle = (bits & 8) != 0;
  std::optional<wire::QuorumConfig> last_seen;
  if ((bits & 32) != 0) last_seen = configuration(2);
  Election machine(settings, committed, last_seen);

  Instant now;
  while (!program.ended()) {
    now = now + std::chrono::milliseconds(program.byte());
    election::Effects effects = machine.step(now, event(program));
    check_step(machine, settings, now, effects);
    for (std::size_t i = 0, looped = 0; i < effects.size() && looped < 8; ++i) {
      const auto* send = std::get_if<election::Send>(&effects[i]);
      if (send == nullptr || send->to != settings.self) continue;
      ++looped;
      const election::Received own{settings.self, send->payload};
      const election::Effects more = machine.step(now, own);
      check_step(machine, settings, now, more);
      effects.insert(effects.end(), more.begin(), more.end());
    }
  }
  return 0;
}
