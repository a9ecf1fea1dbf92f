#include "store/txn_log_reader.hpp"

namespace zkprobe::store {
namespace {

constexpr std::size_t kMaxNotes = 100;

}  // namespace

bool follows(Zxid previous, Zxid next) {
  if (previous.value <= 0) return next.value > 0 && counter_of(next) == 1;
  if (epoch_of(next) == epoch_of(previous)) return next.value == previous.value + 1;
  return epoch_of(next) > epoch_of(previous) && counter_of(next) == 1;
}

Stored<TxnLogReader> TxnLogReader::open(FileSystem& files, const std::string& directory, Zxid after,
                                        LogReadOptions options) {
  const auto logs = list_files(files, directory, FileKind::kLog);
  if (!logs) return StorageFailure(logs.error());
  return TxnLogReader(files, logs_after(*logs, after), after, options);
}

void TxnLogReader::note(std::string text) {
  if (notes_.size() < kMaxNotes) notes_.push_back(std::move(text));
}

Stored<bool> TxnLogReader::open_next_file() {
  if (next_file_ >= logs_.size()) return false;
  auto reader = LogFileReader::open(*files_, logs_[next_file_].path, options_.max_payload);
  if (!reader) return StorageFailure(reader.error());
  reader_.emplace(std::move(*reader));
  ++next_file_;
  return true;
}

Stored<std::optional<TxnLogReader::Entry>> TxnLogReader::next() {
  while (true) {
    if (!reader_) {
      const auto opened = open_next_file();
      if (!opened) return StorageFailure(opened.error());
      if (!*opened) return std::optional<Entry>();
    }
    const auto entry = reader_->next();
    if (!entry) return StorageFailure(entry.error());
    if (!*entry) {
      if (reader_->torn()) {
        note(reader_->path() + " at byte " + std::to_string(reader_->end_offset()) +
             ": the last entry is not whole");
      }
      reader_.reset();
      continue;
    }
    const Zxid zxid = (*entry)->zxid;
    if (zxid <= after_) continue;
    // 3.5 logs what it gets before UPTODATE twice.
    if (zxid <= last_ && epoch_of(zxid) == epoch_of(last_)) {
      if (!repeats_) {
        note(reader_->path() + " at byte " + std::to_string((*entry)->offset) + ": " +
             to_hex(zxid) + " and what follows is there already, and passed over");
      }
      repeats_ = true;
      continue;
    }
    repeats_ = false;
    if (!follows(last_, zxid)) {
      const std::string text = "zxid: expected the one after " + to_hex(last_) + ", found " +
                               to_hex(zxid) + ": transactions are missing or repeated";
      if (options_.refuse_gaps) return corrupt(reader_->path(), (*entry)->offset, text);
      note(reader_->path() + " at byte " + std::to_string((*entry)->offset) + ": " + text);
    }
    last_ = zxid;
    return std::optional<Entry>(
        Entry{zxid, (*entry)->payload, &logs_[next_file_ - 1].path, (*entry)->offset});
  }
}

Stored<std::optional<Zxid>> last_logged_zxid(FileSystem& files, const std::string& directory,
                                             std::int32_t max_payload) {
  const auto logs = list_files(files, directory, FileKind::kLog);
  if (!logs) return StorageFailure(logs.error());
  // A file that was begun and got no entry is passed over.
  for (auto log = logs->rbegin(); log != logs->rend(); ++log) {
    auto reader = LogFileReader::open(files, log->path, max_payload);
    if (!reader) return StorageFailure(reader.error());
    std::optional<Zxid> last;
    while (true) {
      const auto entry = reader->next();
      if (!entry) return StorageFailure(entry.error());
      if (!*entry) break;
      last = (*entry)->zxid;
    }
    if (last) return last;
  }
  return std::optional<Zxid>();
}

}  // namespace zkprobe::store
