// What a server reads from its directory when it starts: the newest valid snapshot, then the
// transactions after it. Java: FileTxnSnapLog.restore, PlayBackListener.
#pragma once

#include <string>

#include "base/bytes.hpp"
#include "wire/snapshot_file.hpp"
#include "wire/snapshot_stream.hpp"
#include "wire/txn.hpp"

namespace zkprobe::peer {

// on_session, on_acl and on_node come between begin_snapshot and end_snapshot. A snapshot that
// turns out invalid is followed by another begin_snapshot: everything before it is to be forgotten.
class LoadSink : public wire::SnapshotSink {
 public:
  virtual void begin_snapshot(const std::string& /*file*/, Zxid /*zxid*/) {}
  virtual void end_snapshot(const wire::SnapshotSections& /*sections*/) {}
  // In the order of the log; every zxid is above the snapshot's. The snapshot may hold the effects
  // of the first ones already (it was written while they were applied).
  virtual void on_txn(const wire::Txn& /*txn*/, BytesView /*payload*/) {}
};

}  // namespace zkprobe::peer
