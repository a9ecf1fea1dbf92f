#include "log.hpp"

#include <poll.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <mutex>
#include <string>

#include "output.hpp"

namespace zkprobe::tool {
namespace {

// A pipe that is ready for writing takes this much at once (PIPE_BUF on Linux).
constexpr std::size_t kChunk = 4096;

// Never waits: where the reader of standard error does not keep up, lines are dropped and counted.
class StandardErrorSink : public spdlog::sinks::base_sink<std::mutex> {
 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    // A line may quote what the network sent.
    const std::string text = printable({message.payload.data(), message.payload.size()});
    spdlog::details::log_msg safe = message;
    safe.payload = text;
    spdlog::memory_buf_t formatted;
    formatter_->format(safe, formatted);
    if (dropped_ > 0) {
      const std::string note = std::to_string(dropped_) + " log lines dropped\n";
      if (!put(note.data(), note.size())) {
        ++dropped_;
        return;
      }
      dropped_ = 0;
    }
    if (!put(formatted.data(), formatted.size())) ++dropped_;
  }
  void flush_() override {}

 private:
  static bool put(const char* data, std::size_t size) {
    while (size > 0) {
      pollfd ready{STDERR_FILENO, POLLOUT, 0};
      if (::poll(&ready, 1, 0) <= 0) return false;
      const ssize_t written = ::write(STDERR_FILENO, data, std::min(size, kChunk));
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return false;
      data += written;
      size -= static_cast<std::size_t>(written);
    }
    return true;
  }

  std::uint64_t dropped_ = 0;
};

}  // namespace

void set_up_log() {
  auto logger = std::make_shared<spdlog::logger>("zkprobe", std::make_shared<StandardErrorSink>());
  logger->set_formatter(std::make_unique<spdlog::pattern_formatter>(
      "%Y-%m-%dT%H:%M:%S.%fZ %l %v", spdlog::pattern_time_type::utc));
  logger->set_level(spdlog::level::warn);
  spdlog::set_default_logger(std::move(logger));
}

bool set_log_level(std::string_view name) {
  using spdlog::level::level_enum;
  level_enum level = level_enum::warn;
  if (name == "debug") {
    level = level_enum::debug;
  } else if (name == "info") {
    level = level_enum::info;
  } else if (name == "error") {
    level = level_enum::err;
  } else if (name == "off") {
    level = level_enum::off;
  } else if (name != "warn") {
    return false;
  }
  spdlog::set_level(level);
  return true;
}

}  // namespace zkprobe::tool
