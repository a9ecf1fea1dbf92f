#include "net/kept_session.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "net/fake_leader.hpp"
#include "net/loopback.hpp"

namespace zkprobe::net {
namespace {

using test::Loop;
using test::packet;
using test::PacketType;
using test::RawListener;
using test::Recorder;

// Does what it is told when the test says so.
class HeldStorage : public peer::Storage {
 public:
  bool submit(peer::StorageLane lane, peer::StorageTicket ticket,
              peer::StorageOperation operation) override {
    waiting.push_back({lane, ticket, {}, {}, {}});
    loads = loads || std::holds_alternative<peer::LoadStore>(operation);
    begun = false;
    return true;
  }
  void begin() override { begun = true; }
  std::size_t queued_bytes(peer::StorageLane) const override { return bytes; }
  std::size_t high_water() const override { return 1000; }

  std::deque<peer::StorageDone> waiting;
  std::size_t bytes = 0;
  bool loads = false;
  bool begun = true;  // nothing was left waiting
};

class KeptSessionTest : public testing::Test {
 protected:
  KeptSessionTest() {
    settings.sid = Sid(3);
    settings.role = learner::Role::kFollower;
    peer::Kept kept;
    kept.last_zxid = Zxid(0x100000002);
    kept.accepted_epoch = PeerEpoch(4);
    kept.current_epoch = PeerEpoch(1);
    kept.has_snapshot = true;
    keeper.emplace(peer::Keeper::Settings{}, storage, std::move(kept));
    session.emplace(loop.io, std::make_shared<Resolver>(loop.io), settings, storage, *keeper,
                    KeptSession::Handlers{seen.handler(), [](const replica::DigestDifference&) {},
                                          [](const std::string&) {},
                                          [this](const std::string& why) { failure = why; }});
  }
  void follow() { session->follow({{"127.0.0.1", listener.port()}}, std::chrono::seconds(5)); }
  void complete_all(std::optional<peer::StorageError> error = std::nullopt) {
    while (!storage.waiting.empty()) {
      peer::StorageDone done = storage.waiting.front();
      storage.waiting.pop_front();
      done.error = error;
      session->storage_done({done});
    }
  }
  // The bytes of an ACKEPOCH or ACK that the leader has.
  bool leader_has(test::RawPeer& leader, PacketType type, std::int64_t zxid) {
    const Bytes wanted = packet(type, zxid);
    const Bytes start(wanted.begin(), wanted.begin() + 12);
    const Bytes got = leader.received();
    return std::search(got.begin(), got.end(), start.begin(), start.end()) != got.end();
  }

  Loop loop;
  HeldStorage storage;
  learner::Settings settings;
  std::optional<peer::Keeper> keeper;
  Recorder seen;
  std::string failure;
  RawListener listener{loop};
  std::optional<KeptSession> session;
};

Bytes leader_info() {
  return packet(PacketType::kLeaderInfo, 5LL << 32, wire::encode_int(wire::kProtocolVersion));
}

TEST_F(KeptSessionTest, AnAcknowledgementGoesOutWhenTheDiskHasIt) {
  follow();
  const auto leader = listener.accept();
  leader->write(leader_info());
  ASSERT_TRUE(loop.run_until([&] { return !storage.waiting.empty(); }));  // acceptedEpoch
  EXPECT_FALSE(leader_has(*leader, PacketType::kAckEpoch, 0x100000002));
  complete_all();
  EXPECT_TRUE(
      loop.run_until([&] { return leader_has(*leader, PacketType::kAckEpoch, 0x100000002); }));
  EXPECT_EQ(keeper->accepted_epoch(), PeerEpoch(5));
}

// A proposal of a delete.
Bytes proposal(std::int64_t zxid) {
  wire::Txn txn;
  txn.header = {0x1000, 1, Zxid(zxid), 3, wire::TxnType::kDelete};
  txn.body = wire::SimpleTxn(wire::DeleteTxn{"/a"});
  return packet(PacketType::kProposal, zxid, wire::encode_txn(txn));
}

TEST_F(KeptSessionTest, WhatCameTogetherIsAcknowledgedTogetherAndNothingIsLeftLying) {
  follow();
  const auto leader = listener.accept();
  for (const Bytes& one : {leader_info(), packet(PacketType::kDiff, 0x100000002),
                           packet(PacketType::kNewLeader, 5LL << 32)}) {
    leader->write(one);
  }
  const auto acknowledged = [&](std::int64_t zxid) {
    return loop.run_until([&] {
      EXPECT_TRUE(storage.begun);
      complete_all();
      return leader_has(*leader, PacketType::kAck, zxid);
    });
  };
  ASSERT_TRUE(acknowledged(5LL << 32));
  leader->write(packet(PacketType::kUpToDate, -1));
  Bytes proposals;
  for (std::int64_t zxid = 0x500000001; zxid <= 0x500000006; ++zxid) {
    const Bytes one = proposal(zxid);
    proposals.insert(proposals.end(), one.begin(), one.end());
  }
  leader->write(proposals);
  ASSERT_TRUE(loop.run_until([&] { return storage.waiting.size() == 6; }));
  EXPECT_TRUE(storage.begun);
  EXPECT_FALSE(leader_has(*leader, PacketType::kAck, 0x500000001));
  std::vector<peer::StorageDone> done(storage.waiting.begin(), storage.waiting.end());
  storage.waiting.clear();
  session->storage_done(done);
  for (std::int64_t zxid = 0x500000001; zxid <= 0x500000006; ++zxid) {
    EXPECT_TRUE(loop.run_until([&] { return leader_has(*leader, PacketType::kAck, zxid); }));
  }
  // And reading goes on.
  leader->write(proposal(0x500000007));
  EXPECT_TRUE(acknowledged(0x500000007));
}

TEST_F(KeptSessionTest, ALeaderOfAnEpochBelowTheAcceptedOneIsLeft) {
  settings.role = learner::Role::kObserver;
  session->settings() = settings;
  session->settings().keeps_state = true;
  session->claims_epochs(false);  // the learner itself does not know
  follow();
  const auto leader = listener.accept();
  leader->write(packet(PacketType::kLeaderInfo, 3LL << 32, wire::encode_int(0x10000)));
  ASSERT_TRUE(loop.run_until([&] { return seen.left.has_value(); }));
  EXPECT_EQ(seen.left->why, learner::Leave::Why::kEpochTooLow);
}

TEST_F(KeptSessionTest, ALeaveIsToldWhenTheStateIsKnownAgain) {
  follow();
  const auto leader = listener.accept();
  leader->write(leader_info());
  leader->write(packet(PacketType::kSnap, 0x500000000));
  leader->write(*hex_decode("00000000"));  // the beginning of a snapshot
  ASSERT_TRUE(loop.run_until([&] { return seen.has("sync"); }));
  leader->close();
  ASSERT_TRUE(loop.run_until([&] { return storage.loads; }));
  EXPECT_FALSE(seen.left);
  complete_all();
  ASSERT_TRUE(seen.left);
  EXPECT_TRUE(keeper->ready());
}

TEST_F(KeptSessionTest, ADiskThatFailsEndsTheLinkAndEverything) {
  follow();
  const auto leader = listener.accept();
  leader->write(leader_info());
  ASSERT_TRUE(loop.run_until([&] { return !storage.waiting.empty(); }));
  complete_all(peer::StorageError{peer::StorageError::Kind::kFull, "/d/acceptedEpoch.tmp", 0,
                                  "write: No space left on device", 28});
  EXPECT_NE(failure.find("No space left"), std::string::npos);
  EXPECT_TRUE(loop.run_until([&] { return leader->closed_by_peer(); }));
  follow();
  EXPECT_FALSE(session->following());
}

TEST_F(KeptSessionTest, WhatTheDiskDoesNotTakeStaysWithTheLeader) {
  follow();
  const auto leader = listener.accept();
  leader->write(leader_info());
  ASSERT_TRUE(loop.run_until([&] { return !storage.waiting.empty(); }));
  storage.bytes = 2000;
  leader->write(packet(PacketType::kDiff, 0x100000002));  // the read that was under way
  ASSERT_TRUE(loop.run_until([&] { return seen.has("sync"); }));
  leader->write(packet(PacketType::kNewLeader, 5LL << 32));
  const auto heard = [&] { return seen.has("packet NEWLEADER"); };
  EXPECT_FALSE(loop.run_until(heard, std::chrono::milliseconds(50)));
  storage.bytes = 0;
  complete_all();
  EXPECT_TRUE(loop.run_until(heard));
}

}  // namespace
}  // namespace zkprobe::net
