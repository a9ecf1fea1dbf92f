// The links of the election port: who is dialled, which link is kept, what is sent on it.
// Java: QuorumCnxManager. One io_context, one thread; name look-ups alone run elsewhere (Resolver).
//
// Where Java's behaviour lets a stranger hurt others, ours differs (src/net/README.md has the
// list): an address named in a greeting is dialled only for ids of the committed or the last seen
// configuration, links of other ids and sockets without a greeting are bounded, a socket that
// greets with our own id is closed, and no greeting holds up another.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "net/asio.hpp"
#include "net/link_event.hpp"
#include "net/reachability.hpp"
#include "net/resolver.hpp"
#include "wire/dialect.hpp"
#include "wire/initial_message.hpp"
#include "wire/quorum_config.hpp"

namespace zkprobe::net {

// Links kept for ids that no configuration names (they are how a vote is asked for). One more, and
// the one that was silent longest is closed.
inline constexpr std::size_t kMaxUnlistedLinks = 64;
// Accepted sockets whose greeting is not complete. One more, and the oldest is closed.
inline constexpr std::size_t kMaxGreetings = 256;
// QuorumCnxManager.RECV_CAPACITY. Only payloads to oneself ever wait here; the oldest falls out.
inline constexpr std::size_t kReceiveCapacity = 100;

class ConnectionManager {
 public:
  struct Settings {
    Sid self;
    // What is sent, and how greetings and frames are read.
    wire::Dialect dialect;
    // A peer whose last greeting was a bare sid is greeted with a bare sid; others as `dialect`.
    bool auto_emulation = false;
    // Own election addresses to listen on. Port 0 takes a free one.
    std::vector<wire::HostPort> listen;
    // What greetings say; `listen` if empty. A port of 0 is replaced by the bound port of the
    // address at the same place in `listen`.
    std::vector<wire::HostPort> advertised;
    // quorumListenOnAllIPs: the wildcard address, once for each port of `listen`.
    bool listen_on_all_ips = false;
    // zookeeper.quorumCnxnTimeoutMs, else tickTime * syncLimit: for a whole greeting to arrive.
    Duration handshake_timeout = std::chrono::seconds(10);
    // zookeeper.cnxTimeout: for a whole dial, shared by the addresses that are tried in turn.
    Duration connect_timeout = std::chrono::seconds(5);
    // A larger id that was greeted dials back: so long it is not greeted again. Each greeting makes
    // it close the link that it has, so one too many takes away what the one before has just
    // brought.
    Duration dial_back_patience = std::chrono::seconds(1);
    // zookeeper.electionPortBindRetry: how often binding is tried; 0 means for ever.
    int bind_retries = 3;
    Duration bind_pause = std::chrono::seconds(1);
    // zookeeper.multiAddress.reachabilityCheckTimeoutMs: how long is asked which of a peer's
    // several addresses is there before it is dialled (3.6.0 and later). Zero: they are tried in
    // turn.
    Duration reachability_timeout = std::chrono::seconds(1);
    // Under multiAddress (dialect), zookeeper.multiAddress.reachabilityCheckEnabled: whether a link
    // whose other end is not there any more is closed when something is to be sent on it.
    bool checks_links = true;
    std::uint16_t echo_port = Reachability::kEchoPort;  // another one in tests
    // zookeeper.tcpKeepAlive
    bool tcp_keepalive = false;
  };

  // on_payload may call send, connect_all, set_configs and halt. on_link must not call the
  // manager at all. Neither may destroy it: post that.
  struct Callbacks {
    std::function<void(Sid from, Bytes payload)> on_payload;
    std::function<void(const LinkEvent&)> on_link;
  };

  // The bound addresses, in the order of Settings::listen, or an error that names every address
  // once all were given up. As in Java, one bound address is enough.
  using Listening = tl::expected<std::vector<wire::HostPort>, std::string>;

  struct Stats {
    std::size_t links = 0;           // open now
    std::size_t unlisted_links = 0;  // of these, for ids that no configuration names
    std::size_t greetings = 0;       // accepted sockets whose greeting is not complete
    std::size_t dials = 0;           // under way
    std::uint64_t accepted = 0;      // sockets, ever
    std::uint64_t refused = 0;       // sockets of which no link came, ever
    std::uint64_t opened = 0;        // links, ever
    std::uint64_t payloads_in = 0;
    std::uint64_t payloads_out = 0;
    std::uint64_t dropped = 0;  // payloads to oneself that fell out
  };

  // `io` must outlive the manager. The resolver may be shared by several managers.
  ConnectionManager(asio::io_context& io, std::shared_ptr<Resolver> resolver, Settings settings,
                    Callbacks callbacks);
  ~ConnectionManager();
  ConnectionManager(const ConnectionManager&) = delete;
  ConnectionManager& operator=(const ConnectionManager&) = delete;

  // Binds; `done` is called once, from the loop, and not at all after halt(): when every address is
  // bound or failed, be it that some are tried again. Not needed for dialling: a manager that never
  // listens can still link to smaller ids.
  void start(std::function<void(Listening)> done);

  // The configurations that say who is a member and where it listens. Links that are open stay.
  void set_configs(wire::QuorumConfig committed, std::optional<wire::QuorumConfig> last_seen);

  // QuorumCnxManager.toSend: puts the payload into the peer's slot, where it replaces one that is
  // still unsent (as 3.3: behind those that are, 100 at the most), and dials if there is no link.
  // To oneself: on_payload from the loop.
  void send(Sid to, Bytes payload);
  // QuorumCnxManager.connectAll: dials every member that has a slot and no link.
  void connect_all();
  // QuorumCnxManager.haveDelivered: the slot of any member is empty; false without slots.
  bool have_delivered() const;

  // Closes every socket; no callback comes afterwards. The manager may be destroyed then. It cannot
  // be started again.
  void halt();

  std::vector<Sid> linked() const;  // ascending
  Stats stats() const;
  // The addresses bound so far, in the order of Settings::listen.
  std::vector<wire::HostPort> listening() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace zkprobe::net
