// What goes into the learner's machine and what comes out of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "base/ids.hpp"
#include "base/release.hpp"
#include "base/time.hpp"
#include "learner/backlog.hpp"
#include "wire/quorum_config.hpp"
#include "wire/quorum_packet.hpp"
#include "wire/snapshot_stream.hpp"
#include "wire/txn.hpp"

namespace zkprobe::learner {

// What a learner announces itself as. An observer takes no part in any decision; a follower's
// acknowledgements count, so that it must keep what it acknowledges.
enum class Role { kObserver, kFollower };

struct Settings {
  Role role = Role::kObserver;
  Sid sid;
  // Decides what the info packet holds and when the read timeout changes; see README.md.
  Release release = kNewestRelease;
  // The acceptedEpoch and currentEpoch files. With 0 no leader's epoch is moved by us.
  PeerEpoch accepted_epoch;
  PeerEpoch current_epoch;
  // The last transaction that we hold, committed or not; 0: none, and the leader sends what it
  // likes.
  Zxid last_zxid;
  // The version of our configuration. A leader closes a link whose version is above its own.
  ConfigVersion config_version;
  // zoo.cfg. The limits count ticks.
  Duration tick = std::chrono::milliseconds(2000);
  int init_limit = 10;
  int sync_limit = 5;
  // A NodeListed for each node of a snapshot; with its data.
  bool list_nodes = false;
  bool keep_data = false;
  // The caller keeps a tree and a log: Truncate, SnapshotBytes, Append and TakeSnapshot come too.
  // Always so for a follower.
  bool keeps_state = false;
  // Leaves where zxids do not follow each other during synchronisation, as 3.9.4 and later do
  // (ZOOKEEPER-4925); otherwise a Noted.
  bool leave_on_gap = false;
  // How long bytes may wait unread in broadcast before we are behind, and leave.
  Duration patience = Backlog::kPatience;

  bool keeps() const { return keeps_state || role == Role::kFollower; }
  Duration init_timeout() const { return tick * init_limit; }
  Duration sync_timeout() const { return tick * sync_limit; }
};

// Bounds of what waits for its COMMIT during synchronisation.
inline constexpr std::size_t kMaxOutstandingTxns = 100'000;
inline constexpr std::size_t kMaxOutstandingBytes = 64 * 1'048'576;

// ZabState of QuorumPeer.
enum class Phase { kConnecting, kDiscovery, kSynchronization, kBroadcast, kLeft };
std::string_view to_string(Phase phase);  // "DISCOVERY"

// ---- events -----------------------------------------------------------------------------------
// The connection to the leader's learner port is open.
struct Connected {};
// Bytes came, in pieces of any size.
struct Received {
  BytesView bytes;
};
// deadline() has come, or a step without news.
struct TimePassed {};
// The leader closed the connection, or it broke.
struct Closed {
  std::string why;
};
using Event = std::variant<Connected, Received, TimePassed, Closed>;

// ---- effects ----------------------------------------------------------------------------------
// One packet to the leader. `durable`: it says that what came before it is kept, so it goes out
// only when every Truncate, SnapshotBytes, Append, TakeSnapshot and PersistEpoch before it is on
// disk, and in the order of those that are durable. The others do not wait.
struct Send {
  wire::QuorumPacket packet;
  bool durable = false;
};
// The acceptedEpoch or currentEpoch file gets this value, before the Send that follows. A learner
// that keeps nothing ignores it.
struct PersistEpoch {
  enum class Which { kAccepted, kCurrent };
  Which which = Which::kAccepted;
  PeerEpoch epoch;
};
// ---- of a learner that keeps what it gets
// TRUNC: the log ends with this zxid from now on, and the tree is what log and snapshots say then.
struct Truncate {
  Zxid last;
};
// The stream behind SNAP, in order and whole. The first one replaces the tree; what the log has is
// worth nothing from then on. `zxid` is that of the SNAP packet, from which on transactions follow.
struct SnapshotBytes {
  Bytes bytes;
  Zxid zxid;
  bool complete = false;  // the last one
};
// The next entry of the log, as it was proposed: header, record and digest.
struct Append {
  Zxid zxid;
  Bytes payload;
};
// The tree as it is goes to disk as a snapshot, and is complete there before the next durable Send.
struct TakeSnapshot {};

struct PhaseChanged {
  Phase from = Phase::kConnecting;
  Phase to = Phase::kDiscovery;
  PeerEpoch epoch;  // the leader's; 0 before it is known
};
// A packet came in, whatever becomes of it.
struct PacketSeen {
  wire::PacketType type = wire::PacketType::kPing;
  Zxid zxid;
  std::size_t bytes = 0;  // on the wire, the snapshot stream not counted
};
// A transaction was proposed (committed false), or is committed (an INFORM, or the COMMIT of what
// was proposed).
struct TxnSeen {
  wire::Txn txn;
  bool committed = false;
};
enum class SyncKind { kDiff, kTrunc, kSnap };
std::string_view to_string(SyncKind kind);  // "DIFF"

struct SyncStarted {
  SyncKind kind = SyncKind::kDiff;
  Zxid from;  // what we said that we hold
  Zxid to;    // of the leader's packet
};
// Now and then while a snapshot comes in, and once at its end.
struct SnapshotProgress {
  wire::SnapshotCounts counts;
  bool complete = false;
};
struct NodeListed {
  wire::SnapshotNode node;
};
// UPTODATE: the leader has a quorum behind it, and we hold what it holds.
struct SyncDone {
  SyncKind kind = SyncKind::kDiff;
  Zxid from;
  Zxid to;  // the last transaction that we know committed now
  std::optional<wire::SnapshotCounts> snapshot;
  std::uint64_t bytes = 0;  // on the wire, from the first packet of the synchronisation
  std::uint64_t txns = 0;   // committed ones
  Duration took{0};
};
// A configuration: with NEWLEADER (it is in force), of a reconfig that is proposed or committed.
struct ConfigSeen {
  enum class From { kNewLeader, kProposal, kCommitted };
  From from = From::kNewLeader;
  std::string text;
  std::optional<wire::QuorumConfig> config;  // nothing where the text cannot be read
  // INFORMANDACTIVATE and COMMITANDACTIVATE: who leads from now on.
  std::optional<Sid> designated_leader;
};
// The answer to a REVALIDATE or a sync request. We send none, so this is worth a record only.
struct Revalidated {
  std::int64_t session = 0;
  bool valid = false;
};
// Something odd that a Java learner logs and passes over.
struct Noted {
  std::string text;
};
// The end: close the connection. Nothing comes after it.
struct Leave {
  enum class Why {
    kUnreachable,  // no connection came about; said by the driver
    kClosed,       // by the leader, or the connection broke
    kTimeout,      // silence
    kMalformed,    // bytes that no release sends
    kOutOfOrder,   // a packet that does not belong there
    kEpochTooLow,  // the leader's epoch is below one that we accepted
    kTooMuch,      // more outstanding transactions than we hold
    kBehind,       // we do not keep up
    kCannotKeep,   // what came cannot be stored or applied; said by the driver
  };
  Why why = Why::kClosed;
  std::string text;  // one line: packet type, offset in the leader's stream, what was expected
};

using Effect = std::variant<Send, PersistEpoch, Truncate, SnapshotBytes, Append, TakeSnapshot,
                            PhaseChanged, PacketSeen, TxnSeen, SyncStarted, SnapshotProgress,
                            NodeListed, SyncDone, ConfigSeen, Revalidated, Noted, Leave>;
using Effects = std::vector<Effect>;
static_assert(std::is_nothrow_move_constructible_v<Effect>);  // or a growing vector copies them

// One line for transcripts: "send ACK zxid=0x100000000", "txn 0x100000002 committed create /a ...".
std::string describe(const Effect& effect);

// A packet of the leader, and where it stands in the leader's stream.
struct Incoming {
  wire::QuorumPacket packet;
  std::uint64_t offset = 0;
  std::size_t size = 0;

  BytesView data() const { return packet.data ? BytesView(*packet.data) : BytesView(); }
};

// "PROPOSAL at byte 120 of the leader's stream: expected DIFF, TRUNC or SNAP".
Leave out_of_order(const Incoming& incoming, std::string_view expected);
// "PROPOSAL at byte 120 of the leader's stream: path at byte 32: expected 4 bytes, found 2", where
// the second offset counts within the packet's data.
Leave malformed(const Incoming& incoming, const DecodeError& error);

}  // namespace zkprobe::learner
