#include "check_transcript.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "capture/conversation_reader.hpp"
#include "decode_view.hpp"

namespace zkprobe::tool {
namespace {

using conformance::Place;
using conformance::Recorder;
using What = Recorder::Recorded::What;

// They tell the reader which protocol a link has.
constexpr std::uint16_t kElectionPort = 3888;
constexpr std::uint16_t kLearnerPort = 2888;
constexpr std::size_t kMemory = 32 * 1'048'576;

// Fields that depend on addresses, ports or the clock.
constexpr const char* kVarying[] = {"addresses", "bytes", "time_ms"};

// Each field of that kind is moved from `fields`, or from its "txn", to `varies`.
void set_aside(Json& fields, Json& varies) {
  for (const char* name : kVarying) {
    if (!fields.contains(name) || fields[name].is_string()) continue;
    varies[name] = fields[name];
    fields.erase(name);
  }
  if (fields.contains("config")) {
    const std::string text = fields["config"].get<std::string>();
    varies["config"] = text;
    fields["config"] = without_ports(text);
  }
  if (fields.contains("txn")) set_aside(fields["txn"], varies);
}

// The records of one scenario, by the event that they come from.
class Transcript : private capture::MessageSink {
 public:
  Transcript(const Checked& one, const Recorder& recorder) : one_(one), recorder_(recorder) {}

  std::string text() {
    for (const auto& [link, known] : recorder_.links()) read(link, known);
    std::stable_sort(records_.begin(), records_.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::string out = to_line(head());
    for (const auto& [event, record] : records_) out += to_line(record);
    return out;
  }

 private:
  Json head() const {
    Json record;
    record["record"] = "scenario";
    record["scenario"] = one_.scenario.id;
    record["address"] = one_.address;
    record["release"] = one_.release;
    record["result"] = std::string(to_string(one_.result.verdict));
    record["observed"] = one_.result.observed;
    record["line"] = one_.result.line;  // at which it ended
    record["messages"] = records_.size();
    if (recorder_.cut()) record["cut"] = true;
    return record;
  }

  Json begin(std::size_t event, const char* from, const std::string& kind) const {
    const Recorder::Recorded& seen = recorder_.events()[event];
    const Recorder::Known& known = recorder_.links().at(seen.link);
    Json record;
    record["record"] = "message";
    record["scenario"] = one_.scenario.id;
    record["line"] = seen.line;
    record["peer"] = known.peer;
    record["link"] = seen.link;
    record["port"] = known.port == Place::Port::kLearner ? "learner" : "election";
    if (known.asks) record["asks"] = true;
    record["from"] = from;
    record["kind"] = kind;
    return record;
  }

  Json varies(std::size_t event) const {
    const Duration since = recorder_.events()[event].at - recorder_.events()[0].at;
    return Json{{"ms", static_cast<double>(since.count()) / 1000.0}};
  }

  // A link comes about or ends.
  void mark(std::size_t event, bool server, const char* kind) {
    Json record = begin(event, server ? "server" : "peer", kind);
    record["varies"] = varies(event);
    records_.emplace_back(event, std::move(record));
  }

  void read(Recorder::Link link, const Recorder::Known& known) {
    peer_side_ = known.called ? capture::Side::kAcceptor : capture::Side::kDialler;
    stream_ = capture::StreamInfo();
    stream_.from_start = true;
    stream_.dialler_seen = true;
    stream_.acceptor.port = known.port == Place::Port::kLearner ? kLearnerPort : kElectionPort;
    const capture::PortHints hints{{kElectionPort}, {kLearnerPort}};
    capture::Budget budget{kMemory, 0};
    capture::Directory directory;
    capture::ConversationCounts counts;
    capture::ConversationReader reader(stream_, {*this, hints, budget, directory, counts});
    capture::Place place;
    for (std::size_t i = 0; i < recorder_.events().size(); ++i) {
      const Recorder::Recorded& event = recorder_.events()[i];
      if (event.link != link) continue;
      place.packet = i;
      switch (event.what) {
        case What::kOpened:
          mark(i, known.called, "open");
          break;
        case What::kWritten:
          reader.on_bytes(peer_side_, place, event.bytes);
          break;
        case What::kRead:
          reader.on_bytes(capture::other(peer_side_), place, event.bytes);
          break;
        case What::kEnded:
        case What::kLeft:
          mark(i, event.what == What::kEnded, "close");
          break;
      }
    }
    reader.on_close(place, capture::CloseReason::kEnd);
  }

  void on_message(const capture::Message& message) override {
    std::string text;
    view_.json(message.body, message.bytes, text);
    Json decoded = Json::parse(text);
    Json record = begin(message.place.packet, message.from == peer_side_ ? "peer" : "server",
                        decoded["kind"].get<std::string>());
    Json aside = varies(message.place.packet);
    set_aside(decoded["fields"], aside);
    record["fields"] = decoded["fields"];
    record["varies"] = aside;
    records_.emplace_back(message.place.packet, std::move(record));
  }

  const Checked& one_;
  const Recorder& recorder_;
  DecodeView view_{Style(false)};
  capture::StreamInfo stream_;
  capture::Side peer_side_ = capture::Side::kDialler;
  std::vector<std::pair<std::size_t, Json>> records_;
};

}  // namespace

std::string transcript_of(const Checked& one, const Recorder& recorder) {
  return Transcript(one, recorder).text();
}

std::string without_ports(const std::string& config) {
  std::string out;
  bool port = false;
  for (const char c : config) {
    const bool digit = c >= '0' && c <= '9';
    if (port && digit) {
      if (out.back() == ':') out += "PORT";
      continue;
    }
    out += c;
    port = c == ':';
  }
  return out;
}

}  // namespace zkprobe::tool
