#include "store/txn_log_reader.hpp"

#include <algorithm>

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

bool TxnLogReader::handed_over(Zxid zxid) const {
  return std::any_of(runs_.begin(), runs_.end(),
                     [zxid](const Run& run) { return run.first <= zxid && zxid <= run.last; });
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
    if (handed_over(zxid)) {
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
    if (runs_.empty() || zxid.value != runs_.back().last.value + 1) runs_.push_back({zxid, zxid});
    runs_.back().last = zxid;
    last_ = zxid;
    return std::optional<Entry>(
        Entry{zxid, (*entry)->payload, &logs_[next_file_ - 1].path, (*entry)->offset});
  }
}

}  // namespace zkprobe::store
