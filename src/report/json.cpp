#include "report/json.hpp"

#include <nlohmann/json.hpp>

#include "report/format.hpp"
#include "report/telling.hpp"
#include "wire/java_text.hpp"

namespace zkprobe::report {
namespace {

using Json = nlohmann::ordered_json;
using analysis::Record;
using analysis::RecordIndex;
using analysis::Story;
using analysis::What;

class Writer {
 public:
  // `text_ids`: ids may be larger than what a browser's numbers hold.
  Writer(const Story& story, bool text_ids) : story_(story), text_ids_(text_ids) {}

  Json whole(const std::string& file) const {
    Json all;
    all["file"] = file;
    all["summary"] = summary(story_);
    all["first"] = rfc3339(story_.recording.first);
    all["last"] = rfc3339(story_.recording.last);
    all["packets"] = story_.recording.packets;
    all["messages"] = story_.recording.messages;
    all["left_out"] = left_out();
    all["findings"] = Json::array();
    for (const auto& one : story_.findings) all["findings"].push_back(finding(one));
    all["voters_assumed"] = story_.roster.assumed();
    all["servers"] = Json::array();
    for (const auto& [sid, one] : story_.roster.servers()) all["servers"].push_back(server(one));
    all["elections"] = Json::array();
    for (const auto& one : story_.elections) all["elections"].push_back(election(one));
    all["connections"] = Json::array();
    for (const auto& one : story_.links) all["connections"].push_back(link(one));
    return all;
  }

  // [packet, microseconds since the first packet, stream, side, kind, text, leader]
  Json messages() const {
    Json all = Json::array();
    const CaptureTime first = story_.recording.first;
    for (const Record& record : story_.recording.records) {
      Json one = Json::array();
      one.push_back(record.place.packet);
      one.push_back(
          std::chrono::floor<std::chrono::microseconds>(record.place.time - first).count());
      one.push_back(record.stream);
      one.push_back(static_cast<int>(record.from));
      one.push_back(kind(record));
      one.push_back(label(record));
      if (record.what == What::kVote) one.push_back(leader(record));
      all.push_back(std::move(one));
    }
    return all;
  }

 private:
  using CaptureTime = capture::CaptureTime;

  const Record& record(RecordIndex index) const { return story_.recording.records[index]; }
  Json id(Sid sid) const { return text_ids_ ? Json(to_string(sid)) : Json(sid.value); }
  Json sid_of(std::optional<Sid> sid) const { return sid ? id(*sid) : Json(); }
  Json sids_of(const std::vector<Sid>& sids) const {
    Json all = Json::array();
    for (const Sid sid : sids) all.push_back(id(sid));
    return all;
  }
  static double ms(CaptureTime length) { return static_cast<double>(length.count() / 1000) / 1e3; }

  static std::string leader(const Record& record) {
    return record.vote.leader == Sid::min() ? "nobody" : to_string(record.vote.leader);
  }
  static int kind(const Record& record) {
    if (record.what == What::kVote) return static_cast<int>(record.state);  // 0 to 3
    return 4 + static_cast<int>(record.what);  // 4 greeting, 6 packet, 7 gap, 8 malformed
  }
  std::string label(const Record& record) const {
    switch (record.what) {
      case What::kGreeting: {
        const char* const form = record.greeting == wire::GreetingForm::kBareSid ? "bare id"
                                 : record.greeting == wire::GreetingForm::kV1    ? "V1"
                                                                                 : "V2";
        const std::string& at = story_.recording.text_of(record);
        return std::string("greeting ") + form + (at.empty() ? "" : " " + wire::printable(at));
      }
      case What::kVote:
        return "round " + to_string(record.round) + ", zxid " + to_hex(record.vote.zxid) +
               ", epoch " + to_hex(record.vote.peer_epoch);
      case What::kPacket:
        return std::string(wire::to_string(record.type)) + " " + to_hex(record.vote.zxid);
      case What::kGap:
        return std::to_string(record.number) + " bytes missing";
      case What::kMalformed:
        return wire::printable(story_.recording.text_of(record));
    }
    return "";
  }

  Json left_out() const {
    const analysis::LeftOut& left = story_.recording.left_out;
    return {{"text", report::left_out(story_)},
            {"election_messages", left.votes},
            {"broadcast_messages", left.broadcast},
            {"connections", left.streams},
            {"outside", left.outside},
            {"elections", story_.elections_left_out}};
  }

  Json finding(const analysis::Finding& one) const {
    Json evidence = Json::array();
    for (const analysis::Evidence& proof : one.evidence) {
      Json item = {{"packet", proof.packet}, {"t", rfc3339(proof.time)}};
      if (proof.stream) item["stream"] = *proof.stream;
      item["what"] = proof.what;
      evidence.push_back(std::move(item));
    }
    return {{"id", one.id},         {"severity", to_string(one.severity)},
            {"title", one.title},   {"detail", one.detail},
            {"advice", one.advice}, {"servers", sids_of(one.servers)},
            {"count", one.count},   {"evidence", std::move(evidence)}};
  }

  Json server(const analysis::Server& one) const {
    const char* const role = !one.member ? "stranger" : one.observer ? "observer" : "voter";
    return {{"sid", id(one.sid)},     {"role", role},       {"release", release_text(one)},
            {"listens", one.listens}, {"votes", one.votes}, {"packets", one.packets}};
  }

  Json place(const capture::Place& at) const {
    return {{"packet", at.packet}, {"t", rfc3339(at.time)}};
  }

  Json election(const analysis::Election& one) const {
    Json all;
    all["number"] = one.number;
    all["kind"] = one.join ? "join" : "election";
    all["headline"] = headline(story_, one);
    all["leader"] = sid_of(one.leader);
    all["began"] = place(one.began);
    if (one.decided) all["decided"] = place(*one.decided);
    if (text_ids_) all["span"] = {one.first_record, one.last_record};
    all["rounds"] = {one.first_round.value, one.last_round.value};
    all["servers"] = Json::array();
    for (const analysis::Tale& tale : one.tales) all["servers"].push_back(tale_of(tale));
    all["lines"] = Json::array();
    for (const Line& line : lines_of(story_, one)) {
      Json item = {{"packet", line.place.packet},
                   {"t", rfc3339(line.place.time)},
                   {"sid", id(line.sid)},
                   {"step", to_string(line.step)}};
      if (line.because) item["because"] = record(*line.because).place.packet;
      item["text"] = line.text;
      all["lines"].push_back(std::move(item));
    }
    return all;
  }

  Json tale_of(const analysis::Tale& tale) const {
    Json all;
    all["sid"] = id(tale.sid);
    all["voter"] = tale.voter;
    all["began"] = place(tale.began);
    all["proposals"] = Json::array();
    for (const analysis::Position& now : tale.positions) {
      Json item = {{"packet", record(now.record).place.packet},
                   {"t", rfc3339(record(now.record).place.time)},
                   {"round", now.round.value},
                   {"leader", id(now.vote.leader)},
                   {"zxid", to_hex(now.vote.zxid)},
                   {"peer_epoch", to_hex(now.vote.peer_epoch)}};
      if (now.because) item["because"] = record(*now.because).place.packet;
      if (now.restarted) item["restarted"] = true;
      all["proposals"].push_back(std::move(item));
    }
    if (tale.quorum) {
      all["quorum"] = place(record(*tale.quorum).place);
      all["quorum"]["servers"] = sids_of(tale.quorum_of);
    }
    if (tale.decision) {
      all["decision"] = place(tale.decision->place);
      all["decision"]["state"] = wire::to_string(tale.decision->state);
      all["decision"]["leader"] = id(tale.decision->leader);
    }
    all["phases"] = Json::array();
    for (const analysis::Phase& phase : tale.phases) {
      Json item = {{"phase", to_string(phase.kind)}, {"from", rfc3339(phase.from.time)}};
      item["at_ms"] = ms(phase.from.time - story_.recording.first);
      if (phase.to) item["ms"] = ms(phase.to->time - phase.from.time);
      all["phases"].push_back(std::move(item));
    }
    return all;
  }

  Json link(const analysis::Link& one) const {
    const analysis::StreamRecord& stream = story_.recording.streams[one.stream];
    Json all = {{"stream", stream.info.number},
                {"protocol", capture::to_string(stream.protocol)},
                {"fate", to_string(one.fate)},
                {"dialler", sid_of(stream.sid(capture::Side::kDialler))},
                {"dialler_address", capture::to_string(stream.info.dialler)},
                {"acceptor", sid_of(stream.sid(capture::Side::kAcceptor))},
                {"acceptor_address", capture::to_string(stream.info.acceptor)},
                {"opened", place(stream.info.opened)}};
    if (!stream.is_open()) all["closed"] = place(stream.closed);
    all["votes"] = {stream.votes[0], stream.votes[1]};
    all["packets"] = {stream.packets[0], stream.packets[1]};
    return all;
  }

  const Story& story_;
  bool text_ids_;
};

std::string dump(const Json& json) {
  return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

}  // namespace

std::string to_json(const Story& story, const std::string& file) {
  return dump(Writer(story, false).whole(file)) + "\n";
}

std::string page_data(const Story& story, const std::string& file) {
  const Writer writer(story, true);
  Json all = writer.whole(file);
  all["records"] = writer.messages();
  std::string text;
  // "<" would let a text end the script element, or begin a comment in it.
  for (const char c : dump(all)) {
    if (c == '<') {
      text += "\\u003c";
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace zkprobe::report
