#include "decode_view.hpp"

#include <algorithm>
#include <type_traits>
#include <variant>

#include "wire/describe.hpp"
#include "wire/quorum_config.hpp"
#include "wire/safe_text.hpp"

namespace zkprobe::tool {
namespace {

constexpr std::size_t kMaxEndpoints = 4'096;  // whose texts are kept
constexpr std::size_t kShownBytes = 64;       // of what is malformed

std::uint64_t bits(std::int64_t value) { return static_cast<std::uint64_t>(value); }

std::string_view form_name(wire::GreetingForm form) {
  switch (form) {
    case wire::GreetingForm::kBareSid:
      return "bare";
    case wire::GreetingForm::kV1:
      return "V1";
    case wire::GreetingForm::kV2:
      return "V2";
  }
  return "unknown";
}

void greeting(const wire::InitialMessage& message, JsonText& json) {
  json.text("form", form_name(message.form));
  json.number("sid", message.sid.value);
  if (message.addresses.empty()) return;
  json.open_array("addresses");
  for (const wire::HostPort& address : message.addresses) json.item(wire::to_string(address));
  json.close_array();
}

void txn(const wire::Txn& txn, JsonText& json) {
  json.open_object("txn");
  const std::string_view type = wire::to_string(txn.header.type);
  json.text("type", type);
  if (type == "unknown") json.number("type_number", static_cast<std::int32_t>(txn.header.type));
  json.hex("zxid", bits(txn.header.zxid.value));
  json.hex("session", bits(txn.header.session));
  json.number("cxid", txn.header.cxid);
  json.number("time_ms", txn.header.time_ms);
  const auto paths = wire::paths_of(txn);
  const auto* simple = std::get_if<wire::SimpleTxn>(&txn.body);
  const bool closes = simple != nullptr && std::holds_alternative<wire::CloseSessionTxn>(*simple);
  if (simple != nullptr && !closes) {
    if (!paths.empty()) json.text("path", paths.front());
    if (const auto* error = std::get_if<wire::ErrorTxn>(simple)) json.number("err", error->err);
    if (const auto* session = std::get_if<wire::CreateSessionTxn>(simple)) {
      json.number("timeout_ms", session->timeout_ms);
    }
  } else if (simple == nullptr || std::get<wire::CloseSessionTxn>(*simple).paths) {
    json.open_array("paths");
    for (const std::string& path : paths) json.item(path);
    json.close_array();
  }
  if (txn.digest) json.hex("digest", bits(txn.digest->tree_digest));
  json.close_object();
}

void session(const wire::SessionTouch& touch, JsonText& json) {
  json.hex("session", bits(touch.session));
  json.number("timeout_ms", touch.timeout_ms);
}

void learner_info(const wire::LearnerInfo& info, JsonText& json) {
  json.number("sid", info.sid.value);
  if (info.protocol_version) {
    json.hex("protocol_version", static_cast<std::uint32_t>(*info.protocol_version));
  }
  if (info.config_version) json.hex("config_version", bits(info.config_version->value));
}

void snapshot(const capture::SeenSnapshot& seen, JsonText& json) {
  const auto count = [&](std::string_view name, std::uint64_t value) {
    json.number(name, static_cast<std::int64_t>(value));
  };
  json.open_object("snapshot");
  json.flag("complete", seen.complete);
  count("bytes", seen.counts.bytes);
  count("nodes", seen.counts.nodes);
  count("sessions", seen.counts.sessions);
  count("acls", seen.counts.acls);
  count("data_bytes", seen.counts.data_bytes);
  json.close_object();
}

std::string snapshot_text(const capture::SeenSnapshot& seen) {
  return " snapshot of " + std::to_string(seen.counts.nodes) + " nodes in " +
         std::to_string(seen.counts.bytes) + " bytes" + (seen.complete ? "" : ", incomplete");
}

std::string hex_of(BytesView bytes) {
  return hex_encode(bytes.first(std::min(bytes.size(), kShownBytes)));
}

}  // namespace

std::string_view kind_of(const capture::MessageBody& body) {
  if (std::holds_alternative<wire::InitialMessage>(body)) return "initial";
  if (std::holds_alternative<capture::SeenNotification>(body)) return "notification";
  if (std::holds_alternative<capture::SeenPacket>(body)) return "quorum_packet";
  if (std::holds_alternative<capture::Gap>(body)) return "gap";
  return "malformed";
}

void DecodeView::config(std::string_view text, JsonText& json) {
  if (config_.text != text) {
    config_.text = std::string(text);
    const auto parsed = wire::parse_quorum_config(text);
    config_.version.reset();
    if (parsed) config_.version = bits(parsed->version.value);
  }
  if (!text.empty() && config_.version) json.hex("config_version", *config_.version);
  json.text("config", text);
}

void DecodeView::notification(const capture::SeenNotification& seen, JsonText& json) {
  const wire::Notification& vote = seen.notification;
  json.text("format", wire::to_string(seen.form));
  json.text("state", wire::to_string(vote.state));
  json.number("leader", vote.leader.value);
  json.hex("zxid", bits(vote.zxid.value));
  json.hex("election_epoch", bits(vote.election_epoch.value));
  if (seen.form != wire::NotificationForm::kBytes28) {
    json.hex("peer_epoch", bits(vote.peer_epoch.value));
  }
  if (seen.version) json.number("version", *seen.version);
  if (vote.config) config(*vote.config, json);
}

void DecodeView::payload(const capture::SeenPacket& seen, JsonText& json) {
  const auto write = [&](const auto& value) {
    using T = std::decay_t<decltype(value)>;
    if constexpr (std::is_same_v<T, std::monostate>) {
      const auto& data = seen.packet.data;
      if (data && !data->empty())
        json.number("data_bytes", static_cast<std::int64_t>(data->size()));
    } else if constexpr (std::is_same_v<T, wire::Txn>) {
      txn(value, json);
    } else if constexpr (std::is_same_v<T, capture::Activation>) {
      json.number("designated_leader", value.designated_leader.value);
    } else if constexpr (std::is_same_v<T, capture::ActivatedTxn>) {
      json.number("designated_leader", value.designated_leader.value);
      txn(value.txn, json);
    } else if constexpr (std::is_same_v<T, wire::LearnerInfo>) {
      learner_info(value, json);
    } else if constexpr (std::is_same_v<T, capture::LeaderInfo>) {
      json.hex("protocol_version", static_cast<std::uint32_t>(value.protocol_version));
    } else if constexpr (std::is_same_v<T, capture::AckEpoch>) {
      json.hex("current_epoch", static_cast<std::uint32_t>(value.current_epoch));
    } else if constexpr (std::is_same_v<T, capture::ConfigText>) {
      config(value.text, json);
    } else if constexpr (std::is_same_v<T, capture::Sessions>) {
      json.open_array("sessions");
      for (const wire::SessionTouch& touch : value.sessions) {
        json.item();
        json.open_object();
        session(touch, json);
        json.close_object();
      }
      json.close_array();
    } else if constexpr (std::is_same_v<T, wire::SessionTouch>) {
      session(value, json);
    } else if constexpr (std::is_same_v<T, wire::RevalidateAnswer>) {
      json.hex("session", bits(value.session));
      json.flag("valid", value.valid);
    } else {
      static_assert(std::is_same_v<T, wire::LearnerRequest>);
      json.hex("session", bits(value.session));
      json.number("cxid", value.cxid);
      json.number("request", value.type);
      json.number("request_bytes", static_cast<std::int64_t>(value.body.size()));
    }
  };
  std::visit(write, seen.payload);
}

void DecodeView::packet(const capture::SeenPacket& seen, BytesView bytes, JsonText& json) {
  json.text("type", wire::to_string(seen.packet.type));
  json.hex("zxid", bits(seen.packet.zxid.value));
  json.number("bytes", static_cast<std::int64_t>(bytes.size()));
  payload(seen, json);
  if (seen.snapshot) snapshot(*seen.snapshot, json);
  if (seen.packet.authinfo && !seen.packet.authinfo->empty()) {
    json.number("authinfo", static_cast<std::int64_t>(seen.packet.authinfo->size()));
  }
}

void DecodeView::fields(const capture::MessageBody& body, std::string_view protocol,
                        std::uint64_t offset, BytesView bytes, JsonText& json) {
  json.open_object("fields");
  if (const auto* message = std::get_if<wire::InitialMessage>(&body)) {
    greeting(*message, json);
  } else if (const auto* vote = std::get_if<capture::SeenNotification>(&body)) {
    notification(*vote, json);
  } else if (const auto* seen = std::get_if<capture::SeenPacket>(&body)) {
    packet(*seen, bytes, json);
  } else if (const auto* gap = std::get_if<capture::Gap>(&body)) {
    json.text("protocol", protocol);
    json.number("bytes", static_cast<std::int64_t>(gap->bytes));
    json.text("reason", capture::to_string(gap->reason));
    json.number("offset", static_cast<std::int64_t>(offset));
  } else {
    const auto& malformed = std::get<capture::Malformed>(body);
    json.text("protocol", protocol);
    json.text("what", malformed.what);
    if (malformed.what == "payload") json.text("type", wire::to_string(malformed.packet_type));
    json.text("field", malformed.error.field);
    json.number("offset", static_cast<std::int64_t>(malformed.error.offset));
    json.text("expected", malformed.error.expected);
    json.text("found", malformed.error.found);
    json.number("stream_offset", static_cast<std::int64_t>(offset));
    json.text("bytes", hex_of(bytes));
  }
  json.close_object();
}

std::string_view DecodeView::time(capture::CaptureTime time) {
  const auto micros = std::chrono::floor<std::chrono::microseconds>(time).count();
  const std::int64_t second = std::chrono::floor<std::chrono::seconds>(time).count();
  if (second != second_ || time_.empty()) {
    using Clock = std::chrono::system_clock;
    second_ = second;
    time_ = rfc3339(Clock::time_point(std::chrono::seconds(second)));
  }
  std::int64_t rest = micros - second * 1'000'000;
  const std::size_t last = time_.size() - 2;  // before the Z
  for (std::size_t i = 0; i < 6; ++i, rest /= 10) {
    time_[last - i] = static_cast<char>('0' + rest % 10);
  }
  return time_;
}

const std::string& DecodeView::endpoint(const capture::Endpoint& endpoint) {
  if (endpoints_.size() >= kMaxEndpoints) endpoints_.clear();
  const auto [entry, fresh] = endpoints_.try_emplace(endpoint);
  if (fresh) entry->second = capture::to_string(endpoint);
  return entry->second;
}

void DecodeView::json(const capture::Message& message, std::string& out) {
  JsonText json(out);
  json.open_object();
  json.text("t", time(message.place.time));
  json.number("packet", static_cast<std::int64_t>(message.place.packet));
  json.number("stream", static_cast<std::int64_t>(message.conversation.stream->number));
  json.text("src", endpoint(message.src()));
  json.text("dst", endpoint(message.dst()));
  if (const auto sid = message.src_sid()) json.number("src_sid", sid->value);
  if (const auto sid = message.dst_sid()) json.number("dst_sid", sid->value);
  json.text("kind", kind_of(message.body));
  fields(message.body, capture::to_string(message.conversation.protocol), message.offset,
         message.bytes, json);
  json.close_object();
  out += '\n';
}

void DecodeView::json(const capture::MessageBody& body, BytesView bytes, std::string& out) {
  JsonText json(out);
  json.open_object();
  json.text("kind", kind_of(body));
  fields(body, "unknown", 0, bytes, json);
  json.close_object();
  out += '\n';
}

std::string DecodeView::line(const capture::MessageBody& body) {
  if (const auto* message = std::get_if<wire::InitialMessage>(&body)) {
    return wire::describe(*message);
  }
  if (const auto* vote = std::get_if<capture::SeenNotification>(&body)) {
    const std::string line = wire::describe(vote->notification);
    const bool leads = vote->notification.state == wire::ServerState::kLeading;
    return leads ? style_.paint(Colour::kGood, line) : line;
  }
  if (const auto* seen = std::get_if<capture::SeenPacket>(&body)) {
    return wire::describe(seen->packet) + (seen->snapshot ? snapshot_text(*seen->snapshot) : "");
  }
  if (const auto* gap = std::get_if<capture::Gap>(&body)) {
    return style_.paint(Colour::kWarning, "gap of " + std::to_string(gap->bytes) + " bytes (" +
                                              std::string(capture::to_string(gap->reason)) + ")");
  }
  const auto& malformed = std::get<capture::Malformed>(body);
  std::string what(malformed.what);
  if (what == "payload") what = std::string(wire::to_string(malformed.packet_type));
  return style_.paint(Colour::kBad,
                      "malformed " + what + ": " + wire::safe_text(to_string(malformed.error)));
}

void DecodeView::text(const capture::Message& message, std::string& out) {
  const auto name = [&](std::optional<Sid> sid, const capture::Endpoint& at) {
    return sid ? to_string(*sid) : endpoint(at);
  };
  out += style_.paint(Colour::kFaint, time(message.place.time).substr(11, 15));
  out += "  #" + std::to_string(message.place.packet) + "  stream " +
         std::to_string(message.conversation.stream->number) + "  " +
         name(message.src_sid(), message.src()) + " -> " + name(message.dst_sid(), message.dst()) +
         "  " + line(message.body) + "\n";
}

}  // namespace zkprobe::tool
