#include "store/epoch_files.hpp"

#include <algorithm>

namespace zkprobe::store {
namespace {

constexpr std::string_view kTemporary = ".tmp";
constexpr std::string_view kUpdatingEpoch = "updatingEpoch";

Stored<std::int64_t> read_long(FileSystem& files, const std::string& path) {
  const auto text = read_small_file(files, path);
  if (!text) return StorageFailure(text.error());
  const auto value = parse_long_line(*text);
  if (!value) {
    return corrupt(path, 0,
                   "expected a decimal number, found \"" +
                       text->substr(0, std::min<std::size_t>(text->find('\n'), 40)) + "\"");
  }
  return *value;
}

Stored<PeerEpoch> read_or_create(EpochFiles& epochs, EpochKind kind, const std::string& directory,
                                 PeerEpoch missing, std::vector<std::string>& notes) {
  const auto found = epochs.read(kind);
  if (!found) return StorageFailure(found.error());
  if (*found) return **found;
  const auto written = epochs.write(kind, missing);
  if (!written) return StorageFailure(written.error());
  notes.push_back(join(directory, file_name(kind)) + ": created with the epoch of the last zxid, " +
                  to_string(missing));
  return missing;
}

// The epoch that a server adopts whose zxid is newer than its currentEpoch.
Stored<PeerEpoch> newer_epoch(FileSystem& files, EpochFiles& epochs, const std::string& directory,
                              PeerEpoch current, Zxid last_zxid, std::vector<std::string>& notes) {
  const std::string marker = join(directory, kUpdatingEpoch);
  const std::string temporary =
      join(directory, file_name(EpochKind::kCurrent)) + std::string(kTemporary);
  const auto has_temporary = files.exists(temporary);
  if (!has_temporary) return StorageFailure(has_temporary.error());
  const auto has_marker = files.exists(marker);
  if (!has_marker) return StorageFailure(has_marker.error());
  PeerEpoch adopted = epoch_of(last_zxid);
  if (*has_temporary) {
    const auto value = read_long(files, temporary);
    if (!value) return StorageFailure(value.error());
    adopted = PeerEpoch(*value);
  }
  if ((!*has_temporary && !*has_marker) || adopted < epoch_of(last_zxid)) {
    return refused(join(directory, file_name(EpochKind::kCurrent)),
                   "epoch " + to_string(current) + " is older than the last zxid, " +
                       to_hex(last_zxid) +
                       ": the directory is not that of one server, or was restored in part");
  }
  // Renamed, not written anew: emptied for a moment, it would be lost with the next power failure.
  const auto written =
      *has_temporary ? epochs.adopt_temporary() : epochs.write(EpochKind::kCurrent, adopted);
  if (!written) return StorageFailure(written.error());
  if (*has_marker) {
    const auto removed = files.remove(marker);
    if (!removed) return StorageFailure(removed.error());
  }
  notes.push_back((*has_temporary ? temporary : marker) + ": adopted as current epoch " +
                  to_string(adopted));
  return adopted;
}

}  // namespace

std::string_view file_name(EpochKind kind) {
  return kind == EpochKind::kAccepted ? "acceptedEpoch" : "currentEpoch";
}

std::string EpochFiles::path(EpochKind kind) const { return join(directory_, file_name(kind)); }

Stored<std::optional<PeerEpoch>> EpochFiles::read(EpochKind kind) const {
  const auto there = files_->exists(path(kind));
  if (!there) return StorageFailure(there.error());
  if (!*there) return std::optional<PeerEpoch>();
  const auto value = read_long(*files_, path(kind));
  if (!value) return StorageFailure(value.error());
  return std::optional<PeerEpoch>(*value);
}

Stored<void> EpochFiles::write_temporary(EpochKind kind, PeerEpoch epoch) {
  const std::string temporary = path(kind) + std::string(kTemporary);
  const auto write = [&]() -> Stored<void> {
    auto file = files_->open(temporary, OpenMode::kCreate);
    if (!file) return StorageFailure(file.error());
    const auto written = (*file)->write_at(0, as_bytes(std::to_string(epoch.value)));
    return written ? (*file)->sync() : written;
  };
  auto result = write();
  // Half a number must not be adopted by the next start.
  if (!result) (void)files_->remove(temporary);
  return result;
}

Stored<void> EpochFiles::write(EpochKind kind, PeerEpoch epoch) {
  // A prepared file stays as it is: emptying it for a moment would lose what it is for.
  const bool prepared = kind == EpochKind::kCurrent && prepared_ == epoch;
  Stored<void> result;
  if (kind == EpochKind::kCurrent && !prepared) result = settle_prepared();
  if (!result) return result;
  if (kind == EpochKind::kCurrent) prepared_.reset();
  if (!prepared) result = write_temporary(kind, epoch);
  if (!result) return result;
  result = files_->rename(path(kind) + std::string(kTemporary), path(kind));
  return result ? files_->sync_directory(directory_) : result;
}

// What was prepared may be needed by now: entries of that epoch are on the disk. It becomes
// currentEpoch, as the next start would make it, before its file is written to again.
Stored<void> EpochFiles::settle_prepared() {
  if (!prepared_) return {};
  prepared_.reset();
  return adopt_temporary();
}

Stored<void> EpochFiles::adopt_temporary() {
  const std::string current = path(EpochKind::kCurrent);
  auto result = files_->rename(current + std::string(kTemporary), current);
  return result ? files_->sync_directory(directory_) : result;
}

Stored<void> EpochFiles::prepare_current(PeerEpoch epoch) {
  auto result = settle_prepared();
  if (result) result = write_temporary(EpochKind::kCurrent, epoch);
  if (result) result = files_->sync_directory(directory_);
  if (result) prepared_ = epoch;
  return result;
}

Stored<Epochs> load_epochs(FileSystem& files, const std::string& directory, Zxid last_zxid) {
  EpochFiles epochs(files, directory);
  Epochs loaded;
  const auto current =
      read_or_create(epochs, EpochKind::kCurrent, directory, epoch_of(last_zxid), loaded.notes);
  if (!current) return StorageFailure(current.error());
  loaded.current = *current;
  if (epoch_of(last_zxid) > loaded.current) {
    const auto adopted =
        newer_epoch(files, epochs, directory, loaded.current, last_zxid, loaded.notes);
    if (!adopted) return StorageFailure(adopted.error());
    loaded.current = *adopted;
  }
  const auto accepted =
      read_or_create(epochs, EpochKind::kAccepted, directory, epoch_of(last_zxid), loaded.notes);
  if (!accepted) return StorageFailure(accepted.error());
  loaded.accepted = *accepted;
  if (loaded.accepted < loaded.current) {
    return refused(join(directory, file_name(EpochKind::kAccepted)),
                   "accepted epoch " + to_string(loaded.accepted) +
                       " is less than the current epoch " + to_string(loaded.current));
  }
  return loaded;
}

Stored<Sid> read_myid(FileSystem& files, const DataPaths& paths) {
  const auto value = read_long(files, join(paths.data_dir, "myid"));
  if (!value) return StorageFailure(value.error());
  return Sid(*value);
}

}  // namespace zkprobe::store
