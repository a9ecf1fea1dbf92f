// A recording that no capture holds: votes between servers at given times, over one link each way.
#pragma once

#include <string>
#include <utility>

#include "analysis/recording.hpp"

namespace zkprobe::analysis {

class MadeRecording {
 public:
  // At so many milliseconds.
  RecordIndex vote(std::int64_t ms, std::int64_t from, std::int64_t to, wire::ServerState state,
                   std::int64_t leader, std::int64_t round, std::int32_t text = Record::kNoText) {
    Record record;
    record.what = What::kVote;
    record.state = state;
    record.vote = {PeerEpoch(0), Zxid(0), Sid(leader)};
    record.round = ElectionRound(round);
    record.text = text;
    return add(ms, from, to, record);
  }
  RecordIndex greeting(std::int64_t ms, std::int64_t from, std::int64_t to) {
    Record record;
    record.what = What::kGreeting;
    const RecordIndex index = add(ms, from, to, record);
    made.streams[record_stream(from, to)].greeting = index;
    return index;
  }
  std::int32_t text(std::string config) {
    made.texts.push_back(std::move(config));
    return static_cast<std::int32_t>(made.texts.size()) - 1;
  }
  // The link that `from` dialled to `to`.
  StreamIndex record_stream(std::int64_t from, std::int64_t to) {
    for (StreamIndex i = 0; i < made.streams.size(); ++i) {
      if (made.streams[i].sids[0] == Sid(from) && made.streams[i].sids[1] == Sid(to)) return i;
    }
    StreamRecord stream;
    stream.protocol = capture::Protocol::kElection;
    stream.info.number = made.streams.size();
    stream.info.from_start = stream.info.answered = true;
    stream.info.acceptor.port = static_cast<std::uint16_t>(3000 + to);
    stream.sids[0] = Sid(from);
    stream.sids[1] = Sid(to);
    made.streams.push_back(stream);
    return static_cast<StreamIndex>(made.streams.size() - 1);
  }

  Recording made;

 private:
  RecordIndex add(std::int64_t ms, std::int64_t from, std::int64_t to, Record record) {
    record.stream = record_stream(from, to);
    record.place.packet = made.records.size() + 1;
    record.place.time = std::chrono::milliseconds(ms);
    made.last = record.place.time;
    StreamRecord& stream = made.streams[record.stream];
    stream.info.bytes[0] += 40;
    if (record.what == What::kVote) ++stream.votes[0];
    made.records.push_back(record);
    return static_cast<RecordIndex>(made.records.size() - 1);
  }
};

}  // namespace zkprobe::analysis
