#include "net/link_event.hpp"

#include <spdlog/spdlog.h>

#include <chrono>

namespace zkprobe::net {

std::string_view to_string(LinkEvent::What what) {
  switch (what) {
    case LinkEvent::What::kDial:
      return "dial";
    case LinkEvent::What::kAccept:
      return "accept";
    case LinkEvent::What::kOpen:
      return "open";
    case LinkEvent::What::kRefuse:
      return "refuse";
    case LinkEvent::What::kClose:
      return "close";
  }
  return "?";
}

namespace {

spdlog::level::level_enum level_of(const LinkEvent& event) {
  if (event.garbage) return spdlog::level::warn;
  switch (event.what) {
    case LinkEvent::What::kDial:
    case LinkEvent::What::kAccept:
      return spdlog::level::debug;
    case LinkEvent::What::kOpen:
    case LinkEvent::What::kClose:
      return spdlog::level::info;
    case LinkEvent::What::kRefuse:
      return spdlog::level::warn;
  }
  return spdlog::level::warn;
}

}  // namespace

void LinkLog::write(const LinkEvent& event) {
  const auto level = level_of(event);
  if (!spdlog::should_log(level) || !budget_.take(std::chrono::steady_clock::now())) return;
  const std::string self = "server " + to_string(self_) + ": ";
  if (const std::uint64_t left_out = budget_.left_out(); left_out > 0) {
    spdlog::warn("{}", self + std::to_string(left_out) + " lines about links were left out");
  }
  std::string line = self + std::string(to_string(event.what));
  if (event.peer) line += " " + to_string(*event.peer);
  if (!event.remote.empty()) line += " at " + event.remote;
  if (!event.why.empty()) line += ": " + event.why;
  spdlog::log(level, "{}", line);
}

}  // namespace zkprobe::net
