#include "decode_summary.hpp"

#include <algorithm>
#include <variant>
#include <vector>

namespace zkprobe::tool {
namespace {

constexpr const char* kKinds[] = {"initial", "notification", "quorum_packet", "gap", "malformed"};
constexpr wire::NotificationForm kForms[] = {
    wire::NotificationForm::kBytes28, wire::NotificationForm::kBytes36,
    wire::NotificationForm::kBytes40, wire::NotificationForm::kConfig};
constexpr capture::Protocol kProtocols[] = {capture::Protocol::kElection,
                                            capture::Protocol::kLearner, capture::Protocol::kTls,
                                            capture::Protocol::kOther, capture::Protocol::kUnknown};

std::string name_of(std::size_t type) {
  return std::string(wire::to_string(static_cast<wire::PacketType>(type)));
}

std::string rfc3339_of(capture::CaptureTime time) {
  return rfc3339(
      std::chrono::system_clock::time_point(std::chrono::floor<std::chrono::microseconds>(time)));
}

template <class Map>
std::vector<Sid> sorted_ids(const Map& servers) {
  std::vector<Sid> ids;
  for (const auto& [sid, server] : servers) ids.push_back(sid);
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace

DecodeSummary::Server* DecodeSummary::server(Sid sid) {
  if (last_server_ != nullptr && last_sid_ == sid) return last_server_;
  if (servers_.size() >= kMaxServers && !servers_.contains(sid)) return nullptr;
  last_server_ = &servers_[sid];  // its address is stable
  last_sid_ = sid;
  return last_server_;
}

void DecodeSummary::saw(capture::CaptureTime time) {
  if (!any_ || time < first_) first_ = time;
  if (!any_ || time > last_) last_ = time;
  any_ = true;
}

void DecodeSummary::add(const capture::Message& message) {
  ++kinds_[message.body.index()];
  const auto* vote = std::get_if<capture::SeenNotification>(&message.body);
  const auto* packet = std::get_if<capture::SeenPacket>(&message.body);
  if (vote != nullptr) ++formats_[static_cast<std::size_t>(vote->form)];
  if (packet != nullptr) ++types_[static_cast<std::size_t>(packet->packet.type)];
  const auto sid = message.src_sid();
  Server* const from = sid ? server(*sid) : nullptr;
  if (from == nullptr) return;
  from->evidence.add(capture::release_of(message.body));
  if (vote != nullptr) ++from->notifications;
  if (packet != nullptr) ++from->packets;
  if (std::holds_alternative<wire::InitialMessage>(message.body)) ++from->greetings;
}

std::string DecodeSummary::release(const Server& server) {
  return server.evidence.range() == capture::ReleaseRange()
             ? "unknown"
             : capture::to_string(server.evidence.range());
}

Json DecodeSummary::json(const capture::Decoder& decoder) const {
  Json result;
  const capture::PacketCounts& packets = decoder.packets();
  result["packets"] = packets.packets;
  result["tcp"] = packets.tcp;
  result["other_packets"] = packets.other;
  result["fragments"] = packets.fragments;
  result["snapped"] = packets.snapped;
  result["malformed_packets"] = packets.malformed;
  if (any_) result["first"] = rfc3339_of(first_);
  if (any_) result["last"] = rfc3339_of(last_);
  const capture::ConversationCounts& conversations = decoder.conversations();
  for (const capture::Protocol protocol : kProtocols) {
    result["streams"][std::string(capture::to_string(protocol))] =
        conversations.streams[static_cast<std::size_t>(protocol)];
  }
  for (std::size_t i = 0; i < std::size(kKinds); ++i) result[kKinds[i]] = kinds_[i];
  for (const auto form : kForms) {
    const std::uint64_t count = formats_[static_cast<std::size_t>(form)];
    if (count > 0) result["formats"][std::string(wire::to_string(form))] = count;
  }
  for (std::size_t i = 0; i < types_.size(); ++i) {
    if (types_[i] > 0) result["types"][name_of(i)] = types_[i];
  }
  result["gap_bytes"] = decoder.streams().gap_bytes;
  result["skipped_bytes"] = conversations.skipped_bytes;
  result["unfinished"] = conversations.unfinished;
  result["sasl_packets"] = conversations.sasl_packets;
  result["streams_evicted"] = decoder.streams().evicted;
  result["servers"] = Json::array();
  for (const Sid sid : sorted_ids(servers_)) {
    const Server& server = servers_.at(sid);
    result["servers"].push_back({{"sid", sid.value},
                                 {"release", release(server)},
                                 {"greetings", server.greetings},
                                 {"notifications", server.notifications},
                                 {"quorum_packets", server.packets}});
  }
  return result;
}

std::string DecodeSummary::count_of_types() const {
  std::string text;
  for (std::size_t i = 0; i < types_.size(); ++i) {
    if (types_[i] == 0) continue;
    if (!text.empty()) text += ", ";
    text += name_of(i) + " " + std::to_string(types_[i]);
  }
  return text;
}

std::string DecodeSummary::text(const capture::Decoder& decoder, const Style& style) const {
  const capture::PacketCounts& packets = decoder.packets();
  const capture::ConversationCounts& conversations = decoder.conversations();
  const auto row = [](Table& table, const std::string& name, const std::string& value,
                      Colour colour = Colour::kPlain) {
    table.add_row({{name, Colour::kFaint}, {value, colour}});
  };
  const auto count = [](std::uint64_t value) { return std::to_string(value); };
  Table table;
  row(table, "packets", count(packets.packets) + ", " + count(packets.tcp) + " of them TCP");
  if (any_) row(table, "from", rfc3339_of(first_));
  if (any_) row(table, "to", rfc3339_of(last_));
  std::string streams;
  for (const capture::Protocol protocol : kProtocols) {
    const std::uint64_t n = conversations.streams[static_cast<std::size_t>(protocol)];
    if (n == 0) continue;
    streams +=
        (streams.empty() ? "" : ", ") + std::string(capture::to_string(protocol)) + " " + count(n);
  }
  row(table, "streams", streams.empty() ? "none" : streams);
  row(table, "greetings", count(kinds_[0]));
  row(table, "notifications", count(kinds_[1]));
  row(table, "quorum packets", count(kinds_[2]) + (kinds_[2] > 0 ? ": " + count_of_types() : ""));
  if (conversations.sasl_packets > 0) row(table, "SASL packets", count(conversations.sasl_packets));
  const auto warn = [&](const std::string& name, std::uint64_t n, const std::string& more) {
    if (n > 0) row(table, name, count(n) + more, Colour::kWarning);
  };
  warn("gaps", kinds_[3], ", " + count(decoder.streams().gap_bytes) + " bytes");
  warn("malformed", kinds_[4], "");
  if (conversations.unfinished > 0) {
    row(table, "unfinished", count(conversations.unfinished) + ", cut off by the end of a stream");
  }
  warn("skipped bytes", conversations.skipped_bytes, "");
  warn("snapped packets", packets.snapped, "");
  warn("malformed packets", packets.malformed, "");
  warn("streams evicted", decoder.streams().evicted, "");
  for (const Sid sid : sorted_ids(servers_)) {
    const Server& server = servers_.at(sid);
    row(table, "server " + to_string(sid),
        "release " + release(server) + "; " + count(server.greetings) + " greetings, " +
            count(server.notifications) + " notifications, " + count(server.packets) +
            " quorum packets");
  }
  return table.render(style);
}

}  // namespace zkprobe::tool
