#include "capture/conversation_reader.hpp"

#include <algorithm>

namespace zkprobe::capture {
namespace {

constexpr std::size_t kSidSize = 8;

std::size_t index(Side side) { return static_cast<std::size_t>(side); }

}  // namespace

std::string_view to_string(Protocol protocol) {
  switch (protocol) {
    case Protocol::kUnknown:
      return "unknown";
    case Protocol::kElection:
      return "election";
    case Protocol::kLearner:
      return "learner";
    case Protocol::kTls:
      return "tls";
    case Protocol::kOther:
      return "other";
  }
  return "unknown";
}

ConversationReader::ConversationReader(const StreamInfo& info, const Shared& shared)
    : shared_(shared),
      conversation_{&info, Protocol::kUnknown, {}},
      dialler_out_(*this, Side::kDialler),
      acceptor_out_(*this, Side::kAcceptor),
      dialler_(shared.budget, dialler_out_),
      acceptor_(shared.budget, acceptor_out_) {
  shared_.sink.on_open(info);
}

void ConversationReader::on_bytes(Side from, const Place& place, BytesView bytes) {
  side(from).bytes(place, bytes);
  if (conversation_.protocol == Protocol::kUnknown) recognise(place, false);
}

void ConversationReader::on_gap(Side from, const Place& place, std::uint64_t bytes,
                                GapReason reason) {
  side(from).gap(place, {bytes, reason});
}

void ConversationReader::on_end(Side from, const Place& place) {
  if (conversation_.protocol != Protocol::kUnknown) return;
  // What the dialler said decides; its bytes may be captured after the acceptor's FIN.
  recognise(place, from == Side::kDialler);
}

void ConversationReader::on_close(const Place& place, CloseReason reason) {
  if (conversation_.protocol == Protocol::kUnknown) recognise(place, true);
  dialler_.close(place);
  acceptor_.close(place);
  ++shared_.counts.streams[static_cast<std::size_t>(conversation_.protocol)];
  shared_.sink.on_close(conversation_, place, reason);
}

bool ConversationReader::hinted(const std::vector<std::uint16_t>& ports) const {
  return std::any_of(ports.begin(), ports.end(), [&](std::uint16_t port) {
    return port == conversation_.stream->acceptor.port ||
           port == conversation_.stream->dialler.port;
  });
}

void ConversationReader::recognise(const Place& place, bool ended) {
  if (match_tls(dialler_.kept()) == Match::kYes || match_tls(acceptor_.kept()) == Match::kYes) {
    become(Protocol::kTls, place, false);
    return;
  }
  const StreamInfo& stream = *conversation_.stream;
  if (stream.from_start && stream.dialler_seen && dialler_.offset() == 0) {
    recognise_from_start(place, ended);
  } else {
    recognise_in_the_middle(place);
  }
}

Match ConversationReader::match_bare_sid(bool ended) {
  const BytesView first = dialler_.kept();
  if (first.size() < kSidSize) return Match::kPartial;
  if ((first[0] & 0x80U) != 0) return Match::kNo;
  // No other protocol seen on such hosts begins with a zero int; ids above 32 bits are rare.
  if (first[0] == 0 && first[1] == 0 && first[2] == 0 && first[3] == 0) return Match::kYes;
  const BytesView rest = first.subspan(kSidSize);
  if (match_frame(acceptor_.kept()) == Match::kYes) return Match::kYes;
  if (rest.empty()) return ended && acceptor_.kept().empty() ? Match::kYes : Match::kPartial;
  return std::max(match_frame(rest), match_sasl(rest));
}

// The dialler's first bytes were lost, or come later.
bool ConversationReader::hinted_by_answer(const Place& place) {
  const BytesView answer = acceptor_.kept();
  if (answer.empty() || match_tls(answer) == Match::kPartial) return false;
  if (hinted(shared_.ports.election)) {
    become(Protocol::kElection, place, true);
  } else if (hinted(shared_.ports.learner)) {
    become(Protocol::kLearner, place, true);
  }
  return conversation_.protocol != Protocol::kUnknown;
}

void ConversationReader::recognise_from_start(const Place& place, bool ended) {
  const BytesView first = dialler_.kept();
  const Endpoint& listener = conversation_.stream->acceptor;
  const bool enough =
      ended || first.size() >= kDecideFromStart || acceptor_.kept().size() >= kDecideFromStart;
  if (first.empty()) {
    if (hinted_by_answer(place)) return;
    // The dialler speaks first on both ports, though an answer may be captured before it.
    if (ended || acceptor_.kept().size() >= kDecideByAnswer) become(Protocol::kOther, place, true);
    return;
  }
  if (match_tls(first) == Match::kPartial && !enough) return;
  if (hinted(shared_.ports.election)) return become(Protocol::kElection, place, true);
  if (hinted(shared_.ports.learner)) return become(Protocol::kLearner, place, true);

  const Match greeting = match_greeting(first);
  const Match info = std::max(match_learner_info(first), match_sasl(first));
  const Match sid = match_bare_sid(ended);
  if (greeting == Match::kYes) return become(Protocol::kElection, place, true);
  if (info == Match::kYes) return become(Protocol::kLearner, place, true);
  if (sid == Match::kYes) return become(Protocol::kElection, place, true);
  // What others sent to this port says what it is for.
  if (first.size() >= kSidSize && shared_.directory.election_port(listener)) {
    return become(Protocol::kElection, place, true);
  }
  if (first.size() >= kSidSize && shared_.directory.learner_port(listener) && info == Match::kNo) {
    return become(Protocol::kLearner, place, true);
  }
  const bool open = std::max({greeting, info, sid}) == Match::kPartial;
  if (enough || !open) become(Protocol::kOther, place, true);
}

void ConversationReader::recognise_in_the_middle(const Place& place) {
  if (hinted(shared_.ports.election)) return become(Protocol::kElection, place, false);
  if (hinted(shared_.ports.learner)) return become(Protocol::kLearner, place, false);
  for (const Side which : {Side::kDialler, Side::kAcceptor}) {
    SideReader& reader = side(which);
    const BytesView kept = reader.kept();
    const Found frame = search(kept, match_frame);
    const Found packet = search(kept, match_packet);
    const bool is_frame = frame.match == Match::kYes;
    const bool is_packet = packet.match == Match::kYes;
    const bool first_bytes = reader.offset() == 0;
    if (first_bytes && match_greeting(kept) == Match::kYes) {
      become(Protocol::kElection, place, which == Side::kDialler);
      return;
    }
    if (is_frame && (!is_packet || frame.at < packet.at)) {
      // A bare sid stands before it, and its SYN was not captured.
      const bool sid = first_bytes && frame.at == kSidSize && (kept[0] & 0x80U) == 0;
      become(Protocol::kElection, place, sid && which == Side::kDialler);
      return;
    }
    if (is_packet) {
      become(Protocol::kLearner, place, false);
      return;
    }
    // What cannot begin a message is forgotten.
    const std::size_t useless = std::min(frame.at, packet.at);
    const bool maybe_greeting = first_bytes && kept.size() <= kSidSize;
    if (!maybe_greeting) {
      reader.drop_kept(useless);
      searched_ += useless;
    }
  }
  if (searched_ > kDecideInTheMiddle) become(Protocol::kOther, place, false);
}

void ConversationReader::become(Protocol protocol, const Place& place, bool from_start) {
  using Step = SideReader::Step;
  conversation_.protocol = protocol;
  switch (protocol) {
    case Protocol::kElection:
      if (conversation_.stream->from_start) {
        shared_.directory.saw_election(conversation_.stream->acceptor);
      }
      dialler_.become(from_start ? Step::kGreeting : Step::kFindFrame, place);
      acceptor_.become(from_start && acceptor_.offset() == 0 ? Step::kFrames : Step::kFindFrame,
                       place);
      return;
    case Protocol::kLearner:
      if (conversation_.stream->from_start) {
        shared_.directory.saw_learner(conversation_.stream->acceptor);
      }
      dialler_.become(from_start ? Step::kPackets : Step::kFindPacket, place);
      acceptor_.become(from_start && acceptor_.offset() == 0 ? Step::kPackets : Step::kFindPacket,
                       place);
      return;
    case Protocol::kTls:
    case Protocol::kOther:
    case Protocol::kUnknown:
      break;
  }
  dialler_.become(Step::kDeaf, place);
  acceptor_.become(Step::kDeaf, place);
}

void ConversationReader::tell(Side which, Sid sid) {
  conversation_.sids[index(which)] = sid;
  told_[index(which)] = true;
}

void ConversationReader::learn(Side from, const MessageBody& body) {
  Directory& directory = shared_.directory;
  const IpAddress& host = conversation_.stream->at(from).host;
  if (const auto* greeting = std::get_if<wire::InitialMessage>(&body)) {
    tell(from, greeting->sid);
    // An observer without an id is nobody in particular.
    if (greeting->sid != kObserverId) directory.greeting(host, *greeting);
  } else if (const auto* seen = std::get_if<SeenNotification>(&body)) {
    const wire::Notification& vote = seen->notification;
    if (vote.config) directory.config(*vote.config);
    if (vote.state == wire::ServerState::kLeading && !told_[index(from)]) {
      tell(from, vote.leader);
      if (from == Side::kAcceptor) directory.leading(conversation_.stream->at(from), vote.leader);
    }
  } else if (const auto* packet = std::get_if<SeenPacket>(&body)) {
    if (const auto* info = std::get_if<wire::LearnerInfo>(&packet->payload)) {
      tell(from, info->sid);
      directory.learner(host, info->sid);
    } else if (const auto* config = std::get_if<ConfigText>(&packet->payload)) {
      directory.config(config->text);
    }
  }
}

void ConversationReader::look_up() {
  const Directory& directory = shared_.directory;
  if (directory_seen_ == directory.version() + 1) return;
  directory_seen_ = directory.version() + 1;
  const StreamInfo& stream = *conversation_.stream;
  const auto settle = [&](Side which, std::optional<Sid> sid) {
    // Nobody dials himself.
    if (told_[index(which)] || !sid || sid == conversation_.sids[index(other(which))]) return;
    conversation_.sids[index(which)] = sid;
  };
  settle(Side::kAcceptor, directory.find(stream.acceptor, stream.dialler.host));
  if (stream.dialler.host != stream.acceptor.host) {
    settle(Side::kDialler, directory.find_host(stream.dialler.host));
  }
}

void ConversationReader::message(Side from, const Place& place, std::uint64_t offset,
                                 BytesView bytes, const MessageBody& body) {
  if (!std::holds_alternative<Gap>(body)) ++shared_.counts.messages;
  learn(from, body);
  look_up();
  shared_.sink.on_message({conversation_, from, place, offset, bytes, body});
}

void ConversationReader::Out::on_body(const Place& place, std::uint64_t offset, BytesView bytes,
                                      const MessageBody& body) {
  reader_.message(side_, place, offset, bytes, body);
}

void ConversationReader::Out::on_sasl() { ++reader_.shared_.counts.sasl_packets; }

void ConversationReader::Out::on_skipped(std::uint64_t bytes) {
  reader_.shared_.counts.skipped_bytes += bytes;
}

void ConversationReader::Out::on_unfinished() { ++reader_.shared_.counts.unfinished; }

}  // namespace zkprobe::capture
