#include "conformance/learner_peer.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "wire/describe.hpp"
#include "wire/learner_info.hpp"
#include "wire/snapshot_encoder.hpp"
#include "wire/snapshot_stream.hpp"
#include "wire/txn.hpp"

namespace zkprobe::conformance {
namespace {

using wire::PacketType;
using wire::QuorumPacket;

constexpr std::int32_t kSessionTimeout = 30'000;  // of a session that a peer makes
constexpr const char* kZab = "0x10000";           // wire::kProtocolVersion
constexpr std::int32_t kOpenAcl = 31;             // ZooDefs.Perms.ALL

PacketType type_of(const std::string& word) {
  for (std::int32_t number = 1; number <= 19; ++number) {
    const auto type = static_cast<PacketType>(number);
    if (wire::to_string(type) == word) return type;
  }
  return static_cast<PacketType>(number(word));
}

Zxid epoch_zxid(const std::string& epoch) { return make_zxid(PeerEpoch(zxid_number(epoch)), 0); }

std::int32_t int_of(const std::string& text) { return static_cast<std::int32_t>(number(text)); }

Bytes hex_of(const std::string& text) {
  auto bytes = hex_decode(text);
  if (!bytes) mistake("expected bytes as hex, found '" + text + "'");
  return *std::move(bytes);
}

// `version=none` is the form of 3.3, the id alone; `config=none` that of 3.4.
Bytes learner_info_of(const Options& options, Sid id) {
  const std::string version = option(options, "version", kZab);
  const std::string config = option(options, "config", "0");
  wire::LearnerInfo info;
  info.sid = id;
  if (version != "none") info.protocol_version = int_of(version);
  if (version != "none" && config != "none") info.config_version = ConfigVersion(number(config));
  return wire::encode(info);
}

// sessionId cxid type, and for createSession its timeout.
Bytes request_of(const Options& options) {
  wire::LearnerRequest request;
  request.session = number(option(options, "session", "0x1000"));
  request.cxid = int_of(option(options, "cxid", "0"));
  request.type = int_of(option(options, "type", "-10"));
  request.body = wire::encode_int(kSessionTimeout);
  if (options.contains("body")) request.body = hex_of(options.at("body"));
  return wire::encode(request);
}

Bytes create_session_of(const Options& options, Zxid zxid) {
  wire::Txn txn;
  txn.header.session = number(option(options, "session", "0x1000"));
  txn.header.zxid = zxid;
  txn.header.time_ms = 1'700'000'000'000;
  txn.header.type = wire::TxnType::kCreateSession;
  txn.body = wire::SimpleTxn(wire::CreateSessionTxn{kSessionTimeout});
  return wire::encode_txn(txn);
}

bool one_of(const std::string& alternatives, const std::string& word) {
  std::size_t begin = 0;
  while (begin <= alternatives.size()) {
    const std::size_t end = std::min(alternatives.find('|', begin), alternatives.size());
    if (alternatives.substr(begin, end - begin) == word) return true;
    begin = end + 1;
  }
  return false;
}

// The epoch that a packet names: of ACKEPOCH its data, of the others the zxid's.
std::int64_t epoch_in(const QuorumPacket& packet) {
  if (packet.type != PacketType::kAckEpoch || !packet.data) return epoch_of(packet.zxid).value;
  const auto epoch = wire::decode_int(*packet.data, "currentEpoch");
  return epoch ? *epoch : -2;
}

std::int64_t version_in(const QuorumPacket& packet) {
  if (!packet.data) return -1;
  if (packet.type == PacketType::kLeaderInfo) {
    const auto version = wire::decode_int(*packet.data, "protocolVersion");
    return version ? *version : -1;
  }
  const auto info = wire::decode_learner_info(*packet.data);
  return info ? info->protocol_version.value_or(0) : -1;
}

}  // namespace

LearnerPeer::LearnerPeer(Endpoint& endpoint, Endpoint::Link link, PacketMemory& memory, IdOf id_of)
    : endpoint_(endpoint), link_(link), memory_(memory), id_of_(std::move(id_of)) {}

// A zxid, or what was read: seen, synced, synced+N.
Zxid LearnerPeer::zxid_of(const std::string& text) const {
  for (const auto& [word, value] : {std::pair{std::string("seen"), memory_.seen},
                                    std::pair{std::string("synced"), memory_.synced}}) {
    if (text == word) return value;
    if (text.starts_with(word + "+")) {
      return Zxid(value.value + number(text.substr(word.size() + 1)));
    }
  }
  return Zxid(zxid_number(text));
}

Bytes LearnerPeer::packet(const std::vector<std::string>& words, const Options& options) const {
  if (words.size() != 1) mistake("expected the type of a packet");
  QuorumPacket packet;
  packet.type = type_of(words[0]);
  const PacketType type = packet.type;
  const std::string epoch = option(options, "epoch", "0");
  if (type == PacketType::kFollowerInfo || type == PacketType::kObserverInfo) {
    packet.zxid = epoch_zxid(epoch);
    packet.data = learner_info_of(options, id_of_(option(options, "id", "stranger")));
  } else if (type == PacketType::kLeaderInfo) {
    packet.zxid = epoch_zxid(epoch);
    packet.data = wire::encode_int(int_of(option(options, "version", kZab)));
  } else if (type == PacketType::kAckEpoch) {
    packet.data = wire::encode_int(int_of(epoch));
  } else if (type == PacketType::kAck || type == PacketType::kNewLeader) {
    packet.zxid = options.contains("epoch") ? epoch_zxid(epoch) : memory_.seen;
  } else if (type == PacketType::kRequest) {
    packet.zxid = Zxid(-1);
    packet.data = request_of(options);
  } else if (type == PacketType::kUpToDate) {
    packet.zxid = Zxid(-1);
  }
  if (options.contains("zxid")) packet.zxid = zxid_of(options.at("zxid"));
  if (type == PacketType::kProposal || type == PacketType::kInform) {
    packet.data = create_session_of(options, packet.zxid);
  }
  if (options.contains("data")) packet.data = hex_of(options.at("data"));
  return wire::encode(packet);
}

Bytes LearnerPeer::snapshot() {
  const std::array<wire::Acl, 1> open = {
      wire::Acl{kOpenAcl, wire::AuthId{std::string("world"), std::string("anyone")}}};
  wire::NodeStat stat;
  Writer writer;
  wire::write_count(writer, 0);  // sessions
  wire::write_count(writer, 1);  // ACL lists
  wire::write_acl_entry(writer, 1, open);
  const Bytes empty;
  for (const char* path : {"", "/zookeeper", "/zookeeper/quota"}) {
    wire::write_node(writer, path, BytesView(empty), -1, stat);
  }
  wire::write_nodes_end(writer);
  wire::write_signature(writer);
  return writer.take();
}

bool LearnerPeer::read_more(Instant until) {
  if (closed_ || endpoint_.now() > until) return false;
  const Endpoint::Event event = endpoint_.wait(link_, until - endpoint_.now());
  closed_ = event.what == Endpoint::Event::What::kClosed;
  received_.insert(received_.end(), event.bytes.begin(), event.bytes.end());
  return event.what == Endpoint::Event::What::kBytes;
}

// The next packet from the link, PINGs too.
std::optional<QuorumPacket> LearnerPeer::take(Instant until) {
  while (problem_.empty() && (!snapshot_ || pass_snapshot(until))) {
    const auto read = wire::decode_packet(received_);
    if (!read) {
      problem_ = "no packet: " + to_string(read.error());
      break;
    }
    if (!read->has_value()) {
      if (!read_more(until)) break;
      continue;
    }
    const QuorumPacket packet = (*read)->packet;
    received_.erase(received_.begin(),
                    received_.begin() + static_cast<std::ptrdiff_t>((*read)->size));
    if (packet.type == PacketType::kSnap) snapshot_.emplace();
    if (packet.type == PacketType::kUpToDate) up_to_date_ = true;
    return packet;
  }
  return std::nullopt;
}

std::optional<QuorumPacket> LearnerPeer::next(Instant until, bool pings) {
  while (true) {
    std::optional<QuorumPacket> packet;
    if (kept_.empty()) {
      packet = take(until);
    } else {
      packet = kept_.front();
      kept_.pop_front();
    }
    if (!packet) return std::nullopt;
    if (packet->type == PacketType::kPing) {
      if (pings) return packet;
      answer(*packet);
      continue;
    }
    memory_.seen = packet->zxid;
    if (packet->type == PacketType::kDiff || packet->type == PacketType::kTrunc ||
        packet->type == PacketType::kSnap) {
      memory_.synced = packet->zxid;
    }
    return packet;
  }
}

// A leader pings learners that it has not synchronised yet, and 3.4 closes the link of one that
// answers before its ACK of NEWLEADER.
void LearnerPeer::answer(const QuorumPacket& ping) {
  if (!answers_pings_ || !up_to_date_) return;
  QuorumPacket packet = ping;
  packet.data = Bytes();  // no session was touched
  endpoint_.write(link_, wire::encode(packet));
}

void LearnerPeer::serve() {
  while (const auto packet = take(endpoint_.now())) {
    if (packet->type == PacketType::kPing && answers_pings_) {
      answer(*packet);
    } else {
      kept_.push_back(*packet);
    }
  }
}

Seen LearnerPeer::look(const std::vector<std::string>& words, const Options& options,
                       Duration patience) {
  const Instant until = endpoint_.now() + patience;
  const std::string& what = words.front();
  if (what == "packet") return look_for_packet(words, options, until);
  if (what == "snapshot") return look_for_snapshot(until);
  if (what == "closed") return look_for_end(until, patience);
  if (what == "open" || what == "silence") return still_open(until, what == "silence");
  mistake("expected packet, snapshot, closed, open or silence of a learner port, found '" + what +
          "'");
}

std::string LearnerPeer::ended(const std::string& otherwise) const {
  if (!problem_.empty()) return problem_;
  return closed_ ? "closed" : otherwise;
}

bool LearnerPeer::fits(const QuorumPacket& packet, const Options& options) const {
  for (const auto& [key, value] : options) {
    if (key == "zxid" && packet.zxid != zxid_of(value)) return false;
    if (key == "epoch" && epoch_in(packet) != number(value)) return false;
    if (key == "version" && version_in(packet) != number(value)) return false;
    if (key == "data" && value == "none" && packet.data && !packet.data->empty()) return false;
    if (key == "data" && value == "some" && (!packet.data || packet.data->empty())) return false;
    if (key == "data" && value != "none" && value != "some" && packet.data != hex_of(value)) {
      return false;
    }
    if (key == "txn") {
      const auto txn = packet.data ? wire::decode_txn(*packet.data) : wire::decode_txn({});
      if (!txn || wire::to_string(txn->header.type) != value) return false;
    }
  }
  return true;
}

Seen LearnerPeer::look_for_packet(const std::vector<std::string>& words, const Options& options,
                                  Instant until) {
  const std::string types = words.size() > 1 ? words[1] : "";
  const PacketMemory before = memory_;
  const auto packet = next(until, one_of(types, "PING"));
  if (!packet) return {false, ended("no packet")};
  // What is expected is told by what came before.
  const PacketMemory after = std::exchange(memory_, before);
  const bool as_expected =
      one_of(types, std::string(wire::to_string(packet->type))) && fits(*packet, options);
  memory_ = after;
  return {as_expected, wire::describe(*packet)};
}

// Reads the stream behind SNAP to its end.
bool LearnerPeer::pass_snapshot(Instant until) {
  wire::SnapshotSink nobody;
  while (true) {
    const auto used = snapshot_->feed(received_, nobody);
    if (!used) {
      problem_ = "no snapshot: " + to_string(used.error());
      return false;
    }
    received_.erase(received_.begin(), received_.begin() + static_cast<std::ptrdiff_t>(*used));
    if (snapshot_->done()) {
      nodes_ = snapshot_->counts().nodes;
      snapshot_.reset();
      return true;
    }
    if (!read_more(until)) return false;
  }
}

Seen LearnerPeer::look_for_snapshot(Instant until) {
  if (snapshot_ && !pass_snapshot(until)) return {false, ended("no whole snapshot")};
  if (!nodes_) return {false, "no snapshot"};
  return {true, "snapshot of " + std::to_string(*std::exchange(nodes_, std::nullopt)) + " nodes"};
}

Seen LearnerPeer::look_for_end(Instant until, Duration patience) {
  while (next(until, false)) {
  }
  // Behind nonsense nothing is read as packets, but the end is still seen.
  while (read_more(until)) {
  }
  if (closed_) return {true, "closed"};
  return {false, "open after " + zkprobe::to_string(patience)};
}

Seen LearnerPeer::still_open(Instant until, bool silent) {
  while (const auto packet = next(until, false)) {
    if (silent) return {false, wire::describe(*packet)};
  }
  if (closed_ || !problem_.empty()) return {false, ended("")};
  return {true, silent ? "silence" : "open"};
}

}  // namespace zkprobe::conformance
