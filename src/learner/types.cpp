#include "learner/types.hpp"

namespace zkprobe::learner {
namespace {

std::string place(const Incoming& incoming) {
  std::string text(wire::to_string(incoming.packet.type));
  if (text == "UNKNOWN") {
    text += "(" + std::to_string(static_cast<int>(incoming.packet.type)) + ")";
  }
  return text + " at byte " + std::to_string(incoming.offset) + " of the leader's stream: ";
}

}  // namespace

std::string_view to_string(Phase phase) {
  switch (phase) {
    case Phase::kConnecting:
      return "CONNECTING";
    case Phase::kDiscovery:
      return "DISCOVERY";
    case Phase::kSynchronization:
      return "SYNCHRONIZATION";
    case Phase::kBroadcast:
      return "BROADCAST";
    case Phase::kLeft:
      return "LEFT";
  }
  return "";
}

std::string_view to_string(SyncKind kind) {
  switch (kind) {
    case SyncKind::kDiff:
      return "DIFF";
    case SyncKind::kTrunc:
      return "TRUNC";
    case SyncKind::kSnap:
      return "SNAP";
  }
  return "";
}

Leave out_of_order(const Incoming& incoming, std::string_view expected) {
  return {Leave::Why::kOutOfOrder, place(incoming) + "expected " + std::string(expected)};
}

Leave malformed(const Incoming& incoming, const DecodeError& error) {
  return {Leave::Why::kMalformed, place(incoming) + to_string(error)};
}

}  // namespace zkprobe::learner
