#include "election/describe.hpp"

#include "wire/describe.hpp"

namespace zkprobe::election {

namespace {

template <class Id>
std::string number(Id id) {
  return id == Id::min() ? "min" : to_hex(id);
}

std::string line(const Send& send) {
  return "send " + to_string(send.to) + ": " + wire::describe(send.notification);
}
std::string line(const ConnectAll&) { return "connect all"; }
std::string line(const Heard& heard) {
  return "heard " + to_string(heard.from) + ": " + wire::describe(heard.notification);
}
std::string line(const Decided& decided) {
  return "decided " + std::string(wire::to_string(decided.state)) + " " +
         describe(decided.vote.vote) + " round=" + to_hex(decided.vote.round);
}
std::string line(const AdoptConfig& adopt) {
  return "adopt " + wire::describe(adopt.config) + (adopt.persist ? ", persist" : "") +
         (adopt.restart ? ", restart" : "");
}
std::string line(const Report& report) {
  return "report " + std::string(to_string(report.kind)) + " " + to_string(report.about) + ": " +
         report.text;
}

}  // namespace

std::string describe(const quorum::Vote& vote) {
  return "leader=" + (vote.leader == Sid::min() ? "min" : to_string(vote.leader)) +
         " zxid=" + number(vote.zxid) + " peerEpoch=" + number(vote.peer_epoch);
}

std::string_view to_string(Report::Kind kind) {
  switch (kind) {
    case Report::Kind::kRound:
      return "round";
    case Report::Kind::kProposal:
      return "proposal";
    case Report::Kind::kAnswer:
      return "answer";
    case Report::Kind::kIgnored:
      return "ignored";
    case Report::Kind::kQuorum:
      return "quorum";
    case Report::Kind::kDecided:
      return "decided";
    case Report::Kind::kDeclined:
      return "declined";
    case Report::Kind::kConfig:
      return "config";
    case Report::Kind::kBytes:
      return "bytes";
  }
  return "?";
}

std::string describe(const Effect& effect) {
  return std::visit([](const auto& value) { return line(value); }, effect);
}

}  // namespace zkprobe::election
