// Packets as tests write them, and sinks that remember what came out.
#pragma once

#include <string>
#include <vector>

#include "capture/decoder.hpp"
#include "wire/framer.hpp"

namespace zkprobe::capture {

inline Bytes bytes_of(std::string_view text) { return Bytes(text.begin(), text.end()); }
inline Bytes hex(std::string_view digits) { return hex_decode(digits).value(); }

inline Endpoint at(std::string_view ip, std::uint16_t port) { return {*parse_ip(ip), port}; }
inline const Endpoint kDialler = at("10.0.0.3", 40'000);
inline const Endpoint kAcceptor = at("10.0.0.1", 3'888);

struct Flags {
  bool syn = false, fin = false, rst = false;
};

inline TcpSegment segment(const Endpoint& src, const Endpoint& dst, std::uint32_t seq,
                          BytesView payload, Flags flags = {}, std::uint32_t ack = 0) {
  TcpSegment result;
  result.src = src;
  result.dst = dst;
  result.seq = seq;
  result.ack = ack;
  result.has_ack = ack != 0;
  result.syn = flags.syn;
  result.fin = flags.fin;
  result.rst = flags.rst;
  result.payload = payload;
  return result;
}

// A TCP packet without link and IP: its header and payload.
inline Bytes tcp_bytes(const TcpSegment& segment) {
  Writer out;
  out.u8(static_cast<std::uint8_t>(segment.src.port >> 8));
  out.u8(static_cast<std::uint8_t>(segment.src.port & 0xff));
  out.u8(static_cast<std::uint8_t>(segment.dst.port >> 8));
  out.u8(static_cast<std::uint8_t>(segment.dst.port & 0xff));
  out.i32(static_cast<std::int32_t>(segment.seq));
  out.i32(static_cast<std::int32_t>(segment.ack));
  out.u8(0x50);
  out.u8(static_cast<std::uint8_t>((segment.fin ? 1 : 0) | (segment.syn ? 2 : 0) |
                                   (segment.rst ? 4 : 0) | (segment.has_ack ? 16 : 0)));
  out.raw(hex("ffff00000000"));
  out.raw(segment.payload);
  return out.take();
}

inline void u16(Writer& out, std::size_t value) {
  out.u8(static_cast<std::uint8_t>(value >> 8));
  out.u8(static_cast<std::uint8_t>(value & 0xff));
}

// An IPv4 packet around a payload that may be a fragment.
inline Bytes ipv4(const Endpoint& src, const Endpoint& dst, BytesView payload,
                  std::size_t offset = 0, bool more = false) {
  Writer out;
  out.raw(hex("4500"));
  u16(out, 20 + payload.size());
  out.raw(hex("0001"));
  u16(out, (more ? 0x2000U : 0U) | offset / 8);
  out.raw(hex("40060000"));
  out.i32(static_cast<std::int32_t>(src.host.low));
  out.i32(static_cast<std::int32_t>(dst.host.low));
  out.raw(payload);
  return out.take();
}

inline Bytes ipv6(const Endpoint& src, const Endpoint& dst, BytesView payload,
                  std::uint8_t next = 6) {
  Writer out;
  out.raw(hex("60000000"));
  u16(out, payload.size());
  out.u8(next);
  out.u8(64);
  out.i64(static_cast<std::int64_t>(src.host.high));
  out.i64(static_cast<std::int64_t>(src.host.low));
  out.i64(static_cast<std::int64_t>(dst.host.high));
  out.i64(static_cast<std::int64_t>(dst.host.low));
  out.raw(payload);
  return out.take();
}

inline Bytes joined(Bytes front, BytesView back) {
  front.insert(front.end(), back.begin(), back.end());
  return front;
}

// Remembers one direction: its bytes, with "[n]" for a gap of n.
struct Recorder : BytesSink {
  std::string text;
  void on_bytes(const Place&, BytesView bytes) override { text += to_text(bytes); }
  void on_gap(const Place&, std::uint64_t bytes, GapReason reason) override {
    text += "[" + std::to_string(bytes) + " " + std::string(to_string(reason)) + "]";
  }
};

// Remembers messages as lines.
struct Messages : MessageSink {
  struct Seen {
    MessageBody body;
    Place place;
    std::uint64_t offset = 0;
    std::optional<Sid> src, dst;
  };
  std::vector<Seen> seen;
  std::vector<Protocol> closed;
  void on_message(const Message& message) override {
    seen.push_back(
        {message.body, message.place, message.offset, message.src_sid(), message.dst_sid()});
  }
  void on_close(const Conversation& conversation, const Place&, CloseReason) override {
    closed.push_back(conversation.protocol);
  }
};

// Both directions of one connection, packet after packet, as raw IP.
class Wire {
 public:
  explicit Wire(Decoder& decoder, Endpoint dialler = kDialler, Endpoint acceptor = kAcceptor)
      : decoder_(decoder), ends_{dialler, acceptor} {}

  void open() {
    put(Side::kDialler, {}, {.syn = true});
    put(Side::kAcceptor, {}, {.syn = true});
  }
  void say(Side from, BytesView bytes) { put(from, bytes, {}); }
  void lose(Side from, std::size_t bytes) {
    next_[index(from)] += static_cast<std::uint32_t>(bytes);
  }
  void close() {
    put(Side::kDialler, {}, {.fin = true});
    put(Side::kAcceptor, {}, {.fin = true});
  }
  void put(Side from, BytesView bytes, Flags flags) {
    std::uint32_t& next = next_[index(from)];
    TcpSegment sent = segment(ends_[index(from)], ends_[index(other(from))], next, bytes, flags,
                              next_[index(other(from))]);
    sent.has_ack = !(flags.syn && from == Side::kDialler);
    next += static_cast<std::uint32_t>(bytes.size()) + (flags.syn || flags.fin ? 1 : 0);
    const Bytes packet = ipv4(sent.src, sent.dst, tcp_bytes(sent));
    Packet seen;
    seen.number = ++number_;
    seen.time = std::chrono::milliseconds(number_);
    seen.link = LinkType::kRaw;
    seen.bytes = packet;
    seen.wire_length = packet.size();
    decoder_.packet(seen);
  }

 private:
  static std::size_t index(Side side) { return static_cast<std::size_t>(side); }
  Decoder& decoder_;
  Endpoint ends_[2];
  std::uint32_t next_[2] = {1'000, 0xffffff00U};  // the acceptor's numbers wrap soon
  std::uint64_t number_ = 0;
};

// A vote of 3.4.13 in its frame.
inline Bytes vote(std::int64_t leader, std::int64_t round = 1,
                  wire::ServerState state = wire::ServerState::kLooking) {
  wire::Notification notification;
  notification.state = state;
  notification.leader = Sid(leader);
  notification.election_epoch = ElectionRound(round);
  return wire::frame(wire::encode(notification, wire::NotificationForm::kBytes40));
}
inline Bytes ping(std::int64_t zxid = 0x100000000) {
  wire::QuorumPacket packet;
  packet.zxid = Zxid(zxid);
  return wire::encode(packet);
}

}  // namespace zkprobe::capture
