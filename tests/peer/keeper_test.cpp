#include "peer/keeper.hpp"

#include <algorithm>

#include "peer/keeper_fixture.hpp"

namespace zkprobe::peer {
namespace {

using learner::PersistEpoch;
using learner::SyncKind;
using Lines = std::vector<std::string>;

learner::Send ack(std::int64_t zxid) {
  return {{wire::PacketType::kAck, Zxid(zxid), std::nullopt, std::nullopt}, true};
}
learner::SyncStarted started(SyncKind kind, std::int64_t from, std::int64_t to) {
  return {kind, Zxid(from), Zxid(to)};
}
StorageDone failed_write() {
  StorageDone done;
  done.error = StorageError{StorageError::Kind::kFull, "/d/log.1", 7, "write: No space left", 28};
  return done;
}

class KeeperOrder : public test::KeeperTest {};

TEST_F(KeeperOrder, AnAcknowledgementWaitsForEverythingBeforeIt) {
  propose(0x100000003, "/a");
  propose(0x100000004, "/b");
  EXPECT_EQ(storage.take_log(), (Lines{"append 0x100000003", "append 0x100000004"}));
  EXPECT_EQ(take_sent(), Lines{});
  complete();
  EXPECT_EQ(take_sent(), Lines{"0x100000003"});
  complete();
  EXPECT_EQ(take_sent(), Lines{"0x100000004"});
}

TEST_F(KeeperOrder, APingDoesNotWaitAndIsNotOurs) {
  propose(0x100000003, "/a");
  const auto out =
      take(learner::Send{{wire::PacketType::kPing, Zxid(0), Bytes{}, std::nullopt}, false});
  EXPECT_TRUE(out.send.empty());
}

TEST_F(KeeperOrder, AnAcknowledgementOfNothingNewGoesAtOnce) {
  take(ack(0x200000000));
  EXPECT_EQ(take_sent(), Lines{"0x200000000"});
}

TEST_F(KeeperOrder, EpochsAreWrittenBeforeTheyAreAcknowledged) {
  take(PersistEpoch{PersistEpoch::Which::kAccepted, PeerEpoch(5)});
  take(ack(0x100000002));
  EXPECT_EQ(take_sent(), Lines{});
  complete();
  EXPECT_EQ(take_sent(), Lines{"0x100000002"});
  take(PersistEpoch{PersistEpoch::Which::kCurrent, PeerEpoch(5)});
  take(ack(0x500000000));
  EXPECT_EQ(take_sent(), Lines{});
  complete();
  EXPECT_EQ(take_sent(), Lines{"0x500000000"});
  EXPECT_EQ(storage.take_log(), (Lines{"epoch accepted 0x5", "epoch current 0x5"}));
  EXPECT_EQ(keeper->accepted_epoch(), PeerEpoch(5));
  EXPECT_EQ(keeper->position(), (election::LogPosition{Zxid(0x100000002), PeerEpoch(5)}));
}

// A server that dies between the entry and currentEpoch must start again, with no more than the
// epoch of what it has.
TEST_F(KeeperOrder, AnEntryOfANewEpochIsPreparedForWithItsOwnEpoch) {
  take(started(SyncKind::kDiff, 0x100000002, 0x300000002));
  for (const std::int64_t zxid : {0x200000001LL, 0x300000001LL, 0x300000002LL}) {
    take(learner::Append{Zxid(zxid), wire::encode_txn(test::create_txn(zxid, "/a"))});
  }
  EXPECT_EQ(storage.take_log(), (Lines{"prepare 0x2", "append 0x200000001", "prepare 0x3",
                                       "append 0x300000001", "append 0x300000002"}));
  EXPECT_EQ(keeper->current_epoch(), PeerEpoch(3));
}

TEST_F(KeeperOrder, AfterALinkNothingOfItGoesOut) {
  propose(0x100000003, "/a");
  take(learner::Leave{});
  complete();
  EXPECT_EQ(take_sent(), Lines{});
  EXPECT_TRUE(keeper->ready());
}

// ZKDatabase.fastForwardDataBase.
TEST_F(KeeperOrder, WhatWasLoggedAndNotCommittedIsAppliedAfterTheLink) {
  propose(0x100000003, "/a");
  propose(0x100000004, "/b");
  take(learner::TxnSeen{test::create_txn(0x100000005, "/never-logged"), false});
  commit(0x100000003, "/a");
  EXPECT_EQ(keeper->tree()->find("/b"), replica::kNoNode);
  take(learner::Leave{});
  EXPECT_NE(keeper->tree()->find("/a"), replica::kNoNode);
  EXPECT_NE(keeper->tree()->find("/b"), replica::kNoNode);
  EXPECT_EQ(keeper->tree()->find("/never-logged"), replica::kNoNode);
  EXPECT_EQ(keeper->last_zxid(), Zxid(0x100000004));
  EXPECT_EQ(keeper->tree()->last_zxid(), Zxid(0x100000004));
}

class KeeperEmpty : public test::KeeperTest {
 protected:
  KeeperEmpty() : KeeperTest(false, 0) {}
};

TEST_F(KeeperEmpty, AnEmptyStoreGetsASnapshotBeforeTheFirstEntry) {
  take(started(SyncKind::kDiff, 0, 0x100000001));
  take(learner::Append{Zxid(0x100000001), wire::encode_txn(test::create_txn(0x100000001, "/a"))});
  EXPECT_EQ(storage.take_log(),
            (Lines{"install 0x0", "chunk", "finish with digest of 0x0", "append 0x100000001"}));
  EXPECT_FALSE(keeper->blocked());
}

class KeeperSnap : public test::KeeperTest {
 protected:
  void snap(std::size_t chunk, std::size_t size) {
    const Bytes stream = zkprobe::test::read_golden("snapshot/file.3.9.6.hex");
    take(started(SyncKind::kSnap, 0x100000002, 0x200000010));
    for (std::size_t at = 0; at < std::min(size, stream.size()); at += chunk) {
      const auto part = BytesView(stream).subspan(at, std::min(chunk, stream.size() - at));
      take(learner::SnapshotBytes{Bytes(part.begin(), part.end()), Zxid(0x200000010),
                                  at + chunk >= stream.size()});
    }
  }
};

TEST_F(KeeperSnap, IsStoredAsItComesWithoutItsSignature) {
  const Bytes stream = zkprobe::test::read_golden("snapshot/file.3.9.6.hex");
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{5}, std::size_t{100000}}) {
    SCOPED_TRACE(chunk);
    snap(chunk, stream.size());
    const Lines log = storage.take_log();
    if (chunk == 1) {
      EXPECT_EQ(log.front(), "prepare 0x2");
    }
    EXPECT_EQ(log.back(), "finish with digest of 0x200000010");
    Bytes body;
    for (const auto& waiting : storage.log_lane) {
      const auto* part = std::get_if<SnapshotChunk>(&waiting.operation);
      if (part) body.insert(body.end(), part->bytes.begin(), part->bytes.end());
    }
    EXPECT_EQ(body, Bytes(stream.begin(), stream.end() - 14));
    EXPECT_EQ(keeper->last_zxid(), Zxid(0x200000010));
    EXPECT_EQ(to_hex(keeper->tree()->digest()), "0x443fbd8a4");
    take(ack(0x500000000));
    EXPECT_EQ(take_sent(), Lines{});
    complete_all();
    EXPECT_EQ(take_sent(), Lines{"0x500000000"});
    take(learner::Leave{});
    EXPECT_TRUE(keeper->ready());
  }
}

TEST_F(KeeperSnap, CutShortTheOldStateIsReadAgain) {
  snap(100, 300);
  take(learner::Leave{});
  EXPECT_FALSE(keeper->ready());
  EXPECT_EQ(storage.log.back(), "load");
  complete();
  while (storage.log_lane.size() > 1) complete();
  StorageDone loaded;
  loaded.last_zxid = Zxid(0x100000002);
  complete(StorageLane::kLog, loaded);
  EXPECT_TRUE(keeper->ready());
  EXPECT_EQ(keeper->last_zxid(), Zxid(0x100000002));
  EXPECT_TRUE(keeper->tree());
}

class KeeperNonsense : public test::KeeperTest {
 protected:
  // A snapshot that cannot be read, taken in while the keeper waits for its disk.
  void queue_nonsense() {
    take(learner::Truncate{Zxid(0x100000001)});
    take(started(SyncKind::kSnap, 0x100000002, 0x200000010));
    take(learner::SnapshotBytes{Bytes(40, 0xff), Zxid(0x200000010), false});
    take(PersistEpoch{PersistEpoch::Which::kCurrent, PeerEpoch(2)});
    take(ack(0x200000000));
  }
  void load() {
    StorageDone loaded;
    loaded.last_zxid = Zxid(0x100000001);
    while (storage.log_lane.size() > 1) complete();
    complete(StorageLane::kLog, loaded);
  }
  bool wrote(const std::string& line) {
    return std::find(storage.log.begin(), storage.log.end(), line) != storage.log.end();
  }
};

// The disk would claim an epoch without its history.
TEST_F(KeeperNonsense, NothingThatFollowsItIsKept) {
  queue_nonsense();
  complete();  // TRUNC
  load();
  ASSERT_EQ(leaves.size(), 1u);
  EXPECT_FALSE(wrote("epoch current 0x2"));
  take(learner::Leave{});
  EXPECT_TRUE(wrote("abort"));
  load();
  EXPECT_TRUE(keeper->ready());
  EXPECT_EQ(take_sent(), Lines{});
}

TEST_F(KeeperNonsense, TheEndOfTheLinkBehindItCounts) {
  queue_nonsense();
  take(learner::Leave{});
  complete();
  load();  // and the snapshot is found to be nonsense
  load();  // the old state again
  EXPECT_TRUE(leaves.empty());
  EXPECT_FALSE(wrote("epoch current 0x2"));
  EXPECT_TRUE(keeper->ready());
}

// A leader that holds less than we do, though nobody asked it to cut anything.
TEST_F(KeeperSnap, WhatIsNewerThanItIsNotRemoved) {
  take(started(SyncKind::kSnap, 0x100000002, 0x100000001));
  take(learner::SnapshotBytes{Bytes(40, 0), Zxid(0x100000001), false});
  EXPECT_EQ(storage.log.front(), "install 0x100000001, the rest to zkprobe.replaced.100000002");
}

class KeeperTrunc : public test::KeeperTest {};

TEST_F(KeeperTrunc, TheTreeIsReadAgainBeforeAnythingElseIsTakenIn) {
  take(learner::Truncate{Zxid(0x100000001)});
  EXPECT_TRUE(keeper->blocked());
  take(started(SyncKind::kTrunc, 0x100000002, 0x100000001));
  take(learner::TakeSnapshot{});
  take(PersistEpoch{PersistEpoch::Which::kCurrent, PeerEpoch(2)});
  take(ack(0x200000000));
  EXPECT_EQ(storage.take_log(), Lines{"truncate 0x100000001"});
  complete();
  EXPECT_EQ(storage.take_log(), Lines{"load"});
  StorageDone loaded;
  loaded.last_zxid = Zxid(0x100000001);
  complete(StorageLane::kLog, loaded);
  EXPECT_FALSE(keeper->blocked());
  EXPECT_EQ(keeper->last_zxid(), Zxid(0x100000001));
  EXPECT_EQ(storage.take_log(),
            (Lines{"install 0x0", "chunk", "finish with digest of 0x0", "epoch current 0x2"}));
  EXPECT_EQ(take_sent(), Lines{});
  complete_all();
  EXPECT_EQ(take_sent(), Lines{"0x200000000"});
}

// The disk says that it is cut, and what is read then ends elsewhere.
TEST_F(KeeperTrunc, ADirectoryThatEndsElsewhereIsTheEnd) {
  take(learner::Truncate{Zxid(0x100000001)});
  complete();
  StorageDone loaded;
  loaded.last_zxid = Zxid(0x100000003);
  complete(StorageLane::kLog, loaded);
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_NE(failures[0].find("ends at 0x100000003 and not at 0x100000001"), std::string::npos);
}

class KeeperRefused : public test::KeeperTest {
 protected:
  // To the moment when the next link may begin.
  void refuse() {
    take(learner::Truncate{Zxid(0x100000001)});
    take(PersistEpoch{PersistEpoch::Which::kCurrent, PeerEpoch(2)});
    take(ack(0x200000000));
    StorageDone refused;
    refused.error = StorageError{StorageError::Kind::kRefused, "/d", 0, "no such zxid", 0};
    const Keeper::Outcome out = complete(StorageLane::kLog, refused);
    ASSERT_EQ(leaves.size(), 1u);
    ASSERT_EQ(out.notes.size(), 1u);
    EXPECT_TRUE(out.notes[0].starts_with("the leader's TRUNC cannot be done: /d: no such zxid"));
    take(learner::Leave{});
    StorageDone loaded;
    loaded.last_zxid = Zxid(0x100000002);
    complete(StorageLane::kLog, loaded);
    ASSERT_TRUE(keeper->ready());
    EXPECT_EQ(storage.take_log(), (Lines{"truncate 0x100000001", "load"}));
    EXPECT_EQ(take_sent(), Lines{});
  }
};

// What is on the disk judges candidates as before; the leader is told of nothing, until a snapshot
// of its own is there.
TEST_F(KeeperRefused, ATruncIsFollowedByASnapshot) {
  refuse();
  EXPECT_EQ(keeper->position().last_zxid, Zxid(0x100000002));
  EXPECT_EQ(keeper->claimed_zxid(), Zxid(0));
  const Bytes stream = zkprobe::test::read_golden("snapshot/file.3.9.6.hex");
  take(started(SyncKind::kSnap, 0, 0x100000001));
  take(
      learner::SnapshotBytes{Bytes(stream.begin(), stream.begin() + 40), Zxid(0x100000001), false});
  take(learner::Leave{});
  complete_all();
  EXPECT_EQ(keeper->claimed_zxid(), Zxid(0)) << "cut short";
  EXPECT_EQ(storage.log.front(), "install 0x100000001, the rest to zkprobe.replaced.100000002");
  take(started(SyncKind::kSnap, 0, 0x100000001));
  take(learner::SnapshotBytes{stream, Zxid(0x100000001), true});
  complete_all();
  EXPECT_EQ(keeper->claimed_zxid(), Zxid(0x100000001));
  EXPECT_TRUE(failures.empty());
}

// A leader that holds nothing has nothing to send.
TEST_F(KeeperRefused, WithoutASnapshotItIsTheEndAndNothingIsRemoved) {
  refuse();
  take(started(SyncKind::kDiff, 0, 0));
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_NE(failures[0].find("move dataDir and dataLogDir away"), std::string::npos);
  EXPECT_EQ(storage.take_log(), Lines{});
}

TEST_F(KeeperRefused, ASecondTruncIsTheEnd) {
  refuse();
  take(learner::Truncate{Zxid(0x100000001)});
  EXPECT_EQ(failures.size(), 1u);
  EXPECT_EQ(storage.take_log(), Lines{});
}

TEST_F(KeeperTrunc, AFailureIsTheEnd) {
  take(learner::Truncate{Zxid(0x100000001)});
  complete(StorageLane::kLog, failed_write());
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_FALSE(keeper->blocked());
  EXPECT_FALSE(keeper->ready());
}

class KeeperFailure : public test::KeeperTest {};

TEST_F(KeeperFailure, AtAnyWriteNothingIsAcknowledgedAnyMore) {
  propose(0x100000003, "/a");
  propose(0x100000004, "/b");
  complete(StorageLane::kLog, failed_write());
  EXPECT_EQ(failures, Lines{"/d/log.1 at byte 7: write: No space left"});
  complete(StorageLane::kLog, failed_write());
  propose(0x100000005, "/c");
  EXPECT_EQ(take_sent(), Lines{});
  EXPECT_EQ(failures.size(), 1u);
  EXPECT_EQ(storage.log_lane.size(), 0u);
}

TEST_F(KeeperFailure, AQueueThatIsFullIsOne) {
  storage.full = true;
  propose(0x100000003, "/a");
  EXPECT_EQ(failures.size(), 1u);
  EXPECT_EQ(take_sent(), Lines{});
}

TEST_F(KeeperFailure, ATransactionThatCannotBeAppliedIsOne) {
  wire::Txn txn = test::create_txn(0x100000003, "no-path");
  take(learner::TxnSeen{txn, true});
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_TRUE(failures.front().starts_with("transaction 0x100000003 cannot be applied"));
}

class KeeperSnapshots : public test::KeeperTest {
 protected:
  KeeperSnapshots() {
    Kept kept;
    kept.last_zxid = Zxid(0x100000002);
    kept.current_epoch = PeerEpoch(1);
    kept.has_snapshot = true;
    begin(std::move(kept), 10);
  }
  // Until a snapshot of its own is begun.
  std::int64_t write_until_due() {
    std::int64_t zxid = keeper->last_zxid().value;
    while (!keeper->writes_snapshot()) {
      ++zxid;
      const std::string path = "/n" + std::to_string(zxid);
      propose(zxid, path);
      if (!keeper->writes_snapshot()) commit(zxid, path);
    }
    return zxid;
  }
};

// SyncRequestProcessor: more than snapCount / 2, at most snapCount.
TEST_F(KeeperSnapshots, BeginBetweenHalfOfSnapCountAndSnapCount) {
  const std::int64_t zxid = write_until_due();
  const std::int64_t count = zxid - 0x100000002;
  EXPECT_GT(count, 5);
  EXPECT_LE(count, 10);
  const Lines log = storage.take_log();
  const std::string before = to_hex(Zxid(zxid - 1));
  // What is committed by then; the log goes on in a new file.
  EXPECT_EQ((Lines(log.end() - 4, log.end())),
            (Lines{"roll", "beside: snapshot " + before, "beside: chunk",
                   "beside: finish with digest of " + before}));
}

TEST_F(KeeperSnapshots, HoldUpNoAcknowledgement) {
  const std::int64_t zxid = write_until_due();
  while (!storage.log_lane.empty()) complete();
  EXPECT_EQ(take_sent().back(), to_hex(Zxid(zxid)));
  propose(zxid + 1, "/more");
  complete();
  EXPECT_EQ(take_sent().back(), to_hex(Zxid(zxid + 1)));
  while (storage.snapshot_lane.size() > 0) complete(StorageLane::kSnapshot);
  EXPECT_EQ(keeper->snapshots_written(), 1u);
  EXPECT_EQ(storage.log.back(), "beside: purge 3");
}

TEST_F(KeeperSnapshots, AreGivenUpWhereTheLeaderTruncates) {
  write_until_due();
  storage.take_log();
  take(learner::Leave{});
  take(learner::Truncate{Zxid(0x100000003)});
  EXPECT_TRUE(keeper->blocked());
  EXPECT_EQ(storage.take_log(), Lines{"beside: abort"});
  while (!storage.snapshot_lane.empty()) complete(StorageLane::kSnapshot);
  EXPECT_EQ(storage.take_log(), Lines{"truncate 0x100000003"});
}

// Its end removes every snapshot that is newer.
TEST_F(KeeperSnapshots, WaitUntilALeadersSnapshotIsInstalled) {
  const Bytes stream = zkprobe::test::read_golden("snapshot/file.3.9.6.hex");
  take(started(SyncKind::kSnap, 0x100000002, 0x200000010));
  take(learner::SnapshotBytes{stream, Zxid(0x200000010), true});
  for (std::int64_t zxid = 0x200000011; zxid < 0x200000030; ++zxid) propose(zxid, "/n");
  EXPECT_FALSE(keeper->writes_snapshot());
  complete_all();
  for (std::int64_t zxid = 0x200000030; zxid < 0x200000040; ++zxid) propose(zxid, "/n");
  EXPECT_TRUE(keeper->writes_snapshot());
}

TEST_F(KeeperSnapshots, GoToTheDiskInPartsAsItTakesThem) {
  storage.snapshot_bytes = 2'000'000;  // the disk is busy
  write_until_due();
  EXPECT_EQ(storage.snapshot_lane.size(), 1u);
  storage.snapshot_bytes = 0;
  complete(StorageLane::kSnapshot);
  EXPECT_EQ(storage.snapshot_lane.size(), 2u);
}

}  // namespace
}  // namespace zkprobe::peer
