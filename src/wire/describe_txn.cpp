#include <map>

#include "wire/safe_text.hpp"
#include "wire/txn.hpp"

namespace zkprobe::wire {
namespace {

// KeeperException.Code, the ones that a failed request is logged with.
std::string_view error_name(std::int32_t err) {
  static const std::map<std::int32_t, std::string_view> kNames = {{0, "Ok"},
                                                                  {-1, "SystemError"},
                                                                  {-2, "RuntimeInconsistency"},
                                                                  {-3, "DataInconsistency"},
                                                                  {-4, "ConnectionLoss"},
                                                                  {-5, "MarshallingError"},
                                                                  {-6, "Unimplemented"},
                                                                  {-7, "OperationTimeout"},
                                                                  {-8, "BadArguments"},
                                                                  {-13, "NewConfigNoQuorum"},
                                                                  {-14, "ReconfigInProgress"},
                                                                  {-100, "APIError"},
                                                                  {-101, "NoNode"},
                                                                  {-102, "NoAuth"},
                                                                  {-103, "BadVersion"},
                                                                  {-108, "NoChildrenForEphemerals"},
                                                                  {-110, "NodeExists"},
                                                                  {-111, "NotEmpty"},
                                                                  {-112, "SessionExpired"},
                                                                  {-113, "InvalidCallback"},
                                                                  {-114, "InvalidACL"},
                                                                  {-115, "AuthFailed"},
                                                                  {-118, "SessionMoved"},
                                                                  {-119, "NotReadOnly"},
                                                                  {-120, "EphemeralOnLocalSession"},
                                                                  {-123, "ReconfigDisabled"},
                                                                  {-125, "QuotaExceeded"}};
  const auto found = kNames.find(err);
  return found == kNames.end() ? "unknown" : found->second;
}

std::string data_size(const std::optional<Bytes>& data) {
  return " data=" + (data ? std::to_string(data->size()) : "null");
}

struct Describe {
  std::string operator()(const CreateTxn& txn) const {
    return " " + safe_text(txn.path) + data_size(txn.data) + (txn.ephemeral ? " ephemeral" : "");
  }
  std::string operator()(const CreateContainerTxn& txn) const {
    return " " + safe_text(txn.path) + data_size(txn.data);
  }
  std::string operator()(const CreateTtlTxn& txn) const {
    return " " + safe_text(txn.path) + data_size(txn.data) + " ttl=" + std::to_string(txn.ttl_ms) +
           "ms";
  }
  std::string operator()(const DeleteTxn& txn) const { return " " + safe_text(txn.path); }
  std::string operator()(const SetDataTxn& txn) const {
    return " " + safe_text(txn.path) + data_size(txn.data) +
           " version=" + std::to_string(txn.version);
  }
  std::string operator()(const SetAclTxn& txn) const {
    return " " + safe_text(txn.path) + " acl=" + std::to_string(txn.acl.size()) +
           " version=" + std::to_string(txn.version);
  }
  std::string operator()(const CheckVersionTxn& txn) const {
    return " " + safe_text(txn.path) + " version=" + std::to_string(txn.version);
  }
  std::string operator()(const CreateSessionTxn& txn) const {
    return " timeout=" + std::to_string(txn.timeout_ms) + "ms";
  }
  std::string operator()(const CloseSessionTxn& txn) const {
    if (!txn.paths) return "";
    std::string text = " deletes=" + std::to_string(txn.paths->size());
    for (const std::string& path : *txn.paths) text += " " + safe_text(path);
    return text;
  }
  std::string operator()(const ErrorTxn& txn) const {
    return " " + std::to_string(txn.err) + " " + std::string(error_name(txn.err));
  }
  std::string operator()(const UnknownTxn& txn) const {
    return " " + std::to_string(txn.body.size()) + " bytes";
  }
};

std::string type_text(TxnType type) {
  const std::string name(to_string(type));
  if (name != "unknown") return name;
  return name + "(" + std::to_string(static_cast<std::int32_t>(type)) + ")";
}

std::string describe_multi(const MultiTxn& multi) {
  std::string text = multi.failed() ? " failed [" : " [";
  for (std::size_t i = 0; i < multi.elements.size(); ++i) {
    const MultiElement& element = multi.elements[i];
    if (i > 0) text += "; ";
    text += type_text(element.type) + std::visit(Describe{}, element.body);
  }
  return text + "]";
}

struct Paths {
  std::vector<std::string>& out;

  template <class T>
  void operator()(const T& txn) const {
    if constexpr (requires { txn.path; }) out.push_back(txn.path);
  }
  void operator()(const CloseSessionTxn& txn) const {
    if (txn.paths) out.insert(out.end(), txn.paths->begin(), txn.paths->end());
  }
};

}  // namespace

std::string_view to_string(TxnType type) {
  switch (type) {
    case TxnType::kCreate:
      return "create";
    case TxnType::kDelete:
      return "delete";
    case TxnType::kSetData:
      return "setData";
    case TxnType::kSetAcl:
      return "setACL";
    case TxnType::kCheck:
      return "check";
    case TxnType::kMulti:
      return "multi";
    case TxnType::kCreate2:
      return "create2";
    case TxnType::kReconfig:
      return "reconfig";
    case TxnType::kCreateContainer:
      return "createContainer";
    case TxnType::kDeleteContainer:
      return "deleteContainer";
    case TxnType::kCreateTtl:
      return "createTTL";
    case TxnType::kError:
      return "error";
    case TxnType::kCreateSession:
      return "createSession";
    case TxnType::kCloseSession:
      return "closeSession";
  }
  return "unknown";
}

std::vector<std::string> paths_of(const Txn& txn) {
  std::vector<std::string> paths;
  if (const auto* multi = std::get_if<MultiTxn>(&txn.body)) {
    for (const MultiElement& element : multi->elements) std::visit(Paths{paths}, element.body);
  } else {
    std::visit(Paths{paths}, std::get<SimpleTxn>(txn.body));
  }
  return paths;
}

std::string describe(const Txn& txn) {
  std::string text = type_text(txn.header.type);
  if (const auto* multi = std::get_if<MultiTxn>(&txn.body)) {
    text += describe_multi(*multi);
  } else {
    text += std::visit(Describe{}, std::get<SimpleTxn>(txn.body));
  }
  text += " session=" + to_hex(txn.header.session) + " cxid=" + std::to_string(txn.header.cxid);
  if (txn.digest) text += " digest=" + to_hex(txn.digest->tree_digest);
  return text;
}

}  // namespace zkprobe::wire
