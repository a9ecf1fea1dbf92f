#include "net/link_event.hpp"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <sstream>

namespace zkprobe::net {
namespace {

// What is logged while this lives.
class Log {
 public:
  explicit Log(spdlog::level::level_enum level) : before_(spdlog::default_logger()) {
    auto logger = std::make_shared<spdlog::logger>(
        "test", std::make_shared<spdlog::sinks::ostream_sink_st>(text_));
    logger->set_pattern("%l %v");
    logger->set_level(level);
    spdlog::set_default_logger(logger);
  }
  ~Log() { spdlog::set_default_logger(before_); }
  std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
  std::shared_ptr<spdlog::logger> before_;
};

const LinkEvent kRefused{Sid(3), LinkEvent::What::kRefuse, "no such host", "zk3:3888"};

TEST(LinkLog, ALineNamesOneselfTheOtherWhereAndWhy) {
  const Log log(spdlog::level::debug);
  LinkLog(Sid(5)).write(kRefused);
  LinkLog(Sid(5)).write({std::nullopt, LinkEvent::What::kAccept, "", ""});
  EXPECT_EQ(log.text(),
            "warning server 5: refuse 3 at zk3:3888: no such host\n"
            "debug server 5: accept\n");
}

TEST(LinkLog, ALinkClosedForGarbageIsAWarning) {
  const Log log(spdlog::level::warn);
  LinkLog(Sid(5)).write({Sid(3), LinkEvent::What::kClose, "closed by the peer", "zk3:3888"});
  LinkLog(Sid(5)).write({Sid(3), LinkEvent::What::kClose, "length -2", "zk3:3888", true});
  EXPECT_EQ(log.text(), "warning server 5: close 3 at zk3:3888: length -2\n");
}

TEST(LinkLog, WhatIsBelowTheLevelIsNotWritten) {
  const Log log(spdlog::level::warn);
  LinkLog lines(Sid(5));
  for (const auto what :
       {LinkEvent::What::kDial, LinkEvent::What::kAccept, LinkEvent::What::kOpen}) {
    lines.write({Sid(3), what, "", "zk3:3888"});
  }
  EXPECT_EQ(log.text(), "");
}

TEST(LinkLog, AFloodIsCutShort) {
  const Log log(spdlog::level::warn);
  LinkLog lines(Sid(5));
  for (int i = 0; i < 20'000; ++i) lines.write(kRefused);
  const std::string text = log.text();
  // A second may begin meanwhile, with a line that says what was left out.
  EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 30 * (LogBudget::kLinesPerSecond + 1));
}

}  // namespace
}  // namespace zkprobe::net
