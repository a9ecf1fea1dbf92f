// Standard output that never makes the loop wait. Records go out at once while the reader keeps
// up; then they queue up to a bound; then new ones are dropped and counted. A record is written
// whole or not at all.
//
// A pipe, a terminal and a socket are written without blocking, and without making the descriptor
// that other programs share non-blocking. A regular file is written directly.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "net/asio.hpp"

namespace zkprobe::net {

class OutputSink {
 public:
  struct Handlers {
    // A line for the log, without its end: records were dropped, or an error ended the output.
    // "3 records dropped: the reader of standard output is too slow"
    std::function<void(const std::string&)> report;
    // The reader is gone, or the output failed: nothing will be written any more. Called once,
    // from the loop, never from inside write().
    std::function<void()> closed;
  };
  // Bytes that wait for the reader at the most; one record may be longer if it waits alone.
  static constexpr std::size_t kMaxQueuedBytes = 1'048'576;
  // What finish() grants the reader.
  static constexpr Duration kFinishPatience = std::chrono::seconds(2);

  // `fd` stays the caller's. SIGPIPE must be ignored. `io` must outlive this.
  OutputSink(asio::io_context& io, int fd, Handlers handlers,
             std::size_t max_queued_bytes = kMaxQueuedBytes);
  ~OutputSink();
  OutputSink(const OutputSink&) = delete;
  OutputSink& operator=(const OutputSink&) = delete;

  // One record with its line end.
  void write(std::string record);
  // At the end of the program, after the loop: waits for the reader of what is queued, `patience`
  // at the most, and reports how many records were dropped in all. Only here may a record be cut.
  void finish(Duration patience = kFinishPatience);

  // From now on `closed` is called soon after the reader of a pipe or a terminal is gone, although
  // nothing is written. Keeps `io` at work until it is stopped.
  void watch_reader();

  bool closed() const { return closed_; }
  // The output failed, as on a full disk: what was written is not whole. A reader who left has seen
  // what he wanted, and one who is too slow is told: see dropped().
  bool lost() const { return lost_; }
  std::uint64_t dropped() const { return dropped_; }
  std::size_t queued_bytes() const { return queued_bytes_; }

 private:
  enum class Kind { kFile, kSocket, kStream };
  enum class Outcome { kAllWritten, kMustWait, kClosed };

  void open(int fd);
  Outcome flush();
  // Bytes written, 0 when the reader is not ready, -1 with errno on failure.
  long put(const char* data, std::size_t size);
  void wait_for_reader();
  void end_output(int error);
  void report_gap();

  asio::io_context& io_;
  Handlers handlers_;
  const std::size_t max_queued_bytes_;
  Kind kind_ = Kind::kFile;
  bool shared_ = false;  // could not be opened once more: a descriptor that may block
  int fd_ = -1;          // a regular file: the caller's descriptor
  std::optional<asio::posix::stream_descriptor> descriptor_;  // else: our own
  std::deque<std::string> queue_;
  std::size_t queued_bytes_ = 0;
  std::size_t sent_of_front_ = 0;
  bool waiting_ = false;
  bool closed_ = false;
  bool lost_ = false;
  std::uint64_t dropped_ = 0;
  std::uint64_t dropped_and_not_said_ = 0;
};

}  // namespace zkprobe::net
