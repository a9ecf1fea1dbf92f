#include "learner/types.hpp"
#include "wire/describe.hpp"

namespace zkprobe::learner {
namespace {

std::string counts_text(const wire::SnapshotCounts& counts) {
  return "nodes=" + std::to_string(counts.nodes) + " bytes=" + std::to_string(counts.bytes);
}

struct Describe {
  std::string operator()(const Send& e) const {
    return (e.durable ? "send when durable " : "send ") + wire::describe(e.packet);
  }
  std::string operator()(const Truncate& e) const { return "truncate after " + to_hex(e.last); }
  std::string operator()(const SnapshotBytes& e) const {
    return "store snapshot " + to_hex(e.zxid) + " bytes=" + std::to_string(e.bytes.size()) +
           (e.complete ? " complete" : "");
  }
  std::string operator()(const Append& e) const {
    return "append " + to_hex(e.zxid) + " bytes=" + std::to_string(e.payload.size());
  }
  std::string operator()(const TakeSnapshot&) const { return "take snapshot"; }
  std::string operator()(const PersistEpoch& e) const {
    return std::string("persist ") +
           (e.which == PersistEpoch::Which::kAccepted ? "acceptedEpoch " : "currentEpoch ") +
           to_string(e.epoch);
  }
  std::string operator()(const PhaseChanged& e) const {
    return "phase " + std::string(to_string(e.from)) + " -> " + std::string(to_string(e.to)) +
           " epoch=" + to_string(e.epoch);
  }
  std::string operator()(const PacketSeen& e) const {
    return "packet " + std::string(wire::to_string(e.type)) + " zxid=" + to_hex(e.zxid) +
           " bytes=" + std::to_string(e.bytes);
  }
  std::string operator()(const TxnSeen& e) const {
    return "txn " + to_hex(e.txn.header.zxid) + (e.committed ? " committed " : " proposed ") +
           wire::describe(e.txn);
  }
  std::string operator()(const SyncStarted& e) const {
    return "sync " + std::string(to_string(e.kind)) + " from=" + to_hex(e.from) +
           " to=" + to_hex(e.to);
  }
  std::string operator()(const SnapshotProgress& e) const {
    return "snapshot " + counts_text(e.counts) + (e.complete ? " complete" : "");
  }
  std::string operator()(const NodeListed& e) const { return "node " + e.node.path; }
  std::string operator()(const SyncDone& e) const {
    return "synced " + std::string(to_string(e.kind)) + " from=" + to_hex(e.from) +
           " to=" + to_hex(e.to) + " txns=" + std::to_string(e.txns) +
           (e.snapshot ? " " + counts_text(*e.snapshot) : "");
  }
  std::string operator()(const ConfigSeen& e) const {
    static constexpr const char* kFrom[] = {"with NEWLEADER", "proposed", "committed"};
    std::string text = std::string("config ") + kFrom[static_cast<int>(e.from)] + ": " +
                       (e.config ? wire::describe(*e.config) : "unreadable");
    if (e.designated_leader) text += " leader=" + to_string(*e.designated_leader);
    return text;
  }
  std::string operator()(const Revalidated& e) const {
    return "revalidated " + to_hex(e.session) + (e.valid ? " valid" : " expired");
  }
  std::string operator()(const Noted& e) const { return "note " + e.text; }
  std::string operator()(const Leave& e) const { return "leave " + e.text; }
};

}  // namespace

std::string describe(const Effect& effect) { return std::visit(Describe{}, effect); }

}  // namespace zkprobe::learner
