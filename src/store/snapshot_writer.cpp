#include "store/snapshot_writer.hpp"

#include <algorithm>

namespace zkprobe::store {
namespace {

constexpr std::size_t kFlushAt = 262'144;
// Synced now and then: a gigabyte that is synced at once holds up the log on the same disk.
constexpr std::uint64_t kSyncEvery = 16 * 1'048'576;

}  // namespace

Stored<std::unique_ptr<SnapshotWriter>> SnapshotWriter::create(FileSystem& files,
                                                               const std::string& directory,
                                                               Zxid zxid) {
  auto file =
      files.open(join(directory, unfinished_name(FileKind::kSnapshot, zxid)), OpenMode::kCreate);
  if (!file) return StorageFailure(file.error());
  std::unique_ptr<SnapshotWriter> writer(
      new SnapshotWriter(files, directory, zxid, std::move(*file)));
  writer->buffer_ = writer->encoder_.header();
  return writer;
}

SnapshotWriter::~SnapshotWriter() {
  if (!finished_) (void)files_->remove(file_->path());
}

void SnapshotWriter::keep_tail(BytesView chunk) {
  tail_.insert(tail_.end(),
               chunk.end() - static_cast<std::ptrdiff_t>(std::min<std::size_t>(chunk.size(), 5)),
               chunk.end());
  if (tail_.size() > 5) tail_.erase(tail_.begin(), tail_.end() - 5);
}

Stored<void> SnapshotWriter::write(BytesView chunk) {
  encoder_.body(chunk);
  keep_tail(chunk);
  buffer_.insert(buffer_.end(), chunk.begin(), chunk.end());
  if (buffer_.size() < kFlushAt) return {};
  auto result = flush();
  if (result && position_ - synced_ >= kSyncEvery) {
    result = file_->sync();
    synced_ = position_;
  }
  return result;
}

Stored<void> SnapshotWriter::flush() {
  const auto written = file_->write_at(position_, buffer_);
  if (!written) return written;
  position_ += buffer_.size();
  buffer_.clear();
  return {};
}

Stored<std::string> SnapshotWriter::finish(const wire::SnapshotSections& sections) {
  if (!wire::looks_sealed(10, tail_)) {
    return corrupt(file_->path(), bytes(), "the snapshot does not end with the path \"/\"");
  }
  const Bytes end = encoder_.end(sections);
  buffer_.insert(buffer_.end(), end.begin(), end.end());
  auto result = flush();
  if (result) result = file_->sync();
  const std::string path = join(directory_, file_name(FileKind::kSnapshot, zxid_));
  if (result) result = files_->rename(file_->path(), path);
  if (!result) return StorageFailure(result.error());
  finished_ = true;
  result = files_->sync_directory(directory_);
  if (!result) return StorageFailure(result.error());
  return path;
}

}  // namespace zkprobe::store
