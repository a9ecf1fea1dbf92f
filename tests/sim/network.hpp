// The election port's network: one link a pair, slots for one unsent vote, and what goes wrong.
//
// A link is FIFO as TCP is. It can end at one side before the other learns of it; what is written
// to it then is lost. A new link of the same pair repeats the last message sent (SendWorker.run)
// and can overtake what the old one still carried.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "environment.hpp"
#include "wire/notification.hpp"

namespace zkprobe::sim {

// The bytes as they travel, and what the sender meant by them, for the invariants alone.
struct Packet {
  Bytes payload;
  wire::Notification said;
};

class Network {
 public:
  using Deliver = std::function<void(Sid to, Sid from, const Packet& packet)>;

  Network(Environment& env, Deliver deliver);

  // QuorumCnxManager.toSend: into the slot, and dial.
  void put(Sid from, Sid to, Packet packet);
  // QuorumCnxManager.connectAll and haveDelivered.
  void connect_all(Sid from);
  bool have_delivered(Sid from) const;

  void server_up(Sid sid);
  // A crash, or an election that is torn down: its links, slots and last messages are gone.
  void server_down(Sid sid);

  void break_link(Sid a, Sid b);
  void duplicate_link(Sid a, Sid b);
  void stall(Sid from, Sid to, Instant until);
  // Blocked packets wait as TCP's do: they come when the block ends, or the link has broken.
  void block(Sid from, Sid to) { blocked_.insert({from, to}); }
  void unblock(Sid from, Sid to);
  void unblock_all();
  bool blocked(Sid from, Sid to) const { return blocked_.contains({from, to}); }
  bool separated(Sid a, Sid b) const { return blocked(a, b) || blocked(b, a); }
  std::vector<std::pair<Sid, Sid>> links() const;

 private:
  using Way = std::pair<Sid, Sid>;  // from, to
  using LinkId = std::uint64_t;     // 0: none

  // One end of a link: what `from` keeps for `to`.
  struct End {
    std::deque<Packet> slot;
    std::optional<Packet> last_sent;
    LinkId link = 0;
    bool dialling = false;
    bool writing = false;
    Instant stalled_until;
    Instant last_arrival;
    std::uint64_t life = 0;  // grows when the sender goes down
  };

  End& end(Sid from, Sid to) { return ends_[{from, to}]; }
  void connect_one(Sid from, Sid to);
  void dial_arrives(Sid from, Sid to);
  void open_link(Sid initiator, Sid acceptor);
  void start_worker(Sid from, Sid to);
  void pump(Sid from, Sid to);
  void transmit(Sid from, Sid to, LinkId link, Packet packet);
  void arrive(Sid from, Sid to, LinkId link, Packet packet);
  void notice_end(Sid at, Sid other, LinkId link);
  std::size_t slot_size(Sid sid) const;

  Environment& env_;
  Deliver deliver_;
  std::map<Way, End> ends_;
  std::map<Way, std::deque<std::pair<LinkId, Packet>>> held_;
  std::set<Way> blocked_;
  std::set<Sid> up_;
  std::map<Sid, LinkId> opened_before_;  // links up to this one ended with an earlier life
  LinkId next_link_ = 0;
};

}  // namespace zkprobe::sim
