#include "pcap/record_reader.hpp"

#include <gtest/gtest.h>
#include <pcap/pcap.h>
#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "pcap/pcap_file.hpp"
#include "support/fixtures.hpp"

namespace zkprobe::pcap {
namespace {

// A capture in this machine's order of bytes, or in the other one.
class File {
 public:
  explicit File(std::uint32_t magic = 0xa1b2c3d4, std::uint32_t snap_length = 262'144,
                bool other_order = false)
      : other_order_(other_order) {
    number(magic);
    version(2);
    version(4);
    number(0);
    number(0);
    number(snap_length);
    number(1);
  }
  void record(std::uint32_t seconds, std::uint32_t fraction, std::uint32_t wire,
              const std::string& kept) {
    head(seconds, fraction, static_cast<std::uint32_t>(kept.size()), wire);
    bytes += kept;
  }
  void head(std::uint32_t seconds, std::uint32_t fraction, std::uint32_t kept, std::uint32_t wire) {
    for (const std::uint32_t value : {seconds, fraction, kept, wire}) number(value);
  }

  std::string bytes;

 private:
  void number(std::uint32_t value) { add(&value, sizeof value); }
  void version(std::uint16_t value) { add(&value, sizeof value); }
  void add(const void* value, std::size_t size) {
    std::string text(static_cast<const char*>(value), size);
    if (other_order_) std::reverse(text.begin(), text.end());
    bytes += text;
  }
  bool other_order_;
};

struct Temporary {
  std::string path = testing::TempDir() + "zkprobe-records-" +
                     std::to_string(::testing::UnitTest::GetInstance()->random_seed()) +
                     ::testing::UnitTest::GetInstance()->current_test_info()->name();
  explicit Temporary(const std::string& bytes, bool gzip = false) {
    if (!gzip) {
      std::ofstream(path, std::ios::binary) << bytes;
      return;
    }
    const gzFile file = gzopen(path.c_str(), "wb1");
    gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
    gzclose(file);
  }
  ~Temporary() { std::remove(path.c_str()); }
};

// One line for each packet and one for how it ended.
std::vector<std::string> told_by(tl::expected<PcapFile, std::string> file,
                                 const std::string& path = "memory") {
  std::vector<std::string> lines;
  if (!file) return {file.error()};
  capture::Packet packet;
  while (file->next(packet) == PcapFile::Next::kPacket) {
    lines.push_back(std::to_string(packet.number) + " " + std::to_string(packet.time.count()) +
                    " " + std::to_string(packet.wire_length) + " " + to_text(packet.bytes));
  }
  std::string end = file->error();
  if (const std::size_t at = end.find(path); at == 0) end.erase(0, path.size());
  lines.push_back("end " + end);
  return lines;
}

// What libpcap says alone: gzip stands between the file and it.
std::vector<std::string> told_by_libpcap(const std::string& bytes) {
  Temporary gzipped(bytes, true);
  return told_by(PcapFile::open(gzipped.path), gzipped.path);
}

void expect_same(const std::string& bytes) {
  const std::vector<std::string> wanted = told_by_libpcap(bytes);
  EXPECT_EQ(told_by(PcapFile::from_memory(as_bytes(bytes))), wanted);
  Temporary file(bytes);
  EXPECT_EQ(told_by(PcapFile::open(file.path), file.path), wanted);
}

// How many packets of a file are read without libpcap.
std::size_t plain_records(const std::string& path) {
  char error[PCAP_ERRBUF_SIZE];
  ::pcap* const opened =
      pcap_open_offline_with_tstamp_precision(path.c_str(), PCAP_TSTAMP_PRECISION_NANO, error);
  if (opened == nullptr) return 0;
  std::size_t count = 0;
  if (auto reader = RecordReader::of_file(opened)) {
    capture::Packet packet;
    while (reader->next(packet)) ++count;
  }
  pcap_close(opened);
  return count;
}

TEST(RecordReader, ReadsAWholeCaptureByItself) {
  const std::string path = test::fixture_path("pcap/3.9.3-f-reconfig.pcap");
  EXPECT_EQ(plain_records(path) + 1, told_by(PcapFile::open(path)).size());
}

TEST(RecordReader, LeavesTheOtherByteOrderToLibpcap) {
  for (const bool other_order : {false, true}) {
    File file(0xa1b2c3d4, 262'144, other_order);
    file.record(1, 2, 3, "abc");
    Temporary written(file.bytes);
    EXPECT_EQ(plain_records(written.path), other_order ? 0U : 1U);
    expect_same(file.bytes);
  }
}

// Records of every length, so that one of them is cut by the end of a piece at each of its bytes.
TEST(RecordReader, RecordsMayCrossTheEndsOfPieces) {
  File file;
  std::size_t size = 0;
  for (std::uint32_t i = 0; file.bytes.size() < 40 * RecordReader::kPiece; ++i) {
    size = (size + 7'919) % 1'501;
    file.record(1'700'000'000 + i, i % 1'000'000, static_cast<std::uint32_t>(size) + i % 3,
                std::string(size, static_cast<char>('a' + i % 26)));
  }
  expect_same(file.bytes);
  Temporary written(file.bytes);
  EXPECT_GT(plain_records(written.path), 6'000U);
}

TEST(RecordReader, KnowsMicrosecondsAndNanoseconds) {
  for (const std::uint32_t magic : {0xa1b2c3d4U, 0xa1b23c4dU}) {
    File file(magic);
    file.record(1'700'000'000, 999'999, 60, "abc");
    file.record(2'147'483'647, 0, 2, "the length on the wire is too small");
    expect_same(file.bytes);
  }
}

// What libpcap makes of such numbers is its matter; after one of them it goes on alone.
TEST(RecordReader, NumbersThatNeedJudgementAreLibpcaps) {
  struct Odd {
    std::uint32_t seconds, fraction;
  };
  for (const Odd& odd :
       {Odd{0x80000000, 0}, Odd{0xffffffff, 5}, Odd{1, 1'000'000}, Odd{1, 0xffffffff}}) {
    File file;
    file.record(1, 1, 3, "one");
    file.record(odd.seconds, odd.fraction, 3, "odd");
    file.record(3, 3, 5, "three");
    expect_same(file.bytes);
  }
}

TEST(RecordReader, LengthsBeyondTheHeadersAreLibpcaps) {
  File file(0xa1b2c3d4, 64);
  file.record(1, 1, 64, std::string(64, 'a'));
  file.record(2, 1, 65, std::string(65, 'b'));
  file.record(3, 1, 4'000, std::string(4'000, 'c'));
  file.record(4, 1, 3, "end");
  expect_same(file.bytes);
  File hostile;
  hostile.record(1, 1, 3, "one");
  hostile.head(2, 1, 0xffffffff, 0xffffffff);
  hostile.bytes += "two";
  expect_same(hostile.bytes);
}

TEST(RecordReader, ARecordLongerThanAPieceIsLibpcaps) {
  File file;
  file.record(1, 1, 3, "one");
  file.record(2, 1, 200'000, std::string(200'000, 'x'));
  file.record(3, 1, 5, "three");
  expect_same(file.bytes);
}

TEST(RecordReader, AFileMayEndAnywhere) {
  File file;
  file.record(1, 1, 3, "one");
  file.record(2, 1, 3, "two");
  for (std::size_t size = 24; size <= file.bytes.size(); ++size) {
    expect_same(file.bytes.substr(0, size));
  }
}

}  // namespace
}  // namespace zkprobe::pcap
