// Standard output whose reader stops, goes on, or is gone.
#include "net/output_sink.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace zkprobe::net {
namespace {

struct Fd {
  int value = -1;
  explicit Fd(int fd = -1) : value(fd) {}
  ~Fd() { reset(); }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  void reset() {
    if (value >= 0) ::close(value);
    value = -1;
  }
};

struct Harness {
  asio::io_context io;
  std::vector<std::string> reports;
  int closed = 0;
  Fd read_end;
  Fd write_end;

  Harness() { std::signal(SIGPIPE, SIG_IGN); }

  OutputSink::Handlers handlers() {
    return {[this](const std::string& text) { reports.push_back(text); }, [this] { ++closed; }};
  }

  void open_pipe() {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    read_end.value = ends[0];
    write_end.value = ends[1];
    ASSERT_GT(::fcntl(write_end.value, F_SETPIPE_SZ, 4096), 0);
  }

  // Everything that is there now.
  std::string read_now() {
    std::string result;
    char buffer[4096];
    pollfd ready{read_end.value, POLLIN, 0};
    while (::poll(&ready, 1, 0) > 0) {
      const ssize_t n = ::read(read_end.value, buffer, sizeof buffer);
      if (n <= 0) break;
      result.append(buffer, static_cast<std::size_t>(n));
    }
    return result;
  }

  void poll() {
    io.restart();
    io.poll();
  }

  // Reads and lets the loop write until neither has anything to do.
  std::string read_all() {
    std::string result;
    for (std::string piece = read_now(); !piece.empty(); piece = read_now()) {
      result += piece;
      poll();
    }
    return result;
  }
};

std::string record(int number) {
  std::string text = std::to_string(number);
  text.resize(99, '.');
  return text + "\n";
}

TEST(OutputSink, WritesAtOnceWhileTheReaderKeepsUp) {
  Harness h;
  h.open_pipe();
  OutputSink sink(h.io, h.write_end.value, h.handlers());
  sink.write("one\n");
  sink.write("two\n");
  EXPECT_EQ(h.read_now(), "one\ntwo\n");
  EXPECT_EQ(sink.queued_bytes(), 0u);
}

TEST(OutputSink, DropsAndCountsWholeRecordsWhenTheReaderStops) {
  Harness h;
  h.open_pipe();
  OutputSink sink(h.io, h.write_end.value, h.handlers(), 1000);
  int written = 0;
  while (sink.dropped() == 0) sink.write(record(written++));
  sink.write(record(written++));
  EXPECT_EQ(sink.dropped(), 2u);
  EXPECT_LE(sink.queued_bytes(), 1000u);
  EXPECT_TRUE(h.reports.empty()) << "said when the gap ends";

  const std::string first = h.read_all();
  EXPECT_EQ(sink.queued_bytes(), 0u);
  sink.write("after\n");
  ASSERT_EQ(h.reports.size(), 1u);
  EXPECT_EQ(h.reports[0], "2 records dropped: the reader of standard output is too slow");

  std::string expected;
  for (int i = 0; i < written - 2; ++i) expected += record(i);
  EXPECT_EQ(first, expected);
  EXPECT_EQ(h.read_all(), "after\n");
  sink.finish();
  ASSERT_EQ(h.reports.size(), 2u);
  EXPECT_EQ(h.reports[1], "2 records dropped in all: the reader of standard output is too slow");
}

TEST(OutputSink, GoesOnDroppingUntilHalfOfTheQueueIsRead) {
  Harness h;
  h.open_pipe();
  OutputSink sink(h.io, h.write_end.value, h.handlers(), 40'000);
  int written = 0;
  while (sink.dropped() == 0) sink.write(record(written++));
  ASSERT_FALSE(h.read_now().empty());  // one pipe's worth: room in the queue, but less than half
  h.poll();
  EXPECT_LT(sink.queued_bytes(), 39'000u);
  sink.write(record(written++));
  EXPECT_EQ(sink.dropped(), 2u);
  h.read_all();
  sink.write(record(written++));
  EXPECT_EQ(sink.dropped(), 2u);
  EXPECT_EQ(h.reports.size(), 1u);
}

TEST(OutputSink, TakesARecordLongerThanTheBoundWhenItWaitsAlone) {
  Harness h;
  h.open_pipe();
  OutputSink sink(h.io, h.write_end.value, h.handlers(), 1000);
  const std::string longer(20'000, 'x');
  sink.write(longer);
  EXPECT_EQ(sink.dropped(), 0u);
  EXPECT_EQ(h.read_all(), longer);
}

TEST(OutputSink, AClosedPipeEndsQuietly) {
  Harness h;
  h.open_pipe();
  OutputSink sink(h.io, h.write_end.value, h.handlers());
  h.read_end.reset();
  sink.write("one\n");
  EXPECT_TRUE(sink.closed());
  EXPECT_EQ(h.closed, 0) << "never from inside write()";
  sink.write("two\n");
  h.poll();
  EXPECT_EQ(h.closed, 1);
  sink.finish();
  EXPECT_TRUE(h.reports.empty());
  EXPECT_FALSE(sink.lost());
}

TEST(OutputSink, AReaderThatLeavesWhileRecordsWaitEndsQuietly) {
  Harness h;
  h.open_pipe();
  OutputSink sink(h.io, h.write_end.value, h.handlers(), 1000);
  for (int i = 0; sink.queued_bytes() == 0; ++i) sink.write(record(i));
  h.read_end.reset();
  h.io.run_one();  // the reader's end wakes the wait
  h.poll();
  EXPECT_TRUE(sink.closed());
  EXPECT_EQ(h.closed, 1);
}

TEST(OutputSink, AReaderThatLeavesWhileNothingIsWrittenIsNoticed) {
  Harness h;
  h.open_pipe();
  OutputSink sink(h.io, h.write_end.value, h.handlers());
  sink.watch_reader();
  sink.write("one\n");
  h.poll();
  EXPECT_FALSE(sink.closed());
  h.read_end.reset();
  while (h.closed == 0) h.io.run_one();
  EXPECT_TRUE(sink.closed());
  EXPECT_FALSE(sink.lost());
  sink.finish();
  h.poll();
  EXPECT_EQ(h.closed, 1);
  EXPECT_TRUE(h.reports.empty());
}

TEST(OutputSink, AReaderWhoLeftBeforeIsNoticedToo) {
  Harness h;
  h.open_pipe();
  OutputSink sink(h.io, h.write_end.value, h.handlers());
  h.read_end.reset();
  sink.watch_reader();
  while (h.closed == 0) h.io.run_one();
  EXPECT_TRUE(sink.closed());
}

TEST(OutputSink, FinishGivesUpOnAReaderThatStaysAway) {
  Harness h;
  h.open_pipe();
  OutputSink sink(h.io, h.write_end.value, h.handlers(), 1000);
  for (int i = 0; sink.queued_bytes() < 300; ++i) sink.write(record(i));
  sink.finish(Duration(1000));
  EXPECT_GE(sink.dropped(), 3u);
  ASSERT_EQ(h.reports.size(), 1u);
  EXPECT_NE(h.reports[0].find("records dropped in all"), std::string::npos);
}

TEST(OutputSink, FinishWritesWhatWaits) {
  Harness h;
  h.open_pipe();
  OutputSink sink(h.io, h.write_end.value, h.handlers(), 1000);
  int written = 0;
  while (sink.queued_bytes() < 300) sink.write(record(written++));
  std::string got = h.read_now();
  sink.finish();
  got += h.read_now();
  std::string expected;
  for (int i = 0; i < written; ++i) expected += record(i);
  EXPECT_EQ(got, expected);
  EXPECT_EQ(sink.dropped(), 0u);
}

TEST(OutputSink, DoesNotMakeTheSharedDescriptorNonBlocking) {
  Harness h;
  h.open_pipe();
  OutputSink sink(h.io, h.write_end.value, h.handlers(), 1000);
  while (sink.dropped() == 0) sink.write(record(0));
  EXPECT_EQ(::fcntl(h.write_end.value, F_GETFL) & O_NONBLOCK, 0);
}

TEST(OutputSink, WritesARegularFileInOrderAndWhole) {
  Harness h;
  char name[] = "/tmp/output_sink_testXXXXXX";
  const Fd file(::mkstemp(name));
  ASSERT_GE(file.value, 0);
  ::unlink(name);
  OutputSink sink(h.io, file.value, h.handlers());
  const std::string big(3'000'000, 'x');
  sink.write("one\n");
  sink.write(big);
  EXPECT_EQ(sink.queued_bytes(), 0u);
  EXPECT_EQ(::lseek(file.value, 0, SEEK_END), 3'000'004);
}

TEST(OutputSink, AFullDeviceIsSaidOnce) {
  Harness h;
  const Fd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  ASSERT_GE(full.value, 0);
  OutputSink sink(h.io, full.value, h.handlers());
  sink.write("one\n");
  sink.write("two\n");
  h.poll();
  EXPECT_EQ(h.closed, 1);
  ASSERT_EQ(h.reports.size(), 1u);
  EXPECT_EQ(h.reports[0], "cannot write to standard output: No space left on device");
  EXPECT_TRUE(sink.lost());
}

TEST(OutputSink, ASocketWhoseReaderStopsCostsRecordsToo) {
  Harness h;
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  h.read_end.value = ends[0];
  h.write_end.value = ends[1];
  OutputSink sink(h.io, h.write_end.value, h.handlers(), 1000);
  int written = 0;
  while (sink.dropped() == 0) sink.write(record(written++));
  std::string expected;
  for (int i = 0; i < written - 1; ++i) expected += record(i);
  EXPECT_EQ(h.read_all(), expected);
}

TEST(OutputSink, ATerminalWhoseReaderStopsCostsRecordsToo) {
  Harness h;
  ASSERT_EQ(::openpty(&h.read_end.value, &h.write_end.value, nullptr, nullptr, nullptr), 0);
  OutputSink sink(h.io, h.write_end.value, h.handlers(), 1000);
  while (sink.dropped() == 0) sink.write(record(1));
  EXPECT_EQ(::fcntl(h.write_end.value, F_GETFL) & O_NONBLOCK, 0);
  EXPECT_FALSE(h.read_all().empty());
  EXPECT_LT(sink.queued_bytes(), 1000u);
}

}  // namespace
}  // namespace zkprobe::net
