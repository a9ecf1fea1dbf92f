#include "store/byte_source.hpp"

#include "store/directory_fixture.hpp"

namespace zkprobe::store {
namespace {

class Source : public DirectoryFixture {
 protected:
  Stored<Bytes> read(const std::string& name) {
    auto source = open_source(disk, path(name));
    if (!source) return StorageFailure(source.error());
    Bytes all;
    while (true) {
      const auto chunk = (*source)->next();
      if (!chunk) return StorageFailure(chunk.error());
      if (chunk->empty()) break;
      all = joined(std::move(all), *chunk);
    }
    cut_short = (*source)->cut_short();
    return all;
  }
  bool cut_short = false;
};

Bytes varied(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * i >> 5);
  return bytes;
}

TEST(Compression, IsReadFromTheLastPartOfTheName) {
  EXPECT_EQ(compression_of("snapshot.1"), Compression::kNone);
  EXPECT_EQ(compression_of("snapshot.1.gz"), Compression::kGzip);
  EXPECT_EQ(compression_of("snapshot.1.GZ"), Compression::kGzip);
  EXPECT_EQ(compression_of("snapshot.1.snappy"), Compression::kSnappy);
  EXPECT_EQ(compression_of("snapshot.1.tmp"), Compression::kNone);
}

TEST_F(Source, PlainAndGzipGiveTheSameBytes) {
  for (const std::size_t size : {0u, 1u, 262'144u, 900'001u}) {
    const Bytes bytes = varied(size);
    put("snapshot.1", bytes);
    put("snapshot.2.gz", gzipped(bytes));
    EXPECT_EQ(read("snapshot.1"), bytes);
    EXPECT_EQ(read("snapshot.2.gz"), bytes);
    EXPECT_FALSE(cut_short);
  }
}

TEST_F(Source, GzipMembersFollowEachOther) {
  put("snapshot.1.gz", joined(gzipped(varied(1000)), gzipped(varied(500))));
  EXPECT_EQ(read("snapshot.1.gz"), joined(varied(1000), varied(500)));
  EXPECT_FALSE(cut_short);
}

TEST_F(Source, ACutGzipStreamIsSaid) {
  const Bytes whole = gzipped(varied(5000));
  for (std::size_t n = 0; n < whole.size(); n += 97) {
    put("snapshot.1.gz", BytesView(whole).first(n));
    ASSERT_TRUE(read("snapshot.1.gz"));
    EXPECT_TRUE(cut_short) << n;
  }
}

TEST_F(Source, ADamagedGzipStreamIsCorrupt) {
  Bytes bytes = gzipped(varied(5000));
  bytes[bytes.size() - 8] ^= 1;  // of the checksum
  put("snapshot.1.gz", bytes);
  const auto result = read("snapshot.1.gz");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, StorageError::Kind::kCorrupt);
  EXPECT_NE(result.error().text.find("gzip: incorrect data check"), std::string::npos);
}

TEST_F(Source, SnappyIsRefusedWithAWayOut) {
  put("snapshot.1.snappy", {});
  const auto result = read("snapshot.1.snappy");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, StorageError::Kind::kRefused);
}

}  // namespace
}  // namespace zkprobe::store
