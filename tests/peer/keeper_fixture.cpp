#include "peer/keeper_fixture.hpp"

#include "wire/describe.hpp"

namespace zkprobe::peer::test {
namespace {

struct Describe {
  std::string operator()(const AppendTxn& o) const {
    const auto txn = wire::decode_txn(o.payload);
    return "append " + (txn ? to_hex(txn->header.zxid) : std::string("nonsense"));
  }
  std::string operator()(const SyncLog&) const { return "sync"; }
  std::string operator()(const RollLog&) const { return "roll"; }
  std::string operator()(const WriteEpoch& o) const {
    const bool accepted = o.which == WriteEpoch::Which::kAccepted;
    return std::string("epoch ") + (accepted ? "accepted " : "current ") + to_hex(o.epoch);
  }
  std::string operator()(const PrepareCurrentEpoch& o) const {
    return "prepare " + to_hex(o.epoch);
  }
  std::string operator()(const BeginSnapshot& o) const {
    return std::string(o.installs ? "install " : "snapshot ") + to_hex(o.zxid) +
           (o.sets_aside.empty() ? "" : ", the rest to " + o.sets_aside);
  }
  std::string operator()(const SnapshotChunk&) const { return "chunk"; }
  std::string operator()(const FinishSnapshot& o) const {
    return "finish" + (o.sections.digest ? " with digest of " + to_hex(o.sections.digest->zxid)
                                         : std::string());
  }
  std::string operator()(const AbortSnapshot&) const { return "abort"; }
  std::string operator()(const TruncateLog& o) const { return "truncate " + to_hex(o.zxid); }
  std::string operator()(const LoadStore&) const { return "load"; }
  std::string operator()(const PurgeOld& o) const { return "purge " + std::to_string(o.retain); }
};

}  // namespace

std::string describe(const StorageOperation& operation) {
  return std::visit(Describe{}, operation);
}

wire::Txn create_txn(std::int64_t zxid, const std::string& path) {
  wire::Txn txn;
  txn.header = {1, 1, Zxid(zxid), 1, wire::TxnType::kCreate};
  txn.body = wire::SimpleTxn(wire::CreateTxn{path, Bytes{}, {}, false, 1});
  return txn;
}

Keeper::Outcome KeeperTest::collect(Keeper::Outcome outcome) {
  for (const wire::QuorumPacket& packet : outcome.send) sent.push_back(to_hex(packet.zxid));
  if (outcome.failed) failures.push_back(*outcome.failed);
  if (outcome.leave) leaves.push_back(*outcome.leave);
  return outcome;
}

Keeper::Outcome KeeperTest::complete(StorageLane lane, StorageDone done) {
  auto& waiting = lane == StorageLane::kLog ? storage.log_lane : storage.snapshot_lane;
  if (waiting.empty()) {
    ADD_FAILURE() << "nothing waits for the disk";
    return {};
  }
  done.lane = lane;
  done.ticket = waiting.front().ticket;
  waiting.pop_front();
  return collect(keeper->done(done));
}

void KeeperTest::complete_all() {
  while (!storage.log_lane.empty()) complete();
  while (!storage.snapshot_lane.empty()) complete(StorageLane::kSnapshot);
}

void KeeperTest::propose(std::int64_t zxid, const std::string& path) {
  const wire::Txn txn = create_txn(zxid, path);
  take(learner::TxnSeen{txn, false});
  take(learner::Append{Zxid(zxid), wire::encode_txn(txn)});
  take(learner::Send{{wire::PacketType::kAck, Zxid(zxid), std::nullopt, std::nullopt}, true});
}

void KeeperTest::commit(std::int64_t zxid, const std::string& path) {
  take(learner::TxnSeen{create_txn(zxid, path), true});
}

}  // namespace zkprobe::peer::test
