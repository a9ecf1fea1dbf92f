#include "analysis/story.hpp"

#include <utility>

#include "analysis/election_reader.hpp"
#include "analysis/findings.hpp"
#include "analysis/phases.hpp"
#include "wire/java_text.hpp"

namespace zkprobe::analysis {

Story tell(Recording recording) {
  Roster roster(recording);
  ElectionReader reader(recording, roster);
  std::vector<Election> elections = reader.read();
  std::vector<Learning> rest = tell_phases(recording, roster, learnings_of(recording), elections);
  std::vector<Link> links = links_of(recording, roster);
  Story story{std::move(recording), std::move(roster), std::move(links),
              std::move(elections), std::move(rest),   {},
              reader.untold() > 0};
  story.findings = find_all(story);
  return story;
}

std::string describe(const quorum::Vote& vote) {
  if (vote.leader == Sid::min()) return "nobody (an observer)";
  return "server " + to_string(vote.leader) + " (epoch " + to_hex(vote.peer_epoch) + ", zxid " +
         to_hex(vote.zxid) + ")";
}

std::string name_of(const StreamRecord& stream, Side side) {
  const auto sid = stream.sid(side);
  if (!sid) return capture::to_string(stream.info.at(side));
  if (*sid == kObserverId) return "an observer without an id";
  return "server " + to_string(*sid);
}

std::string describe(const Recording& recording, const Record& record) {
  const StreamRecord& stream = recording.stream_of(record);
  const std::string from = name_of(stream, record.from);
  const std::string to = name_of(stream, capture::other(record.from));
  switch (record.what) {
    case What::kGreeting: {
      const std::string form = record.greeting == wire::GreetingForm::kBareSid ? "with its bare id"
                               : record.greeting == wire::GreetingForm::kV1    ? "(V1)"
                                                                               : "(V2)";
      const std::string& at = recording.text_of(record);
      return from + " greets " + to + " " + form +
             (at.empty() ? "" : ", announcing " + wire::printable(at));
    }
    case What::kVote:
      if (record.state == wire::ServerState::kLooking) {
        return from + " tells " + to + " that it votes for " + describe(record.vote) +
               " in round " + to_string(record.round);
      }
      return from + " tells " + to + " that it is " + std::string(wire::to_string(record.state)) +
             ", leader " + to_string(record.vote.leader) + ", round " + to_string(record.round);
    case What::kPacket:
      return from + " sends " + std::string(wire::to_string(record.type)) + " " +
             to_hex(record.vote.zxid) + " to " + to;
    case What::kGap:
      return std::to_string(record.number) + " bytes from " + from + " to " + to +
             " are missing in the capture";
    case What::kMalformed:
      return from + " sends " + to +
             " what nobody can read: " + wire::printable(recording.text_of(record));
  }
  return "";
}

}  // namespace zkprobe::analysis
