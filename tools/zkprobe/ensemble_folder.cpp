#include "ensemble_folder.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "output.hpp"
#include "wire/ip_literal.hpp"

namespace zkprobe::tool {
namespace {

namespace fs = std::filesystem;

std::string file_of(const std::string& dir) { return (fs::path(dir) / "ensemble.json").string(); }

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

bool is_loopback(const std::string& host) {
  if (const auto v4 = wire::parse_ipv4(host)) return (*v4)[0] == 127;
  return wire::java_host_text(host) == "0:0:0:0:0:0:0:1";
}

std::optional<FolderServer> read_server(const nlohmann::json& record) {
  FolderServer server;
  server.sid = Sid(record.at("sid").get<std::int64_t>());
  if (record.at("pid").is_number()) server.pid = record.at("pid").get<std::int64_t>();
  if (record.at("pid_start").is_number()) {
    server.started = record.at("pid_start").get<std::int64_t>();
  }
  server.election = wire::parse_host_port(record.at("election").get<std::string>());
  server.learner = wire::parse_host_port(record.at("quorum").get<std::string>());
  server.log = record.value("log", "");
  const auto client = record.find("client");
  if (client != record.end() && client->is_string()) server.client = client->get<std::string>();
  server.observer = record.value("observer", false);
  server.seat_free = record.value("seat_free", false);
  std::vector<std::string> texts;
  for (const char* key : {"election", "quorum"}) {
    texts.push_back(record.at(key).get<std::string>());
    const auto all = record.find(std::string(key) + "_all");
    if (all == record.end()) continue;
    for (const auto& text : *all) texts.push_back(text.get<std::string>());
  }
  for (const std::string& text : texts) {
    const auto address = wire::parse_host_port(text);
    if (!address) return std::nullopt;
    server.addresses.push_back({wire::java_host_text(address->host), address->port});
  }
  return server;
}

// The inodes of the sockets that listen on this port, in /proc/net/tcp or tcp6:
//   sl local_address rem_address st ... inode at the tenth place; st 0A is LISTEN
std::set<std::string> listening_inodes(const char* table, std::uint16_t port) {
  std::set<std::string> inodes;
  std::ifstream lines(table);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream text(line);
    const std::vector<std::string> fields{std::istream_iterator<std::string>(text), {}};
    if (fields.size() < 10 || fields[3] != "0A") continue;
    const std::string& local = fields[1];
    const std::size_t colon = local.rfind(':');
    if (colon == std::string::npos) continue;
    std::uint16_t found = 0;
    std::from_chars(local.data() + colon + 1, local.data() + local.size(), found, 16);
    if (found == port) inodes.insert("socket:[" + fields[9] + "]");
  }
  return inodes;
}

bool holds_one_of(std::int64_t pid, const std::set<std::string>& sockets) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc/" + std::to_string(pid) + "/fd", error)) {
    const fs::path target = fs::read_symlink(entry.path(), error);
    if (!error && sockets.contains(target.string())) return true;
  }
  return false;
}

// Every socket that listens on the port, of either family: a wildcard one counts for loopback too.
std::optional<std::string> why_port_not_ours(const FolderServer& server,
                                             const wire::HostPort& address) {
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    for (const std::string& socket : listening_inodes(table, address.port)) {
      const bool alive =
          server.pid && server.started && process_start(*server.pid) == server.started;
      if (alive && holds_one_of(*server.pid, {socket})) continue;
      // A leader that steps down closes its learner port, perhaps between our two looks.
      if (!listening_inodes(table, address.port).contains(socket)) continue;
      return "the listener of " + wire::to_string(address) +
             " does not belong to the process that the folder records for server " +
             to_string(server.sid);
    }
  }
  return std::nullopt;
}

}  // namespace

tl::expected<EnsembleFolder, std::string> read_ensemble_folder(const std::string& dir) {
  const std::string file = file_of(dir);
  const auto text = read_file(file);
  if (!text) return tl::unexpected(file + ": cannot be read, expected an ensemble's folder");
  const auto wrong = tl::unexpected(
      file + ": expected what scripts/zk-ensemble or 'zkprobe ensemble --dir' writes");
  EnsembleFolder folder;
  folder.dir = dir;
  try {
    const auto json = nlohmann::json::parse(*text);
    const std::string tool = json.at("tool").get<std::string>();
    if (tool != "zk-ensemble" && tool != "zkprobe-ensemble") return wrong;
    folder.script = json.value("script", "");
    folder.embedded = tool == "zkprobe-ensemble";
    for (const auto& record : json.at("servers")) {
      auto server = read_server(record);
      if (!server) return wrong;
      folder.servers.push_back(std::move(*server));
    }
  } catch (const nlohmann::json::exception&) {
    return wrong;
  }
  return folder;
}

tl::expected<void, std::string> write_ensemble_folder(const EnsembleFolder& folder) {
  Json json = {{"tool", "zkprobe-ensemble"}, {"dir", folder.dir}, {"servers", Json::array()}};
  for (const FolderServer& server : folder.servers) {
    json["servers"].push_back(
        {{"sid", server.sid.value},
         {"pid", server.pid ? Json(*server.pid) : Json(nullptr)},
         {"pid_start", server.started ? Json(*server.started) : Json(nullptr)},
         {"election", wire::to_string(server.addresses.at(0))},
         {"quorum", wire::to_string(server.addresses.at(1))},
         {"client", server.client ? Json(*server.client) : Json(nullptr)}});
  }
  std::error_code error;
  fs::create_directories(folder.dir, error);
  const std::string file = file_of(folder.dir);
  const std::string fresh = file + ".new";
  {
    std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
    out << json.dump(1) << "\n";
    out.close();
    if (!out) return tl::unexpected(fresh + ": cannot be written");
  }
  fs::rename(fresh, file, error);
  if (error) return tl::unexpected(file + ": " + error.message());
  return {};
}

void remove_ensemble_file(const std::string& dir) {
  std::error_code error;
  fs::remove(file_of(dir), error);
}

std::optional<std::int64_t> process_start(std::int64_t pid) {
  const auto text = read_file("/proc/" + std::to_string(pid) + "/stat");
  if (!text) return std::nullopt;
  // The name in parentheses may hold anything; the third field follows it.
  const std::size_t name_end = text->rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream rest(text->substr(name_end + 1));
  const std::vector<std::string> fields{std::istream_iterator<std::string>(rest), {}};
  if (fields.size() < 20) return std::nullopt;
  // Ended, and not yet waited for by its parent: it holds nothing any more.
  if (fields[0] == "Z" || fields[0] == "X") return std::nullopt;
  std::int64_t started = 0;
  const std::string& field = fields[19];
  std::from_chars(field.data(), field.data() + field.size(), started);
  return started;
}

std::optional<std::string> why_not_ours(const EnsembleFolder& folder,
                                        const wire::QuorumConfig& members, Sid self) {
  for (const wire::QuorumServer& member : members.servers) {
    const auto recorded =
        std::find_if(folder.servers.begin(), folder.servers.end(),
                     [&member](const FolderServer& server) { return server.sid == member.sid; });
    for (const wire::ServerAddress& address : member.addresses) {
      for (const std::uint16_t port : {address.election_port, address.quorum_port}) {
        const wire::HostPort target{address.host, port};
        if (!is_loopback(target.host)) {
          return wire::to_string(target) + " of server " + to_string(member.sid) +
                 " is not a loopback address";
        }
        if (recorded == folder.servers.end() ||
            std::find(recorded->addresses.begin(), recorded->addresses.end(), target) ==
                recorded->addresses.end()) {
          return folder.dir + " does not record " + wire::to_string(target) + " for server " +
                 to_string(member.sid);
        }
        if (member.sid == self) continue;
        if (auto why = why_port_not_ours(*recorded, target)) return why;
      }
    }
  }
  return std::nullopt;
}

tl::expected<Sid, std::string> server_at(const EnsembleFolder& folder,
                                         const wire::HostPort& address) {
  const wire::HostPort wanted{wire::java_host_text(address.host), address.port};
  if (!is_loopback(address.host)) {
    return tl::unexpected(wire::to_string(address) + " is not a loopback address");
  }
  for (const FolderServer& server : folder.servers) {
    const auto& all = server.addresses;
    if (std::find(all.begin(), all.end(), wanted) == all.end()) continue;
    if (auto why = why_port_not_ours(server, wanted)) return tl::unexpected(*std::move(why));
    return server.sid;
  }
  return tl::unexpected(folder.dir + " does not record " + wire::to_string(address));
}

}  // namespace zkprobe::tool
