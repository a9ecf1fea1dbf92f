#include "folder_members.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <fstream>
#include <utility>

namespace zkprobe::tool {
namespace {

using conformance::Deed;

// What a program says on standard error, and how it ended.
struct Ended {
  int code = -1;
  std::string said;
};

std::string read_to_end(int pipe) {
  std::string text;
  std::array<char, 4096> buffer{};
  while (true) {
    const ssize_t size = ::read(pipe, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return text;
    if (text.size() < 65'536) text.append(buffer.data(), static_cast<std::size_t>(size));
  }
}

// Servers that the program starts must not keep our pipe open: the script gives them a log.
tl::expected<Ended, std::string> run_program(const std::vector<std::string>& words) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return tl::unexpected(std::string("no pipe"));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, pipe[1], 2);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t child = 0;
  const int error =
      ::posix_spawn(&child, words[0].c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(pipe[1]);
  Ended ended;
  if (error == 0) ended.said = read_to_end(pipe[0]);
  ::close(pipe[0]);
  if (error != 0) return tl::unexpected(words[0] + ": " + std::strerror(error));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) ended.code = WEXITSTATUS(status);
  return ended;
}

}  // namespace

bool is_running(const FolderServer& server) {
  return server.pid && server.started && process_start(*server.pid) == server.started;
}

std::vector<std::string> last_log_lines(const std::string& log, std::size_t count) {
  std::ifstream file(log, std::ios::binary);
  std::deque<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    if (line.find_first_not_of(" \t\r") == std::string::npos || line.starts_with("\tat ")) continue;
    lines.push_back(line.substr(0, 400));
    if (lines.size() > count) lines.pop_front();
  }
  return {lines.begin(), lines.end()};
}

std::optional<std::string> FolderMembers::why_not(const EnsembleFolder& folder) {
  if (folder.script.empty()) return folder.dir + " names no script that starts its servers";
  if (!folder.script.starts_with('/')) return folder.script + ": expected a script's whole path";
  // What they hold is run.
  for (const std::string& path : {folder.dir, folder.dir + "/ensemble.json", folder.script}) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) return path + ": cannot be read";
    const bool ours = found.st_uid == ::geteuid() || (path == folder.script && found.st_uid == 0);
    // A umask of 002 goes with a group of one's own.
    const bool groups = (found.st_mode & S_IWGRP) != 0 && found.st_gid != ::getegid();
    if (!ours || groups || (found.st_mode & S_IWOTH) != 0) {
      return path + ": others may have written it";
    }
  }
  return std::nullopt;
}

FolderMembers::FolderMembers(EnsembleFolder folder) : folder_(std::move(folder)) {
  for (const FolderServer& server : folder_.servers) {
    if (is_running(server)) ran_.insert(server.sid);
  }
}

void FolderMembers::restore() {
  if (!refresh()) return;
  for (const FolderServer& server : folder_.servers) {
    if (server.seat_free || is_running(server) || !ran_.contains(server.sid)) continue;
    (void)act(server.sid, Deed::kStart);
  }
}

std::vector<Sid> FolderMembers::voters() const {
  std::vector<Sid> sids;
  for (const FolderServer& server : folder_.servers) {
    if (!server.observer) sids.push_back(server.sid);
  }
  std::sort(sids.begin(), sids.end());
  return sids;
}

FolderMembers::Result FolderMembers::refresh() {
  auto folder = read_ensemble_folder(folder_.dir);
  if (!folder) return tl::unexpected(folder.error());
  if (auto why = why_not(*folder)) return tl::unexpected(*std::move(why));
  folder_ = *std::move(folder);
  return {};
}

FolderMembers::Result FolderMembers::script(const std::vector<std::string>& words) const {
  std::vector<std::string> all = {folder_.script};
  all.insert(all.end(), words.begin(), words.end());
  all.insert(all.end(), {"--dir", folder_.dir});
  const auto ended = run_program(all);
  if (!ended) return tl::unexpected(ended.error());
  if (ended->code == 0) return {};
  return tl::unexpected("zk-ensemble " + words[0] + ": " +
                        ended->said.substr(0, ended->said.find('\n')));
}

FolderMembers::Result FolderMembers::act(Sid member, Deed deed) {
  const std::string sid = to_string(member);
  switch (deed) {
    case Deed::kKill:
      return script({"kill", sid});
    case Deed::kStart:
      return script({"start", sid, "--no-wait"});
    case Deed::kSilence:
      return script({"pause", sid});
    case Deed::kWake:
      break;
  }
  return script({"resume", sid});
}

// A free seat is somebody else's: it is neither started nor ended here.
FolderMembers::Result FolderMembers::run_all() {
  if (auto read = refresh(); !read) return read;
  for (const FolderServer& server : folder_.servers) {
    if (server.seat_free || is_running(server)) continue;
    if (auto started = act(server.sid, Deed::kStart); !started) return started;
  }
  return {};
}

FolderMembers::Result FolderMembers::run_alone(Sid member) {
  if (auto read = refresh(); !read) return read;
  bool free = false;
  for (const FolderServer& server : folder_.servers) {
    if (server.sid == member) free = server.seat_free;
    if (!is_running(server) || server.seat_free) continue;
    if (auto killed = act(server.sid, Deed::kKill); !killed) return killed;
  }
  if (free) return {};
  return script({"start", to_string(member), "--no-wait", "--fresh"});
}

}  // namespace zkprobe::tool
