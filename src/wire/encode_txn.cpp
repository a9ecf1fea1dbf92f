#include "wire/jute.hpp"
#include "wire/txn.hpp"

namespace zkprobe::wire {
namespace {

void write_path(Writer& writer, const std::string& path) { write_ustring(writer, path); }

void write(Writer& writer, const CreateTxn& txn) {
  write_path(writer, txn.path);
  write_buffer(writer, txn.data);
  write_acl_list(writer, txn.acl);
  write_bool(writer, txn.ephemeral);
  if (txn.parent_cversion) writer.i32(*txn.parent_cversion);
}

void write(Writer& writer, const CreateContainerTxn& txn) {
  write_path(writer, txn.path);
  write_buffer(writer, txn.data);
  write_acl_list(writer, txn.acl);
  writer.i32(txn.parent_cversion);
}

void write(Writer& writer, const CreateTtlTxn& txn) {
  write_path(writer, txn.path);
  write_buffer(writer, txn.data);
  write_acl_list(writer, txn.acl);
  writer.i32(txn.parent_cversion);
  writer.i64(txn.ttl_ms);
}

void write(Writer& writer, const DeleteTxn& txn) { write_path(writer, txn.path); }

void write(Writer& writer, const SetDataTxn& txn) {
  write_path(writer, txn.path);
  write_buffer(writer, txn.data);
  writer.i32(txn.version);
}

void write(Writer& writer, const SetAclTxn& txn) {
  write_path(writer, txn.path);
  write_acl_list(writer, txn.acl);
  writer.i32(txn.version);
}

void write(Writer& writer, const CheckVersionTxn& txn) {
  write_path(writer, txn.path);
  writer.i32(txn.version);
}

void write(Writer& writer, const CreateSessionTxn& txn) { writer.i32(txn.timeout_ms); }

void write(Writer& writer, const CloseSessionTxn& txn) {
  if (!txn.paths) return;
  writer.i32(static_cast<std::int32_t>(txn.paths->size()));
  for (const std::string& path : *txn.paths) write_path(writer, path);
}

void write(Writer& writer, const ErrorTxn& txn) { writer.i32(txn.err); }

void write(Writer& writer, const UnknownTxn& txn) { writer.raw(txn.body); }

void write(Writer& writer, const SimpleTxn& txn) {
  std::visit([&writer](const auto& record) { write(writer, record); }, txn);
}

void write(Writer& writer, const MultiTxn& txn) {
  writer.i32(static_cast<std::int32_t>(txn.elements.size()));
  for (const MultiElement& element : txn.elements) {
    Writer body;
    write(body, element.body);
    writer.i32(static_cast<std::int32_t>(element.type));
    write_buffer(writer, body.take());
  }
}

}  // namespace

void write_acl_list(Writer& writer, std::span<const Acl> list) {
  writer.i32(static_cast<std::int32_t>(list.size()));
  for (const Acl& acl : list) {
    writer.i32(acl.perms);
    write_ustring(writer, acl.id.scheme);
    write_ustring(writer, acl.id.id);
  }
}

Bytes encode_txn(const Txn& txn) {
  Writer writer;
  writer.i64(txn.header.session);
  writer.i32(txn.header.cxid);
  writer.i64(txn.header.zxid.value);
  writer.i64(txn.header.time_ms);
  writer.i32(static_cast<std::int32_t>(txn.header.type));
  std::visit([&writer](const auto& body) { write(writer, body); }, txn.body);
  if (txn.digest) {
    writer.i32(txn.digest->version);
    writer.i64(txn.digest->tree_digest);
  }
  return writer.take();
}

}  // namespace zkprobe::wire
