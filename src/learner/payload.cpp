#include "learner/payload.hpp"

#include <algorithm>

#include "wire/learner_info.hpp"

namespace zkprobe::learner {

std::optional<Informed> read_informed(const Incoming& incoming, Effects& out) {
  Informed informed;
  BytesView payload = incoming.data();
  std::size_t base = 0;
  if (incoming.packet.type == wire::PacketType::kInformAndActivate) {
    base = std::min<std::size_t>(8, payload.size());
    const auto leader = wire::decode_long(payload.first(base), "designated leader");
    if (!leader) {
      out.push_back(malformed(incoming, leader.error()));
      return std::nullopt;
    }
    informed.designated_leader = Sid(*leader);
    payload = payload.subspan(base);
  }
  auto txn = wire::decode_txn(payload, base);
  if (!txn) {
    out.push_back(malformed(incoming, txn.error()));
    return std::nullopt;
  }
  informed.txn = std::move(*txn);
  informed.payload = payload;
  return informed;
}

ConfigSeen read_config(ConfigSeen::From from, std::string text, Effects& out) {
  ConfigSeen seen;
  seen.from = from;
  seen.text = std::move(text);
  auto config = wire::parse_quorum_config(seen.text);
  if (config) {
    seen.config = std::move(*config);
  } else {
    out.push_back(Noted{"a configuration cannot be read: " + to_string(config.error())});
  }
  return seen;
}

void report_reconfig(const wire::Txn& txn, ConfigSeen::From from,
                     std::optional<Sid> designated_leader, Effects& out) {
  if (txn.header.type != wire::TxnType::kReconfig) return;
  const auto* simple = std::get_if<wire::SimpleTxn>(&txn.body);
  const auto* set = simple ? std::get_if<wire::SetDataTxn>(simple) : nullptr;
  if (!set || !set->data) return;
  ConfigSeen seen = read_config(from, to_text(*set->data), out);
  seen.designated_leader = designated_leader;
  out.push_back(std::move(seen));
}

void read_revalidate(const Incoming& incoming, Effects& out) {
  const auto answer = wire::decode_revalidate_answer(incoming.data());
  if (!answer) {
    out.push_back(malformed(incoming, answer.error()));
    return;
  }
  out.push_back(Revalidated{answer->session, answer->valid});
}

Leave too_much(std::size_t txns, std::size_t bytes) {
  return {Leave::Why::kTooMuch, std::to_string(txns) + " transactions of " + std::to_string(bytes) +
                                    " bytes wait for their COMMIT, more than are held"};
}

Noted note_unexpected(const Incoming& incoming) {
  return {"an unexpected " + std::string(wire::to_string(incoming.packet.type)) + " (type " +
          std::to_string(static_cast<int>(incoming.packet.type)) + "): ignored"};
}

}  // namespace zkprobe::learner
