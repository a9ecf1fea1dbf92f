// The part of DataTree that reads transactions. Java: DataTree.processTxn, compareDigest.
#include <limits>

#include "replica/data_tree.hpp"
#include "wire/safe_text.hpp"

namespace zkprobe::replica {
namespace {

using wire::TxnType;

constexpr std::int64_t kContainerOwner = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMaxTtl = 0xff'ffff'ffffLL;

std::int64_t ttl_owner(std::int64_t ttl_ms) {
  return static_cast<std::int64_t>(0xff00'0000'0000'0000ULL | static_cast<std::uint64_t>(ttl_ms));
}

std::optional<BytesView> view_of(const std::optional<Bytes>& data) {
  if (!data) return std::nullopt;
  return BytesView(*data);
}

std::string unknown_type(TxnType type) {
  return "a transaction of type " + std::to_string(static_cast<std::int32_t>(type)) +
         ", which no release up to " + to_string(kNewestRelease) + " has";
}

// A path may be long: its beginning is enough to find it.
std::string bad_path(TxnType type, std::string_view path) {
  return std::string(wire::to_string(type)) + " of \"" + wire::safe_text(path.substr(0, 80)) +
         "\": expected an absolute path below /";
}

}  // namespace

Applied DataTree::apply(const wire::Txn& txn) {
  Applied applied;
  if (const auto* multi = std::get_if<wire::MultiTxn>(&txn.body)) {
    applied.err = apply_multi(txn.header, *multi, applied.problem);
  } else {
    applied.err = apply_simple(txn.header, txn.header.type, std::get<wire::SimpleTxn>(txn.body),
                               applied.problem);
  }
  // After the whole of it: a snapshot never holds a part of a multi under its zxid.
  if (txn.header.zxid > last_zxid_) last_zxid_ = txn.header.zxid;
  applied.difference = compare(txn);
  return applied;
}

std::int32_t DataTree::apply_multi(const wire::TxnHeader& header, const wire::MultiTxn& multi,
                                   std::string& problem) {
  const bool failed = multi.failed();
  std::int32_t err = kOk;
  for (const wire::MultiElement& element : multi.elements) {
    std::int32_t result = kOk;
    if (element.type == TxnType::kSetAcl || element.type == TxnType::kReconfig ||
        element.type == TxnType::kCreateSession || element.type == TxnType::kCloseSession) {
      problem = "a multi with " + std::string(wire::to_string(element.type));
      return err;
    }
    if (failed) {
      const auto* error = std::get_if<wire::ErrorTxn>(&element.body);
      result = error ? error->err : kOk;
    } else {
      result = apply_simple(header, element.type, element.body, problem);
      if (!problem.empty()) return err;
    }
    if (err == kOk) err = result;
  }
  return err;
}

std::int32_t DataTree::apply_simple(const wire::TxnHeader& header, TxnType type,
                                    const wire::SimpleTxn& txn, std::string& problem) {
  if (const auto* set = std::get_if<wire::SetDataTxn>(&txn)) {
    return set_data(*set, header.zxid, header.time_ms);
  }
  if (const auto* gone = std::get_if<wire::DeleteTxn>(&txn)) {
    if (split(gone->path)) return remove(gone->path, header.zxid);
    problem = bad_path(type, gone->path);
    return kOk;
  }
  if (const auto* acl = std::get_if<wire::SetAclTxn>(&txn)) return set_acl(*acl);
  if (const auto* session = std::get_if<wire::CreateSessionTxn>(&txn)) {
    sessions_[header.session] = session->timeout_ms;
    return kOk;
  }
  if (const auto* closed = std::get_if<wire::CloseSessionTxn>(&txn)) {
    close_session(header.session, *closed, header.zxid);
    return kOk;
  }
  if (const auto* error = std::get_if<wire::ErrorTxn>(&txn)) return error->err;
  if (std::holds_alternative<wire::CheckVersionTxn>(txn)) return kOk;
  if (std::holds_alternative<wire::UnknownTxn>(txn)) {
    problem = unknown_type(type);
    return kOk;
  }
  return apply_create(header, txn, problem);
}

std::int32_t DataTree::apply_create(const wire::TxnHeader& header, const wire::SimpleTxn& txn,
                                    std::string& problem) {
  const auto make = [&](const auto& made, std::int64_t owner, std::int32_t parent_cversion) {
    if (!split(made.path)) {
      problem = bad_path(header.type, made.path);
      return kOk;
    }
    return create({made.path, view_of(made.data), made.acl, owner, parent_cversion}, header.zxid,
                  header.time_ms);
  };
  if (const auto* plain = std::get_if<wire::CreateTxn>(&txn)) {
    return make(*plain, plain->ephemeral ? header.session : 0, plain->parent_cversion.value_or(-1));
  }
  if (const auto* container = std::get_if<wire::CreateContainerTxn>(&txn)) {
    return make(*container, kContainerOwner, container->parent_cversion);
  }
  const auto& ttl = std::get<wire::CreateTtlTxn>(txn);
  if (ttl.ttl_ms <= 0 || ttl.ttl_ms > kMaxTtl) {
    problem =
        "a TTL of " + std::to_string(ttl.ttl_ms) + " ms: expected 1.." + std::to_string(kMaxTtl);
    return kOk;
  }
  return make(ttl, ttl_owner(ttl.ttl_ms), ttl.parent_cversion);
}

void DataTree::hold_comparison_until(Zxid zxid, std::int32_t version, std::int64_t digest) {
  target_ = Target{zxid, version, digest};
}

std::optional<DigestDifference> DataTree::compare(const wire::Txn& txn) {
  if (target_ && txn.header.zxid >= target_->zxid) {
    const Target target = *target_;
    target_.reset();
    const bool comparable = target.zxid == txn.header.zxid && target.version == kDigestVersion;
    if (comparable && target.digest != digest()) return difference(txn, target.digest);
  }
  if (!comparing() || !txn.digest || txn.digest->version != kDigestVersion) return std::nullopt;
  if (txn.digest->tree_digest == digest()) {
    drift_ = 0;
    return std::nullopt;
  }
  return difference(txn, txn.digest->tree_digest);
}

DigestDifference DataTree::difference(const wire::Txn& txn, std::int64_t expected) {
  DigestDifference found;
  found.zxid = txn.header.zxid;
  found.type = txn.header.type;
  found.paths = wire::paths_of(txn);
  found.expected = expected;
  found.actual = digest();
  const auto drift = static_cast<std::int64_t>(static_cast<std::uint64_t>(expected) -
                                               static_cast<std::uint64_t>(found.actual));
  found.fresh = drift != drift_;
  drift_ = drift;
  return found;
}

}  // namespace zkprobe::replica
