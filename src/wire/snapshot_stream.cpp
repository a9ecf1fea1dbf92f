#include "wire/snapshot_stream.hpp"

#include <algorithm>

#include "wire/safe_text.hpp"

namespace zkprobe::wire {
namespace {

NodeStat read_stat(Reader& reader) {
  NodeStat stat;
  stat.czxid = Zxid(reader.i64("czxid"));
  stat.mzxid = Zxid(reader.i64("mzxid"));
  stat.ctime_ms = reader.i64("ctime");
  stat.mtime_ms = reader.i64("mtime");
  stat.version = reader.i32("version");
  stat.cversion = reader.i32("cversion");
  stat.aversion = reader.i32("aversion");
  stat.ephemeral_owner = reader.i64("ephemeralOwner");
  stat.pzxid = Zxid(reader.i64("pzxid"));
  return stat;
}

// "abc", cut after 40 bytes: hostile text in an error stays short.
std::string quoted(BytesView field) {
  const BytesView head = field.first(std::min<std::size_t>(field.size(), 40));
  return "\"" + safe_text(zkprobe::to_text(head)) + "\"";
}

}  // namespace

std::size_t SnapshotReader::fixed_size() const {
  switch (step_) {
    case Step::kSessionCount:
    case Step::kAclCount:
    case Step::kAclPerms:
      return 4;
    case Step::kSession:
    case Step::kAclHead:
      return 12;
    case Step::kStat:
      return 8 + kStatSize;
    case Step::kAclScheme:
    case Step::kAclId:
    case Step::kPath:
    case Step::kData:
    case Step::kSignature:
    case Step::kDone:
      return 0;
  }
  return 0;
}

std::int32_t SnapshotReader::max_length() const {
  if (step_ == Step::kData) return limits_.max_data;
  if (step_ == Step::kSignature) return static_cast<std::int32_t>(kSnapshotSignature.size());
  return limits_.max_string;
}

std::string_view SnapshotReader::field_name() const {
  switch (step_) {
    case Step::kSessionCount:
      return "sessions";
    case Step::kSession:
      return "session";
    case Step::kAclCount:
      return "acls";
    case Step::kAclHead:
      return "acl";
    case Step::kAclPerms:
      return "acl.perms";
    case Step::kAclScheme:
      return "acl.scheme";
    case Step::kAclId:
      return "acl.id";
    case Step::kPath:
      return "path";
    case Step::kData:
      return "data";
    case Step::kStat:
      return "stat";
    case Step::kSignature:
      return "signature";
    case Step::kDone:
      return "end";
  }
  return "";
}

Decoded<std::size_t> SnapshotReader::feed(BytesView chunk, SnapshotSink& sink) {
  std::size_t used = 0;
  while (!done() && !error_) {
    const auto field = next_field(chunk, used);
    if (!field) break;
    take_field(*field, sink);
    pending_.clear();
    length_.reset();
    skipped_ = 0;
    field_offset_ = counts_.bytes;
  }
  if (error_) return DecodeFailure(*error_);
  return used;
}

std::optional<BytesView> SnapshotReader::next_field(BytesView chunk, std::size_t& used) {
  std::size_t size = fixed_size();
  if (size == 0) {
    if (!read_length(chunk, used)) return std::nullopt;
    size = static_cast<std::size_t>(std::max(*length_, 0));
    if (step_ == Step::kData && !limits_.keep_data) {
      if (!skip(chunk, used, size)) return std::nullopt;
      return BytesView();
    }
  }
  if (!gather(chunk, used, size)) return std::nullopt;
  return BytesView(pending_);
}

bool SnapshotReader::read_length(BytesView chunk, std::size_t& used) {
  if (length_) return true;
  if (!gather(chunk, used, 4)) return false;
  const std::int32_t length = Reader(pending_).i32("length");
  if (length < -1 || length > max_length()) {
    fail(DecodeFault::kOutOfRange, "-1.." + std::to_string(max_length()), std::to_string(length));
    return false;
  }
  length_ = length;
  pending_.clear();
  return true;
}

// True when the field's `size` bytes stand in pending_.
bool SnapshotReader::gather(BytesView chunk, std::size_t& used, std::size_t size) {
  const std::size_t n = std::min(size - pending_.size(), chunk.size() - used);
  const BytesView part = chunk.subspan(used, n);
  pending_.insert(pending_.end(), part.begin(), part.end());
  used += n;
  counts_.bytes += n;
  return pending_.size() == size;
}

bool SnapshotReader::skip(BytesView chunk, std::size_t& used, std::size_t size) {
  const std::size_t n = std::min(size - skipped_, chunk.size() - used);
  skipped_ += n;
  used += n;
  counts_.bytes += n;
  return skipped_ == size;
}

void SnapshotReader::take_field(BytesView field, SnapshotSink& sink) {
  const bool null = length_ && *length_ == -1;
  switch (step_) {
    case Step::kSessionCount:
      take_count(field, Step::kSession, Step::kAclCount);
      break;
    case Step::kSession:
      take_session(field, sink);
      break;
    case Step::kAclCount:
      take_count(field, Step::kAclHead, Step::kPath);
      break;
    case Step::kAclHead:
      take_acl_head(field);
      break;
    case Step::kAclPerms:
      acl_.perms = Reader(field).i32("acl.perms");
      step_ = Step::kAclScheme;
      break;
    case Step::kAclScheme:
      acl_.id.scheme = null ? std::nullopt : std::optional(zkprobe::to_text(field));
      step_ = Step::kAclId;
      break;
    case Step::kAclId:
      acl_.id.id = null ? std::nullopt : std::optional(zkprobe::to_text(field));
      sink.on_acl(acl_index_, acl_);
      step_ = Step::kAclPerms;
      if (--acl_entries_ == 0) end_acl_list();
      break;
    case Step::kPath:
      take_path(field);
      break;
    case Step::kData:
      node_.data_size = static_cast<std::size_t>(std::max(*length_, 0));
      if (limits_.keep_data && !null) node_.data = Bytes(field.begin(), field.end());
      step_ = Step::kStat;
      break;
    case Step::kStat:
      take_node(field, sink);
      break;
    case Step::kSignature:
      take_signature(field);
      break;
    case Step::kDone:
      break;
  }
}

void SnapshotReader::take_count(BytesView field, Step each, Step after) {
  const std::int32_t count = Reader(field).i32("count");
  if (count < 0) {
    fail(DecodeFault::kOutOfRange, "0 or more", std::to_string(count));
    return;
  }
  left_ = count;
  step_ = count > 0 ? each : after;
}

void SnapshotReader::take_session(BytesView field, SnapshotSink& sink) {
  Reader reader(field);
  const std::int64_t session = reader.i64("sessionId");
  const std::int32_t timeout = reader.i32("timeout");
  sink.on_session(session, timeout);
  ++counts_.sessions;
  if (--left_ == 0) step_ = Step::kAclCount;
}

void SnapshotReader::take_acl_head(BytesView field) {
  Reader reader(field);
  acl_index_ = reader.i64("index");
  const std::int32_t entries = reader.i32("count");
  if (entries > limits_.max_acl_entries) {
    fail(DecodeFault::kOutOfRange, "at most " + std::to_string(limits_.max_acl_entries),
         std::to_string(entries));
    return;
  }
  acl_entries_ = std::max(entries, 0);
  step_ = Step::kAclPerms;
  if (acl_entries_ == 0) end_acl_list();
}

void SnapshotReader::end_acl_list() {
  ++counts_.acls;
  step_ = --left_ == 0 ? Step::kPath : Step::kAclHead;
}

void SnapshotReader::take_path(BytesView field) {
  node_ = SnapshotNode{};
  node_.path = zkprobe::to_text(field);
  const bool null = length_ && *length_ == -1;
  if (null || (!node_.path.empty() && node_.path.front() != '/')) {
    fail(DecodeFault::kMalformed, "an absolute path", null ? "null" : quoted(field));
    return;
  }
  const Step end = limits_.signature ? Step::kSignature : Step::kDone;
  step_ = node_.path == "/" ? end : Step::kData;
}

void SnapshotReader::take_node(BytesView stat, SnapshotSink& sink) {
  Reader reader(stat);
  node_.acl = reader.i64("acl");
  node_.stat = read_stat(reader);
  ++counts_.nodes;
  counts_.data_bytes += node_.data_size;
  sink.on_node(node_);
  step_ = Step::kPath;
}

void SnapshotReader::take_signature(BytesView field) {
  if (zkprobe::to_text(field) != kSnapshotSignature) {
    fail(DecodeFault::kMalformed, quoted(as_bytes(kSnapshotSignature)), quoted(field));
    return;
  }
  step_ = Step::kDone;
}

void SnapshotReader::fail(DecodeFault fault, std::string expected, std::string found) {
  error_ = DecodeError{fault, std::string(field_name()), field_offset_, std::move(expected),
                       std::move(found)};
}

}  // namespace zkprobe::wire
