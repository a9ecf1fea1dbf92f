// What a server keeps, as seen by whoever decides: calls return at once, the disk works elsewhere,
// and each completion comes back in order. `src/store` implements it in ZooKeeper's own files.
// Java: SyncRequestProcessor, FileTxnSnapLog, QuorumPeer.setCurrentEpoch.
//
// Two lanes. On the log's lane operations complete in the order of their submission, so that what
// must be on disk before a packet goes out is submitted before the packet waits. The snapshot's
// lane is for snapshots of one's own: hours of writing there hold up no acknowledgement.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "peer/load_sink.hpp"
#include "peer/storage_error.hpp"
#include "wire/snapshot_file.hpp"

namespace zkprobe::peer {

// The next entry of the log: header, record, digest. Completed when it is on the disk; appends that
// wait together share one fsync. Refused where the zxid does not follow the last one, and while
// there is no snapshot at all (no release since 3.5.3 starts on logs alone).
struct AppendTxn {
  Bytes payload;
};
// Completed when everything before it on its lane is on the disk.
struct SyncLog {};
// The next append begins a new file, as at the begin of a snapshot.
struct RollLog {};
struct WriteEpoch {
  enum class Which { kAccepted, kCurrent };
  Which which = Which::kAccepted;
  PeerEpoch epoch;
};
// Before the first entry or snapshot of a new epoch: a server that dies between that and WriteEpoch
// starts again. The epoch counts only when it is written with WriteEpoch.
struct PrepareCurrentEpoch {
  PeerEpoch epoch;
};
// A snapshot follows in chunks: the body without signature (wire/snapshot_stream.hpp).
struct BeginSnapshot {
  Zxid zxid;  // the last one in it
  // A leader's: at its end it takes the place of the log; what the log has beyond it is removed,
  // and zxid + 1 is appended next. On the log's lane only, and one's own on the other only.
  bool installs = false;
  // Of an install: everything that was there goes into this directory, in dataDir and dataLogDir,
  // when the snapshot is on the disk. Empty: what is not beyond the snapshot stays.
  std::string sets_aside;
};
inline constexpr const char* kSetAsidePrefix = "zkprobe.replaced.";
struct SnapshotChunk {
  Bytes bytes;
};
// Completed when the file is on the disk under its name.
struct FinishSnapshot {
  wire::SnapshotSections sections;
};
struct AbortSnapshot {};
// TRUNC. Refused, and nothing is changed, where the log has no such zxid. The log's lane only, and
// not while a snapshot of one's own is written.
struct TruncateLog {
  Zxid zxid;
};
// Reads everything again, as at the start; the sink is called on the disk's thread, and nobody else
// may touch it before the completion.
struct LoadStore {
  std::shared_ptr<LoadSink> sink;
};
// autopurge.snapRetainCount. The snapshot's lane only. A failure does not end the storage.
struct PurgeOld {
  std::size_t retain = 3;
};
using StorageOperation =
    std::variant<AppendTxn, SyncLog, RollLog, WriteEpoch, PrepareCurrentEpoch, BeginSnapshot,
                 SnapshotChunk, FinishSnapshot, AbortSnapshot, TruncateLog, LoadStore, PurgeOld>;

enum class StorageLane { kLog, kSnapshot };

using StorageTicket = std::uint64_t;

struct StorageDone {
  StorageLane lane = StorageLane::kLog;
  StorageTicket ticket = 0;
  // After an error every later operation of the lane has the same one, but for a TruncateLog that
  // was refused and for PurgeOld: what is on the disk is then not known to be more than what was
  // completed. Open the storage anew.
  std::optional<StorageError> error;
  std::optional<Zxid> last_zxid;   // of LoadStore and TruncateLog
  std::vector<std::string> notes;  // of LoadStore and PurgeOld, one line each
};

class Storage {
 public:
  virtual ~Storage() = default;
  // False, and nothing is queued, where the lane has more waiting than it may: leave the leader.
  // The work starts with begin(), which may be called too often: appends that were submitted
  // together then share one fsync.
  virtual bool submit(StorageLane lane, StorageTicket ticket, StorageOperation operation) = 0;
  virtual void begin() = 0;
  // Bytes that wait or are being written. Stop reading from the leader above high_water, and begin
  // again below half of it.
  virtual std::size_t queued_bytes(StorageLane lane) const = 0;
  virtual std::size_t high_water() const = 0;
};

}  // namespace zkprobe::peer
