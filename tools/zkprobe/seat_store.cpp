#include "seat_store.hpp"

#include <random>

#include "output.hpp"
#include "peer/loaded_tree.hpp"

namespace zkprobe::tool {
namespace {

std::uint64_t seed() { return std::random_device{}(); }

template <class T>
T expect(peer::Stored<T> result) {
  if (!result) throw UsageError(printable(peer::to_string(result.error())));
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// The body of the tree that every server starts with.
Bytes empty_body(replica::DataTree& tree) {
  tree.begin_snapshot();
  Bytes body;
  while (true) {
    const Bytes part = tree.next_snapshot_part(65'536);
    if (part.empty()) return body;
    body.insert(body.end(), part.begin(), part.end());
  }
}

std::uint64_t kib(std::int64_t value) { return static_cast<std::uint64_t>(value) * 1024; }

}  // namespace

SeatStoreSettings seat_store_settings(const peer::Config& config) {
  SeatStoreSettings settings;
  settings.paths = {config.data_dir, config.data_log_dir};
  if (settings.paths.data_log_dir.empty()) settings.paths.data_log_dir = config.data_dir;
  const std::int64_t preallocate = config.number_property("preAllocSize", 65'536);
  settings.storage.log.preallocate = kib(std::max<std::int64_t>(preallocate, 0));
  const std::int64_t limit = config.number_property("txnLogSizeLimitInKb", -1);
  if (limit > 0) settings.storage.log.size_limit = kib(limit);
  settings.keeper.tree = {config.release, seed()};
  settings.keeper.snap_count = config.number_property("snapCount", settings.keeper.snap_count);
  settings.keeper.seed = seed();
  if (config.purge_interval_hours > 0) {
    settings.keeper.retain = static_cast<std::size_t>(config.snap_retain_count);
  }
  return settings;
}

SeatStoreSettings observer_store_settings(const std::string& directory, Release release) {
  SeatStoreSettings settings;
  settings.paths = store::DataPaths::in(directory);
  settings.keeper.tree = {release, seed()};
  settings.keeper.seed = seed();
  return settings;
}

SeatStore::SeatStore(const SeatStoreSettings& settings, Use use) : paths_(settings.paths) {
  // Before anything is looked at: another process may be writing there.
  storage_ = expect(store::DiskStorage::open(files_, paths_, settings.storage));
  if (use != Use::kUnlisted) judge(settings, use);
  load(settings);
}

void SeatStore::judge(const SeatStoreSettings& settings, Use use) {
  const store::SeatState state = expect(store::seat_state(files_, paths_));
  if (state == store::SeatState::kHolds) {
    expect(store::forget_initialize(files_, paths_));
  } else if (state == store::SeatState::kNew && use == Use::kVoter) {
    replica::DataTree tree(settings.keeper.tree);
    const Bytes body = empty_body(tree);
    const wire::ZxidDigest digest{Zxid(0), replica::kDigestVersion, tree.digest()};
    expect(store::begin_new(files_, paths_, body,
                            wire::sections_of(settings.keeper.tree.release, digest, Zxid(0))));
    notes_.push_back(paths_.data_log_dir + "/" + store::kInitializeName +
                     ": the ensemble is new, and so is this directory: it votes");
  } else {
    has_vote_ = false;
    expect(store::mark_filling(files_, paths_));
  }
}

void SeatStore::load(const SeatStoreSettings& settings) {
  peer::LoadedTree loaded(settings.keeper.tree);
  const store::Loaded found = expect(storage_->load(loaded));
  // Files, and none of them a whole snapshot.
  if (has_vote_ && found.empty()) {
    has_vote_ = false;
    expect(store::mark_filling(files_, paths_));
  }
  if (loaded.error()) throw UsageError(printable(*loaded.error()));
  const store::Epochs epochs = expect(storage_->load_epochs());
  notes_.insert(notes_.end(), found.notes.begin(), found.notes.end());
  notes_.insert(notes_.end(), epochs.notes.begin(), epochs.notes.end());
  if (loaded.first_difference()) notes_.push_back(describe(*loaded.first_difference()));
  notes_.push_back(paths_.data_dir + ": " + std::to_string(loaded.tree().node_count()) +
                   " nodes, last zxid " + to_hex(found.last_zxid) + ", epoch " +
                   to_hex(epochs.current));
  keeper_.emplace(settings.keeper, *storage_,
                  peer::Kept{std::move(loaded.tree()), found.last_zxid, epochs.accepted,
                             epochs.current, found.snapshot.has_value()});
}

void SeatStore::start(net::asio::io_context& io, Done done) {
  storage_->start([&io, done = std::move(done)](std::vector<peer::StorageDone> completed) {
    net::asio::post(io, [done, completed = std::move(completed)] { done(completed); });
  });
}

std::unique_ptr<SeatStore> open_seat_store(const peer::Config& config, bool election_only,
                                           const std::string& data_dir) {
  if (config.learner_type == wire::LearnerType::kParticipant) {
    if (election_only) return nullptr;
    return std::make_unique<SeatStore>(seat_store_settings(config), SeatStore::Use::kVoter);
  }
  if (data_dir.empty()) return nullptr;
  return std::make_unique<SeatStore>(observer_store_settings(data_dir, config.release),
                                     SeatStore::Use::kObserver);
}

std::optional<election::LogPosition> position_of(const peer::Config& config) {
  store::PosixFileSystem files;
  const SeatStoreSettings settings = seat_store_settings(config);
  const store::SeatState state = expect(store::seat_state(files, settings.paths));
  if (state == store::SeatState::kFilling) {
    throw UsageError(settings.paths.data_dir +
                     " is being filled and holds nothing that may be voted with: join without "
                     "--election-only first");
  }
  if (state != store::SeatState::kHolds) return std::nullopt;
  peer::LoadSink sink;
  const store::Loaded found =
      expect(store::read_directory(files, settings.paths, settings.storage.load, sink));
  const store::EpochFiles epochs(files, settings.paths.snapshots());
  const auto current = expect(epochs.read(store::EpochKind::kCurrent));
  const PeerEpoch of_log = epoch_of(found.last_zxid);
  return election::LogPosition{found.last_zxid, std::max(current.value_or(of_log), of_log)};
}

std::optional<std::string> SeatStore::filled() {
  const auto marked = store::mark_filled(files_, paths_);
  if (!marked) return peer::to_string(marked.error());
  has_vote_ = true;
  return std::nullopt;
}

}  // namespace zkprobe::tool
