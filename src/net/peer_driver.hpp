// Runs a peer::Peer: its links, its timer, its clock. What happens comes out as events, in order.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "net/asio.hpp"
#include "net/connection_manager.hpp"
#include "net/resolver.hpp"
#include "peer/peer.hpp"

namespace zkprobe::net {

// A notification that was read, or that was put into a peer's slot. Not those to oneself.
struct NotificationEvent {
  enum class Direction { kIn, kOut };
  Direction direction = Direction::kIn;
  Sid peer;
  wire::Notification notification;
};
// A newer configuration was taken.
struct ConfigEvent {
  wire::QuorumConfig config;
  bool links_restart = false;
};
// The addresses of a newer configuration cannot be listened on: the peer has stopped.
struct StoppedEvent {
  std::string why;
};
using PeerEvent = std::variant<peer::StateChanged, peer::Established, LinkEvent, NotificationEvent,
                               peer::Report, ConfigEvent, StoppedEvent>;

class PeerDriver : public std::enable_shared_from_this<PeerDriver> {
 public:
  struct Settings {
    peer::PeerSettings peer;
    wire::QuorumConfig committed;
    std::optional<wire::QuorumConfig> last_seen;
    // self, dialect, listen and advertised are filled in: what the configuration says of self.
    ConnectionManager::Settings links;
  };
  // May call halt() and the messages of the learner below, but must not destroy the driver. What it
  // asks for while it is told of a link is done in a turn of its own: the links must not change
  // under the hands of who reports them.
  using OnEvent = std::function<void(const PeerEvent&)>;

  // `io` must outlive the driver.
  PeerDriver(asio::io_context& io, std::shared_ptr<Resolver> resolver, Settings settings,
             OnEvent on_event);
  ~PeerDriver();
  PeerDriver(const PeerDriver&) = delete;
  PeerDriver& operator=(const PeerDriver&) = delete;

  // Listens, then looks for a leader. `done` is called once, from the loop, and not at all after
  // halt(). The driver does not hold itself: an owner that drops it ends it.
  void start(std::function<void(ConnectionManager::Listening)> done);
  // Closes everything; no event comes afterwards.
  void halt();

  // From the learner that follows the leader (PeerSettings::has_learner).
  void synced(PeerEpoch epoch) { step(peer::Synced{epoch}); }
  void leader_lost(std::string why) { step(peer::LeaderLost{std::move(why)}); }
  void log_moved(election::LogPosition log) { step(peer::LogMoved{log}); }
  // The configurations that the learner was told.
  void config_changed(wire::QuorumConfig committed, std::optional<wire::QuorumConfig> last_seen);
  // What the oracle file says.
  void oracle_read(bool says_yes) { step(peer::OracleRead{says_yes, true}); }

  const peer::Peer& peer() const { return peer_; }

 private:
  void open_links(std::function<void(ConnectionManager::Listening)> done);
  void restart_links(const peer::RestartLinks& restart);
  void step(const peer::Input& input);
  // True while a link is being reported: `action` then runs in a turn of its own.
  bool put_off(std::function<void(PeerDriver&)> action);
  void run(peer::Effect& effect);
  void set_timer();
  void emit(const PeerEvent& event);

  asio::io_context& io_;
  std::shared_ptr<Resolver> resolver_;
  Settings settings_;
  OnEvent on_event_;
  peer::Peer peer_;
  asio::steady_timer timer_;
  std::optional<Instant> timer_set_to_;
  std::unique_ptr<ConnectionManager> links_;
  bool reports_link_ = false;
  bool halted_ = false;
};

}  // namespace zkprobe::net
