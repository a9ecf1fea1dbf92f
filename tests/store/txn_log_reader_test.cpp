#include "store/txn_log_reader.hpp"

#include "store/directory_fixture.hpp"

namespace zkprobe::store {
namespace {

TEST(Follows, TheNextCounterOrTheFirstOfANewerEpoch) {
  EXPECT_TRUE(follows(zx(1, 1), zx(1, 2)));
  EXPECT_TRUE(follows(zx(1, 7), zx(3, 1)));
  EXPECT_TRUE(follows(zx(2, 0), zx(2, 1)));  // a snapshot taken by a new leader
  EXPECT_TRUE(follows(Zxid(0), zx(4, 1)));
  EXPECT_TRUE(follows(Zxid(-1), zx(4, 1)));
  EXPECT_FALSE(follows(zx(1, 1), zx(1, 3)));
  EXPECT_FALSE(follows(zx(1, 1), zx(1, 1)));
  EXPECT_FALSE(follows(zx(2, 1), zx(1, 2)));
  EXPECT_FALSE(follows(zx(1, 7), zx(2, 2)));
  EXPECT_FALSE(follows(Zxid(0), zx(1, 2)));
}

class TxnLog : public DirectoryFixture {
 protected:
  // The zxids after `after`, or the error.
  Stored<std::vector<Zxid>> read(Zxid after, bool refuse_gaps = true) {
    auto reader = TxnLogReader::open(disk, paths.logs(), after, {.refuse_gaps = refuse_gaps});
    if (!reader) return StorageFailure(reader.error());
    std::vector<Zxid> zxids;
    while (true) {
      const auto entry = reader->next();
      if (!entry) return StorageFailure(entry.error());
      if (!*entry) break;
      zxids.push_back((*entry)->zxid);
    }
    notes = reader->notes();
    return zxids;
  }
  std::vector<std::string> notes;
};

TEST_F(TxnLog, IsReadOverSeveralFilesFromAnyZxid) {
  put("log.100000001", log_bytes({zx(1, 1), zx(1, 2)}, 50));
  put("log.100000003", log_bytes({zx(1, 3)}));
  put("log.200000001", log_bytes({zx(2, 1), zx(2, 2)}, 9000));
  EXPECT_EQ(read(Zxid(0)), (std::vector<Zxid>{zx(1, 1), zx(1, 2), zx(1, 3), zx(2, 1), zx(2, 2)}));
  EXPECT_EQ(read(zx(1, 2)), (std::vector<Zxid>{zx(1, 3), zx(2, 1), zx(2, 2)}));
  EXPECT_EQ(read(zx(2, 1)), (std::vector<Zxid>{zx(2, 2)}));
  EXPECT_EQ(read(zx(2, 2)), std::vector<Zxid>());
  EXPECT_TRUE(notes.empty());
}

TEST_F(TxnLog, ATornEndThatTheNextFileContinuesIsNoted) {
  const Bytes whole = log_bytes({zx(1, 1), zx(1, 2)});
  put("log.100000001", BytesView(whole).first(whole.size() - 1));
  put("log.100000002", log_bytes({zx(1, 2)}));
  EXPECT_EQ(read(Zxid(0)), (std::vector<Zxid>{zx(1, 1), zx(1, 2)}));
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].find("log.100000001 at byte "), std::string::npos);
}

TEST_F(TxnLog, ATornEndThatIsNotContinuedIsRefused) {
  const Bytes whole = log_bytes({zx(1, 1), zx(1, 2)});
  put("log.100000001", BytesView(whole).first(whole.size() - 1));
  put("log.100000003", log_bytes({zx(1, 3)}));
  const auto result = read(Zxid(0));
  ASSERT_FALSE(result);
  EXPECT_EQ(to_string(result.error()),
            path("log.100000003") +
                " at byte 16: zxid: expected the one after 0x100000001, found 0x100000003: "
                "transactions are missing or repeated");
}

TEST_F(TxnLog, GapsAreRefusedOrNoted) {
  for (const auto& zxids :
       std::vector<std::vector<Zxid>>{{zx(1, 1), zx(1, 3)}, {zx(2, 1), zx(1, 2)}, {zx(1, 2)}}) {
    put("log.1", log_bytes(zxids));
    EXPECT_FALSE(read(Zxid(0)));
    EXPECT_EQ(read(Zxid(0), false), zxids);
    EXPECT_EQ(notes.size(), 1u);
  }
}

// As a 3.5.10 server that was restarted wrote it.
TEST_F(TxnLog, RepeatsArePassedOver) {
  put("log.1", log_bytes({zx(1, 1), zx(1, 2), zx(1, 3), zx(1, 2), zx(1, 3), zx(1, 4)}));
  EXPECT_EQ(read(Zxid(0)), (std::vector<Zxid>{zx(1, 1), zx(1, 2), zx(1, 3), zx(1, 4)}));
  EXPECT_EQ(notes.size(), 1u);
}

// As 3.8.7 writes it where a leader goes between NEWLEADER and UPTODATE, the next one too.
TEST_F(TxnLog, RepeatsOfSeveralEpochsArePassedOver) {
  put("log.1", log_bytes({zx(1, 1), zx(1, 2), zx(2, 1), zx(2, 2), zx(1, 2), zx(2, 1), zx(1, 2),
                          zx(2, 1), zx(2, 2), zx(4, 1)}));
  EXPECT_EQ(read(Zxid(0)), (std::vector<Zxid>{zx(1, 1), zx(1, 2), zx(2, 1), zx(2, 2), zx(4, 1)}));
  EXPECT_EQ(notes.size(), 1u);
  EXPECT_EQ(read(zx(2, 1)), (std::vector<Zxid>{zx(2, 2), zx(4, 1)}));
}

TEST_F(TxnLog, WhatWasNeverThereIsNoRepeat) {
  put("log.1", log_bytes({zx(1, 1), zx(1, 2), zx(2, 1), zx(1, 3)}));
  EXPECT_FALSE(read(Zxid(0)));
  put("log.1", log_bytes({zx(1, 1), zx(1, 2), zx(3, 1), zx(2, 1)}));
  EXPECT_FALSE(read(Zxid(0)));
}

TEST_F(TxnLog, WithoutFilesIsEmpty) { EXPECT_EQ(read(Zxid(0)), std::vector<Zxid>()); }

}  // namespace
}  // namespace zkprobe::store
