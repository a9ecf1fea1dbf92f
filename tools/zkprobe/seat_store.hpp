// The directory of a seat: opened, judged and loaded before the seat is taken, and kept from then
// on by a peer::Keeper.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "context.hpp"
#include "net/asio.hpp"
#include "peer/config.hpp"
#include "peer/keeper.hpp"
#include "store/disk_storage.hpp"
#include "store/posix_file_system.hpp"
#include "store/seat_files.hpp"

namespace zkprobe::tool {

struct SeatStoreSettings {
  store::DataPaths paths;
  store::StorageSettings storage;
  peer::Keeper::Settings keeper;
};
// snapCount, preAllocSize, txnLogSizeLimitInKb, autopurge and the directories, as zoo.cfg says.
SeatStoreSettings seat_store_settings(const peer::Config& config);
// An observer's, in a directory that it is given.
SeatStoreSettings observer_store_settings(const std::string& directory, Release release);

class SeatStore {
 public:
  using Done = std::function<void(const std::vector<peer::StorageDone>&)>;
  // A voter's directory must be whole before it is voted with (store/seat_files.hpp), and so must
  // that of an observer that may become one. That of an observer whom nobody named is just resumed.
  enum class Use { kVoter, kObserver, kUnlisted };

  // Throws UsageError where the directory cannot be had or loaded.
  SeatStore(const SeatStoreSettings& settings, Use use);
  // `done` is called from the loop with what was completed, from now on.
  void start(net::asio::io_context& io, Done done);
  // Waits for what was submitted.
  void stop() { storage_.reset(); }

  peer::Storage& storage() { return *storage_; }
  peer::Keeper& keeper() { return *keeper_; }
  const peer::Keeper& keeper() const { return *keeper_; }
  // What is worth a line at the start: what was found, and what was made of it.
  const std::vector<std::string>& notes() const { return notes_; }

  const store::DataPaths& paths() const { return paths_; }

  // False: what the directory holds may end too early, so that it must not be voted with.
  bool has_vote() const { return has_vote_; }
  // Everything up to UPTODATE is on the disk. An error is one line.
  std::optional<std::string> filled();

 private:
  void judge(const SeatStoreSettings& settings, Use use);
  void load(const SeatStoreSettings& settings);

  store::PosixFileSystem files_;
  store::DataPaths paths_;
  std::unique_ptr<store::DiskStorage> storage_;
  std::optional<peer::Keeper> keeper_;
  std::vector<std::string> notes_;
  bool has_vote_ = true;
};

// A voter's directory is that of zoo.cfg, an observer's the one that it is given. Nothing where
// nothing is kept.
std::unique_ptr<SeatStore> open_seat_store(const peer::Config& config, bool election_only,
                                           const std::string& data_dir);

// Where the log of this directory stands, for who votes without following; nothing for an empty
// one. Nothing is written. Throws UsageError where the directory cannot be read, or is being
// filled.
std::optional<election::LogPosition> position_of(const peer::Config& config);

}  // namespace zkprobe::tool
