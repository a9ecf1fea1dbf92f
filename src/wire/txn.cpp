#include "wire/txn.hpp"

#include <algorithm>

#include "wire/jute.hpp"

namespace zkprobe::wire {
namespace {

// perms, and the lengths of scheme and id.
constexpr std::size_t kMinAcl = 12;
// type, and the length of data.
constexpr std::size_t kMinMultiElement = 8;

CreateTxn read_create(Reader& reader, TxnType type) {
  CreateTxn txn;
  txn.path = read_path(reader, "path");
  txn.data = read_buffer(reader, "data");
  txn.acl = read_acl_list(reader, "acl");
  txn.ephemeral = read_bool(reader, "ephemeral");
  const bool version_zero = type == TxnType::kCreate && reader.remaining() < 4;
  if (reader.ok() && !version_zero) txn.parent_cversion = reader.i32("parentCVersion");
  return txn;
}

CreateContainerTxn read_create_container(Reader& reader) {
  CreateContainerTxn txn;
  txn.path = read_path(reader, "path");
  txn.data = read_buffer(reader, "data");
  txn.acl = read_acl_list(reader, "acl");
  txn.parent_cversion = reader.i32("parentCVersion");
  return txn;
}

CreateTtlTxn read_create_ttl(Reader& reader) {
  CreateTtlTxn txn;
  txn.path = read_path(reader, "path");
  txn.data = read_buffer(reader, "data");
  txn.acl = read_acl_list(reader, "acl");
  txn.parent_cversion = reader.i32("parentCVersion");
  txn.ttl_ms = reader.i64("ttl");
  return txn;
}

SetDataTxn read_set_data(Reader& reader) {
  SetDataTxn txn;
  txn.path = read_path(reader, "path");
  txn.data = read_buffer(reader, "data");
  txn.version = reader.i32("version");
  return txn;
}

SetAclTxn read_set_acl(Reader& reader) {
  SetAclTxn txn;
  txn.path = read_path(reader, "path");
  txn.acl = read_acl_list(reader, "acl");
  txn.version = reader.i32("version");
  return txn;
}

CheckVersionTxn read_check_version(Reader& reader) {
  CheckVersionTxn txn;
  txn.path = read_path(reader, "path");
  txn.version = reader.i32("version");
  return txn;
}

// The record may be missing, and then a digest alone may follow: both are told apart by trying.
// What is left of a record that ends too early counts as missing (SerializeUtils).
CloseSessionTxn read_close_session(Reader& reader) {
  Reader attempt = reader;
  const std::int32_t count = read_vector_count(attempt, "paths2Delete", 4);
  std::vector<std::string> paths;
  for (std::int32_t i = 0; i < count && attempt.ok(); ++i) {
    paths.push_back(read_path(attempt, "paths2Delete"));
  }
  if (!attempt.ok()) return {};
  reader = attempt;
  return {std::move(paths)};
}

SimpleTxn read_simple(Reader& reader, TxnType type) {
  switch (type) {
    case TxnType::kCreate:
    case TxnType::kCreate2:
      return read_create(reader, type);
    case TxnType::kCreateContainer:
      return read_create_container(reader);
    case TxnType::kCreateTtl:
      return read_create_ttl(reader);
    case TxnType::kDelete:
    case TxnType::kDeleteContainer:
      return DeleteTxn{read_path(reader, "path")};
    case TxnType::kSetData:
    case TxnType::kReconfig:
      return read_set_data(reader);
    case TxnType::kSetAcl:
      return read_set_acl(reader);
    case TxnType::kCheck:
      return read_check_version(reader);
    case TxnType::kCreateSession:
      return CreateSessionTxn{reader.i32("timeOut")};
    case TxnType::kCloseSession:
      return read_close_session(reader);
    case TxnType::kError:
      return ErrorTxn{reader.i32("err")};
    case TxnType::kMulti:
      break;  // never inside a multi
  }
  const BytesView body = reader.take(reader.remaining(), "body");
  return UnknownTxn{Bytes(body.begin(), body.end())};
}

MultiTxn read_multi(Reader& reader) {
  MultiTxn multi;
  const std::int32_t count = read_vector_count(reader, "txns", kMinMultiElement);
  for (std::int32_t i = 0; i < count && reader.ok(); ++i) {
    MultiElement element;
    element.type = static_cast<TxnType>(reader.i32("txns.type"));
    const auto data = read_buffer(reader, "txns.data");
    if (!reader.ok()) break;
    const BytesView bytes = data ? BytesView(*data) : BytesView();
    Reader inner(bytes, reader.offset() - bytes.size());
    element.body = read_simple(inner, element.type);
    if (const auto& error = inner.error()) {
      reader.fail(error->fault, "txns." + error->field, error->offset, error->expected,
                  error->found);
    }
    multi.elements.push_back(std::move(element));
  }
  return multi;
}

}  // namespace

bool MultiTxn::failed() const {
  return std::any_of(elements.begin(), elements.end(),
                     [](const MultiElement& e) { return e.type == TxnType::kError; });
}

std::string read_path(Reader& reader, std::string_view field) {
  const std::size_t at = reader.offset();
  auto path = read_ustring(reader, field);
  if (reader.ok() && !path) {
    reader.fail(DecodeFault::kMalformed, field, at, "a path", "null");
  }
  return path.value_or("");
}

std::vector<Acl> read_acl_list(Reader& reader, std::string_view field) {
  std::vector<Acl> list;
  const std::int32_t count = read_vector_count(reader, field, kMinAcl);
  for (std::int32_t i = 0; i < count && reader.ok(); ++i) {
    Acl acl;
    acl.perms = reader.i32("acl.perms");
    acl.id.scheme = read_ustring(reader, "acl.scheme");
    acl.id.id = read_ustring(reader, "acl.id");
    list.push_back(std::move(acl));
  }
  return list;
}

Decoded<Txn> decode_txn(BytesView payload, std::size_t base_offset) {
  Reader reader(payload, base_offset);
  Txn txn;
  txn.header.session = reader.i64("clientId");
  txn.header.cxid = reader.i32("cxid");
  txn.header.zxid = Zxid(reader.i64("zxid"));
  txn.header.time_ms = reader.i64("time");
  txn.header.type = static_cast<TxnType>(reader.i32("type"));
  if (reader.ok()) {
    if (txn.header.type == TxnType::kMulti) {
      txn.body = read_multi(reader);
    } else {
      txn.body = read_simple(reader, txn.header.type);
    }
  }
  if (reader.ok() && reader.remaining() >= kTxnDigestSize) {
    TxnDigest digest;
    digest.version = reader.i32("digest.version");
    digest.tree_digest = reader.i64("digest.treeDigest");
    txn.digest = digest;
  }
  return reader.finish(std::move(txn));
}

}  // namespace zkprobe::wire
