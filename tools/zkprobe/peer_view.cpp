#include "peer_view.hpp"

#include <array>

namespace zkprobe::tool {
namespace {

// The version of the configuration in a vote; null where it has none that can be read. Members hold
// the same text: it is parsed when it differs from the last one.
Json config_version(const wire::Notification& notification) {
  if (!notification.config || notification.config->empty()) return nullptr;
  thread_local std::pair<std::string, Json> last;
  if (*notification.config != last.first) {
    const auto config = wire::parse_quorum_config(*notification.config);
    last = {*notification.config, config ? Json(to_hex(config->version)) : Json(nullptr)};
  }
  return last.second;
}

std::string kind_name(peer::Report::Kind kind) {
  using Kind = peer::Report::Kind;
  switch (kind) {
    case Kind::kRound:
      return "round";
    case Kind::kProposal:
      return "proposal";
    case Kind::kAnswer:
      return "answer";
    case Kind::kIgnored:
      return "ignored";
    case Kind::kQuorum:
      return "quorum";
    case Kind::kDecided:
      return "decided";
    case Kind::kDeclined:
      return "declined";
    case Kind::kConfig:
      return "config";
    case Kind::kBytes:
      return "bytes";
  }
  return "";
}

struct Record {
  Json operator()(const peer::StateChanged& changed) const {
    return {{"event", "state"},
            {"from", wire::to_string(changed.from)},
            {"to", wire::to_string(changed.to)},
            {"leader", changed.leader ? Json(changed.leader->value) : Json(nullptr)},
            {"election_epoch", to_hex(changed.round)},
            {"peer_epoch", to_hex(changed.peer_epoch)},
            {"why", changed.why}};
  }
  Json operator()(const peer::Established& established) const {
    return {{"event", "epoch"},
            {"leader", established.leader.value},
            {"peer_epoch", to_hex(established.epoch)}};
  }
  Json operator()(const net::LinkEvent& link) const {
    return {{"event", "link"},
            {"peer", link.peer ? Json(link.peer->value) : Json(nullptr)},
            {"what", net::to_string(link.what)},
            {"why", link.why},
            {"remote", link.remote}};
  }
  Json operator()(const net::NotificationEvent& event) const {
    const wire::Notification& notification = event.notification;
    const bool in = event.direction == net::NotificationEvent::Direction::kIn;
    return {{"event", "notification"},
            {"dir", in ? "in" : "out"},
            {"peer", event.peer.value},
            {"state", wire::to_string(notification.state)},
            {"leader", notification.leader.value},
            {"zxid", to_hex(notification.zxid)},
            {"election_epoch", to_hex(notification.election_epoch)},
            {"peer_epoch", to_hex(notification.peer_epoch)},
            {"version", notification.version},
            {"config_version", config_version(notification)}};
  }
  Json operator()(const peer::Report& report) const {
    return {{"event", "report"},
            {"kind", kind_name(report.kind)},
            {"about", report.about.value},
            {"text", report.text}};
  }
  Json operator()(const net::ConfigEvent& event) const {
    return {{"event", "config"},
            {"config_version", to_hex(event.config.version)},
            {"members", event.config.servers.size()},
            {"links_restart", event.links_restart}};
  }
  Json operator()(const net::StoppedEvent& stopped) const {
    return {{"event", "stopped"}, {"why", stopped.why}};
  }
};

struct Line {
  using Text = std::optional<std::string>;

  Text operator()(const peer::StateChanged& changed) const {
    std::string text = "is " + std::string(wire::to_string(changed.to));
    if (changed.leader && changed.to != wire::ServerState::kLeading) {
      text += " " + to_string(*changed.leader);
    }
    return text + ": " + changed.why;
  }
  Text operator()(const peer::Established& established) const {
    const std::string server = "server " + to_string(established.leader);
    // A leader of an election that has just ended may still have the vote that won it.
    return established.renewed
               ? server + " leads epoch " + to_hex(established.epoch)
               : server + " says that it leads, its vote is of epoch " + to_hex(established.epoch);
  }
  Text operator()(const net::LinkEvent& link) const {
    if (link.garbage) {
      return "link with " + (link.peer ? "server " + to_string(*link.peer) : "a stranger") +
             " at " + link.remote + " is closed: " + link.why;
    }
    if (link.what != net::LinkEvent::What::kRefuse) return std::nullopt;
    return "no link with " + (link.peer ? "server " + to_string(*link.peer) : link.remote) + ": " +
           link.why;
  }
  Text operator()(const net::NotificationEvent&) const { return std::nullopt; }
  Text operator()(const peer::Report& report) const {
    using Kind = peer::Report::Kind;
    const bool shown = report.kind != Kind::kAnswer && report.kind != Kind::kIgnored &&
                       report.kind != Kind::kDecided;  // the change of state says that
    if (report.kind == Kind::kBytes) {
      return "server " + to_string(report.about) + " sent no notification: " + report.text;
    }
    return shown ? Text(report.text) : std::nullopt;
  }
  Text operator()(const net::ConfigEvent& event) const {
    return "takes configuration " + to_hex(event.config.version) + " of " +
           std::to_string(event.config.servers.size()) + " members" +
           (event.links_restart ? " and begins anew" : "");
  }
  Text operator()(const net::StoppedEvent& stopped) const { return "has stopped: " + stopped.why; }
};

}  // namespace

std::string_view event_name(const net::PeerEvent& event) {
  static constexpr std::array<std::string_view, std::variant_size_v<net::PeerEvent>> kNames{
      "state", "epoch", "link", "notification", "report", "config", "stopped"};
  return kNames.at(event.index());
}

Json event_record(const net::PeerEvent& event) { return std::visit(Record{}, event); }

std::optional<std::string> event_line(const net::PeerEvent& event) {
  auto line = std::visit(Line{}, event);
  if (line) line = printable(*line);
  return line;
}

Emulation emulation_of(const Emulate& emulate, bool multi_address) {
  Emulation made;
  made.dialect.release = emulate.value_or(kNewestRelease);
  made.dialect.multi_address = multi_address;
  made.dialect.lenient = !emulate.has_value();
  made.auto_emulation = !emulate.has_value();
  return made;
}

}  // namespace zkprobe::tool
