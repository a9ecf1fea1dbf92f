#include "store/log_writer.hpp"

#include "store/txn_log_reader.hpp"

namespace zkprobe::store {
namespace {

// Written before the sync when so much has gathered.
constexpr std::size_t kFlushAt = 1'048'576;
// Padding is added when fewer bytes than this are left.
constexpr std::uint64_t kPaddingLeft = 4096;

}  // namespace

std::uint64_t padded_size(std::uint64_t position, std::uint64_t size, std::uint64_t preallocate) {
  if (preallocate == 0 || position + kPaddingLeft < size) return size;
  if (position <= size) return size + preallocate;
  const std::uint64_t wanted = position + preallocate;
  return wanted - wanted % preallocate;
}

LogWriter::LogWriter(FileSystem& files, std::string directory, Zxid last, LogSettings settings)
    : files_(&files),
      directory_(std::move(directory)),
      settings_(settings),
      last_(last),
      synced_(last) {}

Stored<void> LogWriter::append(BytesView payload) {
  if (failure_) return StorageFailure(*failure_);
  const std::string& place = file_ ? file_->path() : directory_;
  const auto zxid = wire::zxid_of_payload(payload);
  if (!zxid || payload.size() > static_cast<std::size_t>(settings_.max_payload)) {
    return refused(place, "a transaction of " + std::to_string(payload.size()) +
                              " bytes: expected a header and at most " +
                              std::to_string(settings_.max_payload) + " bytes");
  }
  const bool fits = settings_.allow_gaps ? *zxid > last_ : follows(last_, *zxid);
  if (!fits) {
    return refused(place, "zxid " + to_hex(*zxid) + " does not follow " + to_hex(last_) +
                              ", the last one in the log");
  }
  if (!file_) {
    auto begun = begin_file(*zxid);
    if (!begun) return fail(begun.error());
  }
  wire::write_log_entry(buffer_, payload);
  unsynced_ += payload.size() + wire::kLogEntryOverhead;
  last_ = *zxid;
  if (buffer_.size() < kFlushAt) return {};
  const auto flushed = flush();
  return flushed ? flushed : fail(flushed.error());
}

Stored<void> LogWriter::begin_file(Zxid first) {
  const std::string unfinished = join(directory_, unfinished_name(FileKind::kLog, first));
  const std::string name = join(directory_, file_name(FileKind::kLog, first));
  Writer header;
  wire::write_log_header(header);
  const auto write = [&]() -> Stored<void> {
    auto file = files_->open(unfinished, OpenMode::kCreate);
    if (!file) return StorageFailure(file.error());
    auto result = (*file)->write_at(0, header.bytes());
    if (!result) return result;
    size_ = padded_size(header.size(), header.size(), settings_.preallocate);
    if (size_ != header.size()) result = (*file)->resize(size_);
    if (result) result = (*file)->sync();
    return result;
  };
  auto result = write();
  if (result) result = files_->rename(unfinished, name);
  if (!result) {
    (void)files_->remove(unfinished);
    return result;
  }
  // Opened again under its name: errors shall name it.
  auto file = files_->open(name, OpenMode::kWrite);
  if (!file) return StorageFailure(file.error());
  file_ = std::move(*file);
  name_is_new_ = true;
  position_ = header.size();
  synced_position_ = position_;
  return {};
}

Stored<void> LogWriter::flush() {
  if (buffer_.size() == 0) return {};
  const std::uint64_t end = position_ + buffer_.size();
  const std::uint64_t size = padded_size(end, size_, settings_.preallocate);
  if (size != size_) {
    const auto grown = file_->resize(size);
    if (!grown) return grown;
    size_ = size;
  }
  const auto written = file_->write_at(position_, buffer_.bytes());
  if (!written) return written;
  position_ = end;
  buffer_ = Writer();
  return {};
}

Stored<void> LogWriter::sync() {
  if (failure_) return StorageFailure(*failure_);
  if (file_) {
    auto result = flush();
    if (result && unsynced_ > 0) result = file_->sync();
    if (result && name_is_new_) result = files_->sync_directory(directory_);
    if (!result) return fail(result.error());
    name_is_new_ = false;
  }
  synced_position_ = position_;
  synced_ = last_;
  unsynced_ = 0;
  if (settings_.size_limit > 0 && position_ > settings_.size_limit) file_.reset();
  return {};
}

Stored<void> LogWriter::roll() {
  const auto synced = sync();
  if (synced) file_.reset();
  return synced;
}

void LogWriter::restart(Zxid last) {
  file_.reset();
  buffer_ = Writer();
  unsynced_ = 0;
  last_ = last;
  synced_ = last;
  failure_.reset();
}

Stored<void> LogWriter::fail(StorageError error) {
  failure_ = error;
  // What nobody was promised shall not be found by the next start. Where this fails too, the
  // server's state is one that it could have died in.
  if (file_ && file_->resize(synced_position_)) (void)file_->sync();
  return StorageFailure(std::move(error));
}

}  // namespace zkprobe::store
