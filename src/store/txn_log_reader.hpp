// The transactions of a log directory, over its files. Java: FileTxnLog.read, FileTxnIterator.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/data_files.hpp"
#include "store/log_file_reader.hpp"

namespace zkprobe::store {

// Whether `next` may follow `previous` in a log: the next counter, or the first of a newer epoch.
// 0 and -1 as `previous` stand for an empty store. 3.9.4 and later do not start on a log with a
// gap within an epoch (ZOOKEEPER-4925).
bool follows(Zxid previous, Zxid next);

struct LogReadOptions {
  std::int32_t max_payload = wire::kJuteMaxField;
  // Refuses a transaction that does not follow the one before it, with file and offset. Otherwise
  // it is handed over, as releases before 3.9.4 do, and noted.
  bool refuse_gaps = true;
};

class TxnLogReader {
 public:
  // The transactions after `after`; with refuse_gaps the first must follow it.
  static Stored<TxnLogReader> open(FileSystem& files, const std::string& directory, Zxid after,
                                   LogReadOptions options = {});

  struct Entry {
    Zxid zxid;
    BytesView payload;  // valid until the next call
    const std::string* file = nullptr;
    std::uint64_t offset = 0;
  };
  // Nothing at the end of the last file. A transaction that was handed over already is passed over
  // and noted: Java 3.8.7 and before log a DIFF again whose leader went between NEWLEADER and
  // UPTODATE, of several epochs at times, and 3.5 whatever comes between the two.
  Stored<std::optional<Entry>> next();

  // What Java would log a warning about, one line each, at most 100.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  TxnLogReader(FileSystem& files, std::vector<DataFile> logs, Zxid after, LogReadOptions options)
      : files_(&files), logs_(std::move(logs)), after_(after), last_(after), options_(options) {}
  Stored<bool> open_next_file();
  void note(std::string text);

  FileSystem* files_;
  std::vector<DataFile> logs_;
  Zxid after_;
  Zxid last_;
  LogReadOptions options_;
  std::size_t next_file_ = 0;
  std::optional<LogFileReader> reader_;
  struct Run {
    Zxid first, last;  // both included
  };
  bool handed_over(Zxid zxid) const;
  std::vector<Run> runs_;  // without a gap, at least one for each epoch
  bool repeats_ = false;   // the last entry was a repeated one
  std::vector<std::string> notes_;
};

}  // namespace zkprobe::store
