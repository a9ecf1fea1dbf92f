// The commands of an embedded ensemble, the keyboard, and how it ends.
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <array>

#include "ensemble_run.hpp"

namespace zkprobe::tool {

using wire::ServerState;

// Waits until a read cannot block and then reads once: making standard input non-blocking would
// change it for the shell too. A background job is stopped for reading its terminal, so it does
// not.
void EnsembleRun::read_keyboard() {
  if (isatty(STDIN_FILENO) != 0 && tcgetpgrp(STDIN_FILENO) != getpgrp()) return;
  if (!keyboard_) {
    const int copy = dup(STDIN_FILENO);
    if (copy < 0) return;
    keyboard_.emplace(io_);
    net::error_code error;
    keyboard_->assign(copy, error);
    if (error) {  // a regular file cannot be waited for
      close(copy);
      return;
    }
  }
  keyboard_->async_wait(asio::posix::stream_descriptor::wait_read, [this](net::error_code aborted) {
    if (aborted || ended_) return;
    std::array<char, 4096> buffer{};
    const auto size = read(keyboard_->native_handle(), buffer.data(), buffer.size());
    if (size <= 0) return;
    typed_.append(buffer.data(), static_cast<std::size_t>(size));
    for (auto at = typed_.find('\n'); at != std::string::npos; at = typed_.find('\n')) {
      const std::string line = typed_.substr(0, at);
      typed_.erase(0, at + 1);
      enqueue(line);
    }
    if (typed_.size() > buffer.size()) typed_.clear();  // no command is that long
    if (!ended_) read_keyboard();
  });
}

void EnsembleRun::enqueue(const std::string& line) {
  const auto command = parse_command(line);
  if (!command) {
    complain(command.error());
    return;
  }
  if (!*command) return;
  commands_.push_back(**command);
  advance();
}

// Runs commands until one of them waits; called again whenever something changed.
void EnsembleRun::advance() {
  if (in_advance_) return;
  in_advance_ = true;
  command_timer_.cancel();
  while (!ended_ && !commands_.empty()) {
    const Command command = commands_.front();
    if (!execute(command)) break;
    commands_.pop_front();
    command_since_.reset();
  }
  in_advance_ = false;
  set_limit();
  const bool limited = options_.shared.run_for || options_.shared.until;
  if (!ended_ && scripted_ && commands_.empty() && !limited) end(verdict());
}

bool EnsembleRun::execute(const Command& command) {
  const auto wait_until = [this](Duration time) {
    command_timer_.expires_at(started_at_ + time);
    command_timer_.async_wait([this](net::error_code aborted) {
      if (!aborted) advance();
    });
    return false;
  };
  if (command.earliest && elapsed() < *command.earliest) return wait_until(*command.earliest);
  if (!command_since_) command_since_ = elapsed();
  switch (command.kind) {
    case Command::Kind::kWait:
      return elapsed() >= *command_since_ + command.time ||
             wait_until(*command_since_ + command.time);
    case Command::Kind::kWaitElected:
      if (elected()) return true;
      if (elapsed() < *command_since_ + options_.shared.timeout) {
        return wait_until(*command_since_ + options_.shared.timeout);
      }
      complain("no leader leads all members after " + to_string(options_.shared.timeout));
      if (scripted_) end(ExitCode::kUnreachable);
      return true;
    case Command::Kind::kKill:
    case Command::Kind::kStart:
      if (!kill_or_start(command) && scripted_) end(ExitCode::kDoesNotHold);
      return true;
    case Command::Kind::kStatus:
      show_status();
      return true;
    case Command::Kind::kQuit:
      end(verdict());
      return true;
  }
  return true;
}

bool EnsembleRun::kill_or_start(const Command& command) {
  Member* member = command.sid ? find(*command.sid) : leading();
  if (member == nullptr) {
    complain(command.sid ? "there is no server " + to_string(*command.sid) : "nobody leads");
    return false;
  }
  const bool running = member->driver != nullptr;
  if (command.kind == Command::Kind::kKill) {
    if (!running) {
      complain("server " + to_string(member->sid) + " does not run");
      return false;
    }
    kill_member(*member, "is killed");
    return true;
  }
  if (running) {
    complain("server " + to_string(member->sid) + " runs already");
    return false;
  }
  start_member(*member);
  told_elected_ = false;
  looking_since_ = elapsed();
  say(member, "starts");
  write_record(member, {{"event", "started"}});
  keep_folder();
  return true;
}

void EnsembleRun::complain(const std::string& text) { spdlog::error(text); }

// A state, an epoch or the set of running members changed.
void EnsembleRun::changed() {
  if (ended_) return;
  if (!told_elected_ && elected()) tell_elected();
  if (reached_limit()) {
    end(ExitCode::kHolds);
    return;
  }
  advance();
}

bool EnsembleRun::reached_limit() {
  const auto& until = options_.shared.until;
  if (!until || !commands_.empty()) return false;
  if (until->what != Until::What::kState) return elected();
  for (const Member& member : members_) {
    if (member.driver && member.driver->peer().state() == until->state) return true;
  }
  return false;
}

// --for counts from the start, --timeout bounds --until from the end of the script on.
void EnsembleRun::set_limit() {
  if (ended_) return;
  std::optional<Duration> end = options_.shared.run_for;
  if (options_.shared.until && commands_.empty()) {
    if (!until_end_) until_end_ = elapsed() + options_.shared.timeout;
    end = end ? std::min(*end, *until_end_) : *until_end_;
  }
  if (!end || end == limit_at_) return;
  limit_at_ = end;
  limit_timer_.expires_at(started_at_ + *limit_at_);
  limit_timer_.async_wait([this](net::error_code aborted) {
    if (!aborted) look_at_limits();
  });
}

// By a timer, and between the handlers of a busy loop.
void EnsembleRun::look_at_limits() {
  if (ended_) return;
  if (limit_at_ && elapsed() >= *limit_at_) {
    if (!options_.shared.until) return end(verdict());
    complain("not reached within " + to_string(*limit_at_) + ": " +
             until_text(*options_.shared.until));
    return end(ExitCode::kUnreachable);
  }
  if (!commands_.empty()) advance();
}

ExitCode EnsembleRun::verdict() { return elected() ? ExitCode::kHolds : ExitCode::kDoesNotHold; }

void EnsembleRun::end(ExitCode code) {
  if (ended_) return;
  ended_ = true;
  exit_code_ = code;
  for (Member& member : members_) {
    if (member.driver) member.driver->halt();
  }
  limit_timer_.cancel();
  command_timer_.cancel();
  if (keyboard_) {
    net::error_code ignored;
    keyboard_->close(ignored);
  }
  io_.stop();
}

}  // namespace zkprobe::tool
