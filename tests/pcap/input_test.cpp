#include "pcap/input.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>

namespace zkprobe::pcap {
namespace {

struct Temporary {
  std::string path = testing::TempDir() + "zkprobe-input-" + std::to_string(::getpid());
  explicit Temporary(const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }
  ~Temporary() { std::remove(path.c_str()); }
};

std::string gzipped(const std::string& text) {
  std::string result(compressBound(text.size()) + 64, '\0');
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(result.data());
  stream.avail_out = static_cast<uInt>(result.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  result.resize(stream.total_out);
  deflateEnd(&stream);
  return result;
}

// Closes the file, as libpcap does. `ok` where it ended without an error.
std::string all_of(Input& input, bool& ok) {
  std::string result;
  char piece[1000];
  for (std::size_t got = 1; got > 0;) {
    got = std::fread(piece, 1, sizeof piece, input.file());
    result.append(piece, got);
  }
  ok = std::ferror(input.file()) == 0;
  std::fclose(input.file());
  return result;
}

std::string long_text() {
  std::string text;
  for (unsigned i = 0; text.size() < 500'000; ++i) text += std::to_string(i * i) + ",";
  return text;
}

TEST(Input, IsTheBytesOfAFile) {
  for (const std::string& text : {std::string(), std::string("x"), long_text()}) {
    for (const bool zipped : {false, true}) {
      Temporary file(zipped ? gzipped(text) : text);
      const auto input = Input::open(file.path);
      ASSERT_TRUE(input);
      EXPECT_FALSE(input->may_wait());
      bool ok = false;
      EXPECT_EQ(all_of(*input, ok), text);
      EXPECT_TRUE(ok) << input->error();
      EXPECT_EQ(input->error(), "");
    }
  }
}

TEST(Input, IsNothingWhereThereIsNoFile) {
  errno = 0;
  EXPECT_EQ(Input::open("/nowhere/x.pcap"), nullptr);
  EXPECT_EQ(errno, ENOENT);
}

TEST(Input, ReadsThroughAPipeWithoutWaitingForMore) {
  for (const bool zipped : {false, true}) {
    Temporary name("");
    std::remove(name.path.c_str());
    ASSERT_EQ(::mkfifo(name.path.c_str(), 0600), 0);
    const std::string text = "abcdef";
    // The writer stays until the reader has got all.
    std::FILE* writer = nullptr;
    std::thread opens([&] { writer = std::fopen(name.path.c_str(), "wb"); });
    const auto input = Input::open(name.path);
    opens.join();
    ASSERT_TRUE(input && writer != nullptr);
    EXPECT_TRUE(input->may_wait());
    const std::string bytes = zipped ? gzipped(text) : text;
    ASSERT_EQ(std::fwrite(bytes.data(), 1, bytes.size(), writer), bytes.size());
    std::fflush(writer);
    char got[6] = {};
    EXPECT_EQ(std::fread(got, 1, sizeof got, input->file()), sizeof got);
    EXPECT_EQ(std::string(got, sizeof got), text);
    std::fclose(writer);
    EXPECT_EQ(std::fgetc(input->file()), EOF);
    std::fclose(input->file());
  }
}

TEST(Input, TakesMembersOneAfterTheOther) {
  const std::string text = long_text();
  Temporary file(gzipped(text) + gzipped("") + gzipped("more") + std::string(5, '\0'));
  const auto input = Input::open(file.path);
  ASSERT_TRUE(input);
  bool ok = false;
  EXPECT_EQ(all_of(*input, ok), text + "more");
  EXPECT_TRUE(ok);
}

TEST(Input, GivesWhatComesBeforeTheDamage) {
  const std::string text = long_text();
  const std::string whole = gzipped(text);
  std::string bent = whole;
  bent[bent.size() - 6] ^= 0x55;
  for (const auto& [bytes, expected] :
       {std::pair{whole.substr(0, whole.size() - 9), "the gzip data ends too early"},
        std::pair{whole.substr(0, whole.size() / 2), "the gzip data ends too early"},
        std::pair{whole.substr(0, 2), "the gzip data ends too early"},
        std::pair{bent, "damaged gzip data: incorrect data check"},
        std::pair{std::string("\x1f\x8b\x99") + whole, "damaged gzip data: "}}) {
    Temporary file(bytes);
    const auto input = Input::open(file.path);
    ASSERT_TRUE(input);
    bool ok = true;
    const std::string got = all_of(*input, ok);
    EXPECT_FALSE(ok);
    EXPECT_EQ(got, text.substr(0, got.size()));
    EXPECT_EQ(input->error().substr(0, std::string(expected).size()), expected);
    if (bytes.size() > whole.size() - 10 && bytes[2] == whole[2]) {
      EXPECT_EQ(got.size(), text.size());
    }
  }
}

}  // namespace
}  // namespace zkprobe::pcap
