#include "store/directory_fixture.hpp"

#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "wire/log_file.hpp"
#include "wire/snapshot_encoder.hpp"
#include "wire/txn.hpp"

namespace zkprobe::store {

DirectoryFixture::DirectoryFixture() {
  std::string pattern = (std::filesystem::temp_directory_path() / "zkprobe-store-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no directory " + pattern);
  root = pattern;
  paths = DataPaths::in(root);
  std::filesystem::create_directory(paths.snapshots());
}

DirectoryFixture::~DirectoryFixture() {
  std::error_code ignored;
  std::filesystem::remove_all(root, ignored);
}

void DirectoryFixture::put(const std::string& name, BytesView bytes) const {
  std::ofstream file(path(name), std::ios::binary | std::ios::trunc);
  file << to_text(bytes);
  if (!file.flush()) throw std::runtime_error("cannot write " + path(name));
}

Bytes DirectoryFixture::get(const std::string& name) const {
  std::ifstream file(path(name), std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path(name));
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return Bytes(text.begin(), text.end());
}

std::vector<std::string> DirectoryFixture::names() const {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(paths.snapshots())) {
    found.push_back(entry.path().filename().string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

Bytes txn_payload(Zxid zxid, std::size_t data) {
  wire::CreateTxn create{
      "/n" + std::to_string(zxid.value), Bytes(data, 'x'), {{31, {"world", "anyone"}}}, false, 1};
  return wire::encode_txn(
      {{7, 1, zxid, 1'000, wire::TxnType::kCreate}, wire::SimpleTxn(create), std::nullopt});
}

Bytes log_bytes(const std::vector<Zxid>& zxids, std::size_t zeros) {
  Writer writer;
  wire::write_log_header(writer);
  for (const Zxid zxid : zxids) wire::write_log_entry(writer, txn_payload(zxid));
  writer.raw(Bytes(zeros));
  return writer.take();
}

Bytes snapshot_body(std::int64_t sessions) {
  Writer writer;
  wire::write_count(writer, static_cast<std::size_t>(sessions));
  for (std::int64_t id = 1; id <= sessions; ++id) wire::write_session(writer, id, 4000);
  wire::write_count(writer, 1);
  wire::write_acl_entry(writer, 1, std::vector<wire::Acl>{{31, {"world", "anyone"}}});
  for (const char* path : {"", "/zookeeper", "/zookeeper/quota"}) {
    wire::write_node(writer, path, BytesView(), -1, {});
  }
  wire::write_nodes_end(writer);
  return writer.take();
}

Bytes joined(Bytes first, BytesView second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

Bytes snapshot_bytes(std::int64_t sessions, const wire::SnapshotSections& sections) {
  const Bytes body = snapshot_body(sessions);
  wire::SnapshotFileEncoder encoder;
  const Bytes header = encoder.header();
  encoder.body(body);
  return joined(joined(header, body), encoder.end(sections));
}

Bytes gzipped(BytesView bytes) {
  z_stream stream{};
  deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  Bytes out(deflateBound(&stream, bytes.size()) + 32);
  stream.next_in = const_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace zkprobe::store
