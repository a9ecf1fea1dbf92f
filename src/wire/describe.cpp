#include "wire/describe.hpp"

#include "wire/java_text.hpp"

namespace zkprobe::wire {
namespace {

template <class Items, class Print>
std::string join(const Items& items, const char* separator, Print print) {
  std::string text;
  for (const auto& item : items) {
    if (!text.empty()) text += separator;
    text += print(item);
  }
  return text;
}

std::string sid_list(const std::vector<Sid>& sids) {
  return join(sids, " ", [](Sid sid) { return to_string(sid); });
}

std::string counted(const std::vector<Sid>& sids, const char* what) {
  std::string text = std::to_string(sids.size()) + " " + what + (sids.size() == 1 ? "" : "s");
  if (!sids.empty()) text += " (" + sid_list(sids) + ")";
  return text;
}

std::string describe_quorum(const QuorumConfig& config) {
  if (config.oracle) return "oracle";
  if (!config.hierarchical()) return "majority";
  return "hierarchical (" +
         join(config.groups, "; ",
              [](const auto& group) {
                return std::to_string(group.first) + ": " + sid_list(group.second);
              }) +
         "), weights (" +
         join(config.weights, " ",
              [](const auto& weight) {
                return to_string(weight.first) + "=" + std::to_string(weight.second);
              }) +
         ")";
}

}  // namespace

std::string describe(const InitialMessage& message) {
  std::string text = "greeting ";
  switch (message.form) {
    case GreetingForm::kBareSid:
      text += "bare";
      break;
    case GreetingForm::kV1:
      text += "V1";
      break;
    case GreetingForm::kV2:
      text += "V2";
      break;
  }
  text += " sid=" + to_string(message.sid);
  if (message.addresses.empty()) return text;
  return text + " addresses=" + join(message.addresses, "|", [](const HostPort& address) {
           return printable(to_string(address), kMaxGreetingAddress);
         });
}

std::string describe(const Notification& n) {
  std::string text = "notification " + std::string(to_string(n.state)) +
                     " leader=" + to_string(n.leader) + " zxid=" + to_hex(n.zxid) +
                     " round=" + to_hex(n.election_epoch) + " peerEpoch=" + to_hex(n.peer_epoch) +
                     " version=" + std::to_string(n.version);
  if (!n.config) return text;
  if (n.config->empty()) return text + " config=empty";
  const auto config = parse_quorum_config(*n.config);
  return text + " config=" + (config ? to_hex(config->version) : "unreadable");
}

std::string describe(const QuorumConfig& config) {
  std::string text = counted(config.voters(), "participant");
  if (const auto observers = config.observers(); !observers.empty()) {
    text += ", " + counted(observers, "observer");
  }
  return text + ", " + describe_quorum(config) + ", version " + to_hex(config.version);
}

}  // namespace zkprobe::wire
