#include "store/data_files.hpp"

#include "store/directory_fixture.hpp"

namespace zkprobe::store {
namespace {

TEST(DataFiles, AZxidIsReadFromTheNameAsJavaReadsIt) {
  const auto log = [](const std::string& name) { return zxid_of_name(name, FileKind::kLog); };
  EXPECT_EQ(log("log.100000001"), Zxid(0x100000001));
  EXPECT_EQ(log("log.A"), Zxid(10));
  EXPECT_EQ(log("log.1.gz"), Zxid(1));
  EXPECT_EQ(log("log.+1"), Zxid(1));
  EXPECT_EQ(log("log.-2"), Zxid(-2));
  EXPECT_EQ(log("log.7fffffffffffffff"), Zxid(0x7fffffffffffffff));
  for (const char* name : {"log", "log.", "log.x", "log.+-1", "log.-1", "log.8000000000000000",
                           "logs.1", "snapshot.1", "tmp.log.1", "Log.1", "log.0x1", "log. 1"}) {
    EXPECT_FALSE(log(name)) << name;
  }
  EXPECT_EQ(zxid_of_name("snapshot.0", FileKind::kSnapshot), Zxid(0));
  EXPECT_EQ(zxid_of_name("snapshot.5.tmp", FileKind::kSnapshot), Zxid(5));
}

TEST(DataFiles, NamesAreWrittenAsJavaWritesThem) {
  EXPECT_EQ(file_name(FileKind::kLog, Zxid(0x100000001)), "log.100000001");
  EXPECT_EQ(file_name(FileKind::kSnapshot, Zxid(0)), "snapshot.0");
}

TEST(DataFiles, AnUnfinishedNameIsNeitherToJava) {
  const std::string name = unfinished_name(FileKind::kSnapshot, Zxid(0x10));
  EXPECT_EQ(name, "tmp.snapshot.10");
  EXPECT_TRUE(is_unfinished_name(name));
  EXPECT_FALSE(zxid_of_name(name, FileKind::kSnapshot));
  EXPECT_FALSE(is_unfinished_name("tmp.snapshots"));
  EXPECT_FALSE(is_unfinished_name("snapshot.10"));
}

class ListFiles : public DirectoryFixture {};

TEST_F(ListFiles, AreOrderedByZxidAndNotByName) {
  for (const char* name : {"log.10", "log.9", "log.a", "snapshot.3", "acceptedEpoch"}) {
    put(name, {});
  }
  const auto logs = list_files(disk, paths.logs(), FileKind::kLog);
  ASSERT_TRUE(logs);
  EXPECT_EQ(*logs,
            (std::vector<DataFile>{
                {path("log.9"), Zxid(9)}, {path("log.a"), Zxid(10)}, {path("log.10"), Zxid(16)}}));
  EXPECT_FALSE(list_files(disk, path("none"), FileKind::kLog));
}

TEST(DataFiles, TheLogsAfterASnapshotBeginWithTheLastOneBeforeIt) {
  const std::vector<DataFile> logs{{"a", Zxid(1)}, {"b", Zxid(5)}, {"c", Zxid(9)}};
  const auto first = [&logs](std::int64_t zxid) {
    return logs_after(logs, Zxid(zxid)).front().path;
  };
  EXPECT_EQ(first(0), "a");
  EXPECT_EQ(first(4), "a");
  EXPECT_EQ(first(5), "b");
  EXPECT_EQ(first(8), "b");
  EXPECT_EQ(first(100), "c");
  EXPECT_EQ(logs_after(logs, Zxid(5)).size(), 2u);
}

TEST(DataFiles, ALongIsTheFirstLineWithoutAnythingElse) {
  EXPECT_EQ(parse_long_line("42"), 42);
  EXPECT_EQ(parse_long_line("-1\nrest"), -1);
  EXPECT_EQ(parse_long_line("+7\r\n"), 7);
  for (const char* text : {"", "\n1", " 1", "1 ", "0x1", "+-1", "9223372036854775808"}) {
    EXPECT_FALSE(parse_long_line(text)) << text;
  }
}

}  // namespace
}  // namespace zkprobe::store
