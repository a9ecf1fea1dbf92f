#include "net/connection_manager.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <deque>
#include <list>
#include <map>
#include <set>

#include "net/connection.hpp"
#include "net/dial.hpp"
#include "net/greeting_reader.hpp"
#include "net/listener_group.hpp"
#include "quorum/link_policy.hpp"

namespace zkprobe::net {

namespace {

// The limit that Java writes into SendWorker.
constexpr Duration kLinkCheckTimeout = std::chrono::milliseconds(500);

using SteadyClock = std::chrono::steady_clock;

}  // namespace

class ConnectionManager::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& io, std::shared_ptr<Resolver> resolver, Settings settings,
       Callbacks callbacks)
      : io_(io),
        resolver_(std::move(resolver)),
        settings_(std::move(settings)),
        callbacks_(std::move(callbacks)) {}

  void start(std::function<void(Listening)> done);
  void set_configs(wire::QuorumConfig committed, std::optional<wire::QuorumConfig> last_seen);
  void send(Sid to, Bytes payload);
  void connect_all();
  bool have_delivered() const;
  void halt();
  std::vector<Sid> linked() const;
  Stats stats() const;
  std::vector<wire::HostPort> listening() const;

 private:
  using What = LinkEvent::What;
  using Readers = std::list<std::shared_ptr<GreetingReader>>;

  // What is kept of another server from the first payload or link on.
  struct Peer {
    std::deque<Bytes> unsent;        // Java: queueSendMap
    std::optional<Bytes> last_sent;  // Java: lastMessageSent
    std::shared_ptr<Connection> link;
    std::shared_ptr<Reachability> check;  // of the link, under way
    SteadyClock::time_point dials_back_until;
    std::uint64_t activity = 0;  // the higher the later
  };
  using Peers = std::map<Sid, Peer>;

  void accept(asio::ip::tcp::socket socket);
  void make_room();
  void greeted(GreetingReader& reader, GreetingReader::Result result);

  void connect_one(Sid sid);
  void dial(Sid sid, std::vector<wire::HostPort> addresses);
  void dialled(Sid sid, Dial::Result result);
  void check_link(Sid sid, Peer& peer);
  Bytes greeting_for(Sid sid) const;

  void open_link(Sid sid, std::unique_ptr<Stream> stream, Bytes received, std::size_t greeting_size,
                 std::string_view how);
  void close_link(Sid sid, Peer& peer, std::string why, bool garbage = false);
  void pump(Peer& peer);
  void bound_unlisted(Sid except);
  void deliver_to_self();

  bool is_member(Sid sid) const { return members_.contains(sid); }
  bool looks_for_reachable() const {
    return settings_.dialect.release >= Release{3, 6, 0} &&
           settings_.reachability_timeout > Duration(0);
  }
  const wire::QuorumConfig* last_seen() const { return last_seen_ ? &*last_seen_ : nullptr; }
  void report(std::optional<Sid> peer, What what, std::string why, std::string remote,
              bool garbage = false);

  asio::io_context& io_;
  const std::shared_ptr<Resolver> resolver_;
  const Settings settings_;
  const Callbacks callbacks_;
  wire::QuorumConfig committed_;
  std::optional<wire::QuorumConfig> last_seen_;
  std::set<Sid> members_;  // of both
  quorum::ObserverIds observer_ids_;

  std::shared_ptr<ListenerGroup> listeners_;

  Readers readers_;                             // the oldest first
  std::map<Sid, std::shared_ptr<Dial>> dials_;  // Java: inprogressConnections
  Peers peers_;
  std::map<Sid, wire::GreetingForm> greeted_with_;  // members only
  std::deque<Bytes> to_self_;
  LinkLog log_{settings_.self};
  std::uint64_t activity_ = 0;
  Stats counted_;  // the numbers that only grow
  bool halted_ = false;
};

// ---- accepting --------------------------------------------------------------------------------

void ConnectionManager::Impl::start(std::function<void(Listening)> done) {
  if (halted_ || listeners_) return;
  ListenerGroup::Callbacks callbacks;
  callbacks.on_started = std::move(done);
  callbacks.on_accept = [weak = weak_from_this()](asio::ip::tcp::socket socket) {
    const auto self = weak.lock();
    if (self && !self->halted_) self->accept(std::move(socket));
  };
  callbacks.on_trouble = [weak = weak_from_this()](const std::string& why) {
    const auto self = weak.lock();
    if (!self || self->halted_) return;
    spdlog::warn("{}", "accepting failed, going on after a pause: " + why);
    self->make_room();
  };
  listeners_ = std::make_shared<ListenerGroup>(
      io_, resolver_,
      ListenerGroup::Settings{settings_.listen, settings_.listen_on_all_ips, settings_.bind_retries,
                              settings_.bind_pause},
      std::move(callbacks));
  listeners_->start();
}

std::vector<wire::HostPort> ConnectionManager::Impl::listening() const {
  return listeners_ ? listeners_->bound() : std::vector<wire::HostPort>{};
}

void ConnectionManager::Impl::accept(asio::ip::tcp::socket socket) {
  ++counted_.accepted;
  if (readers_.size() >= kMaxGreetings) make_room();
  readers_.push_back(std::make_shared<GreetingReader>(
      io_, make_tcp_stream(std::move(socket), settings_.tcp_keepalive), settings_.dialect));
  const auto at = std::prev(readers_.end());
  (*at)->start(settings_.handshake_timeout,
               [weak = weak_from_this(), at](GreetingReader::Result result) {
                 const auto self = weak.lock();
                 if (!self || self->halted_) return;
                 const std::shared_ptr<GreetingReader> reader = *at;
                 self->readers_.erase(at);
                 self->greeted(*reader, std::move(result));
               });
}

void ConnectionManager::Impl::make_room() {
  if (readers_.empty()) return;
  const std::shared_ptr<GreetingReader> oldest = readers_.front();
  readers_.pop_front();
  oldest->close();
  report(std::nullopt, What::kRefuse, "no greeting yet, and the place is needed", oldest->remote());
}

// QuorumCnxManager.handleConnection.
void ConnectionManager::Impl::greeted(GreetingReader& reader, GreetingReader::Result result) {
  if (!result) return report(std::nullopt, What::kRefuse, result.error(), reader.remote());
  const Sid sid = observer_ids_.name(result->message.sid);
  std::unique_ptr<Stream> stream = reader.release();
  report(sid, What::kAccept, "", reader.remote());
  if (is_member(sid)) greeted_with_[sid] = result->message.form;
  switch (quorum::decide_accepted(settings_.self, sid)) {
    case quorum::LinkDecision::kRefuseOwnId:
      stream->close();
      return report(sid, What::kRefuse, "greets with our own id", reader.remote());
    case quorum::LinkDecision::kCloseAndDialBack: {
      stream->close();
      const auto peer = peers_.find(sid);
      if (peer != peers_.end() && peer->second.link) {
        close_link(sid, peer->second, "the peer asks for a new link");
      }
      if (!is_member(sid)) {
        return report(sid, What::kRefuse, "a smaller id that no configuration names is not dialled",
                      reader.remote());
      }
      report(sid, What::kClose, "the smaller id is dialled back", reader.remote());
      return dial(sid, quorum::dial_back_addresses(sid, result->message.addresses, committed_,
                                                   last_seen(), settings_.dialect.release));
    }
    case quorum::LinkDecision::kKeep:
      open_link(sid, std::move(stream), std::move(result->rest), result->size, "accepted");
  }
}

// ---- dialling ---------------------------------------------------------------------------------

void ConnectionManager::Impl::connect_one(Sid sid) {
  const auto peer = peers_.find(sid);
  if (peer != peers_.end() && SteadyClock::now() < peer->second.dials_back_until) return;
  dial(sid, quorum::dial_addresses(sid, committed_, last_seen(), settings_.dialect.release));
}

void ConnectionManager::Impl::dial(Sid sid, std::vector<wire::HostPort> addresses) {
  if (dials_.contains(sid)) return;
  const auto peer = peers_.find(sid);
  if (peer != peers_.end() && peer->second.link) return check_link(sid, peer->second);
  if (addresses.empty()) {
    spdlog::debug("{}", "no election address is known for server " + to_string(sid));
    return;
  }
  std::string remote = wire::to_string(addresses.front());
  const auto under_way = std::make_shared<Dial>(
      io_, resolver_,
      Dial::Settings{std::move(addresses), greeting_for(sid), settings_.connect_timeout,
                     settings_.tcp_keepalive,
                     looks_for_reachable() ? settings_.reachability_timeout : Duration(0)});
  dials_[sid] = under_way;
  under_way->start([weak = weak_from_this(), sid](Dial::Result result) {
    const auto self = weak.lock();
    if (self && !self->halted_) self->dialled(sid, std::move(result));
  });
  report(sid, What::kDial, "", std::move(remote));
}

// SendWorker.asyncValidateIfSocketIsStillReachable, 3.6.0 and later: an address of a peer that has
// several may be gone without a word; without its link the peer is dialled at another one.
void ConnectionManager::Impl::check_link(Sid sid, Peer& peer) {
  if (!looks_for_reachable() || !settings_.dialect.multi_address || !settings_.checks_links) return;
  if (peer.check) return;
  const auto remote = wire::parse_host_port(peer.link->remote());
  if (!remote) return;
  peer.check = std::make_shared<Reachability>(io_, resolver_, settings_.echo_port);
  peer.check->start({remote->host}, kLinkCheckTimeout, [weak = weak_from_this(), sid](auto there) {
    const auto self = weak.lock();
    if (!self || self->halted_) return;
    Peer& checked = self->peers_[sid];
    checked.check = nullptr;
    if (!there && checked.link) self->close_link(sid, checked, "its host does not answer any more");
  });
}

void ConnectionManager::Impl::dialled(Sid sid, Dial::Result result) {
  dials_.erase(sid);
  if (!result) return report(sid, What::kRefuse, result.error(), "");
  std::unique_ptr<Stream> stream = std::move(*result);
  if (quorum::dialler_keeps(settings_.self, sid)) {
    return open_link(sid, std::move(stream), {}, 0, "dialled");
  }
  stream->close();
  peers_[sid].dials_back_until = SteadyClock::now() + settings_.dial_back_patience;
  report(sid, What::kClose, "the larger id dials back", stream->remote());
}

Bytes ConnectionManager::Impl::greeting_for(Sid sid) const {
  wire::InitialMessage message{settings_.dialect.greeting(), settings_.self, {}};
  if (settings_.auto_emulation) {
    const auto last = greeted_with_.find(sid);
    if (last != greeted_with_.end() && last->second == wire::GreetingForm::kBareSid) {
      message.form = wire::GreetingForm::kBareSid;
    }
  }
  if (message.form == wire::GreetingForm::kBareSid) return wire::encode(message);
  message.addresses = settings_.advertised.empty() ? settings_.listen : settings_.advertised;
  for (std::size_t i = 0; i < message.addresses.size(); ++i) {
    if (message.addresses[i].port != 0 || !listeners_) continue;
    message.addresses[i].port = listeners_->port(i).value_or(0);
  }
  if (message.form == wire::GreetingForm::kV1 && message.addresses.size() > 1) {
    message.addresses.resize(1);
  }
  return wire::encode(message);
}

// ---- links ------------------------------------------------------------------------------------

void ConnectionManager::Impl::open_link(Sid sid, std::unique_ptr<Stream> stream, Bytes received,
                                        std::size_t greeting_size, std::string_view how) {
  Peer& peer = peers_[sid];
  if (peer.link) close_link(sid, peer, "a newer connection takes its place");
  const auto link = std::make_shared<Connection>(std::move(stream), settings_.dialect.max_frame());
  peer.link = link;
  peer.activity = ++activity_;
  ++counted_.opened;
  report(sid, What::kOpen, std::string(how), link->remote());
  bound_unlisted(sid);
  // SendWorker.run: the peer may not have read the last one.
  const bool repeats =
      peer.unsent.empty() || quorum::repeats_before_waiting(settings_.dialect.release);
  if (repeats && peer.last_sent) peer.unsent.push_front(*peer.last_sent);
  pump(peer);

  // A link that was replaced is closed, and a closed one calls nothing back: these always speak of
  // the peer's present link. References into peers_ stay good while others come and go.
  Connection::Callbacks callbacks;
  callbacks.on_payload = [weak = weak_from_this(), sid](Bytes payload) {
    const auto self = weak.lock();
    if (!self || self->halted_) return;
    self->peers_[sid].activity = ++self->activity_;
    ++self->counted_.payloads_in;
    if (self->callbacks_.on_payload) self->callbacks_.on_payload(sid, std::move(payload));
  };
  callbacks.on_sent = [weak = weak_from_this(), sid] {
    const auto self = weak.lock();
    if (self && !self->halted_) self->pump(self->peers_[sid]);
  };
  callbacks.on_closed = [weak = weak_from_this(), sid](const std::string& why, bool garbage) {
    const auto self = weak.lock();
    if (self && !self->halted_) self->close_link(sid, self->peers_[sid], why, garbage);
  };
  link->start(std::move(received), greeting_size, std::move(callbacks));
}

void ConnectionManager::Impl::close_link(Sid sid, Peer& peer, std::string why, bool garbage) {
  const std::shared_ptr<Connection> link = std::move(peer.link);
  peer.link = nullptr;
  if (peer.check) peer.check->close();
  peer.check = nullptr;
  link->close();
  report(sid, What::kClose, std::move(why), link->remote(), garbage);
}

void ConnectionManager::Impl::pump(Peer& peer) {
  if (!peer.link || peer.unsent.empty() || peer.link->sending()) return;
  peer.last_sent = std::move(peer.unsent.front());
  peer.unsent.pop_front();
  ++counted_.payloads_out;
  peer.link->send(*peer.last_sent);
}

// Forgets the ids that no configuration names, beyond kMaxUnlistedLinks: first those without a
// link, then those that were silent longest. `except` is the one that has just come.
void ConnectionManager::Impl::bound_unlisted(Sid except) {
  if (is_member(except)) return;
  std::size_t count = 0;
  auto victim = peers_.end();
  const auto rank = [](const Peer& peer) { return std::pair(peer.link != nullptr, peer.activity); };
  for (auto peer = peers_.begin(); peer != peers_.end(); ++peer) {
    if (is_member(peer->first)) continue;
    ++count;
    if (peer->first == except) continue;
    if (victim == peers_.end() || rank(peer->second) < rank(victim->second)) victim = peer;
  }
  if (count <= kMaxUnlistedLinks || victim == peers_.end()) return;
  const Sid sid = victim->first;
  if (victim->second.link) {
    close_link(sid, victim->second, "too many links of ids that no configuration names");
  }
  peers_.erase(victim);
}

// ---- what the owner asks for ------------------------------------------------------------------

void ConnectionManager::Impl::set_configs(wire::QuorumConfig committed,
                                          std::optional<wire::QuorumConfig> last_seen) {
  committed_ = std::move(committed);
  last_seen_ = std::move(last_seen);
  members_.clear();
  for (const wire::QuorumServer& server : committed_.servers) members_.insert(server.sid);
  if (last_seen_) {
    for (const wire::QuorumServer& server : last_seen_->servers) members_.insert(server.sid);
  }
  std::erase_if(greeted_with_, [this](const auto& entry) { return !is_member(entry.first); });
}

void ConnectionManager::Impl::send(Sid to, Bytes payload) {
  if (halted_) return;
  if (to == settings_.self) {
    if (to_self_.size() >= kReceiveCapacity) {
      to_self_.pop_front();
      ++counted_.dropped;
    }
    to_self_.push_back(std::move(payload));
    if (to_self_.size() == 1) {
      asio::post(io_, [self = shared_from_this()] { self->deliver_to_self(); });
    }
    return;
  }
  Peer& peer = peers_[to];
  if (!peer.link) bound_unlisted(to);
  if (peer.unsent.size() >= quorum::send_capacity(settings_.dialect.release)) {
    peer.unsent.pop_front();
  }
  peer.unsent.push_back(std::move(payload));
  peer.activity = ++activity_;
  pump(peer);
  connect_one(to);
}

void ConnectionManager::Impl::deliver_to_self() {
  if (halted_) return;
  std::deque<Bytes> payloads = std::move(to_self_);
  to_self_.clear();
  for (Bytes& payload : payloads) {
    if (halted_) return;
    if (callbacks_.on_payload) callbacks_.on_payload(settings_.self, std::move(payload));
  }
}

void ConnectionManager::Impl::connect_all() {
  if (halted_) return;
  for (const auto& [sid, peer] : peers_) {
    if (!peer.link) connect_one(sid);
  }
}

bool ConnectionManager::Impl::have_delivered() const {
  return std::any_of(peers_.begin(), peers_.end(), [this](const auto& entry) {
    return entry.second.unsent.empty() && is_member(entry.first);
  });
}

void ConnectionManager::Impl::halt() {
  if (halted_) return;
  halted_ = true;
  if (listeners_) listeners_->close();
  for (const auto& reader : readers_) reader->close();
  for (const auto& [sid, dial] : dials_) dial->close();
  for (const auto& [sid, peer] : peers_) {
    if (peer.link) peer.link->close();
    if (peer.check) peer.check->close();
  }
  listeners_ = nullptr;
  readers_.clear();
  dials_.clear();
  peers_.clear();
  to_self_.clear();
}

std::vector<Sid> ConnectionManager::Impl::linked() const {
  std::vector<Sid> sids;
  for (const auto& [sid, peer] : peers_) {
    if (peer.link) sids.push_back(sid);
  }
  return sids;
}

ConnectionManager::Stats ConnectionManager::Impl::stats() const {
  Stats stats = counted_;
  for (const auto& [sid, peer] : peers_) {
    if (!peer.link) continue;
    ++stats.links;
    if (!is_member(sid)) ++stats.unlisted_links;
  }
  stats.greetings = readers_.size();
  stats.dials = dials_.size();
  return stats;
}

void ConnectionManager::Impl::report(std::optional<Sid> peer, What what, std::string why,
                                     std::string remote, bool garbage) {
  if (what == What::kRefuse) ++counted_.refused;
  const LinkEvent event{peer, what, std::move(why), std::move(remote), garbage};
  log_.write(event);
  if (callbacks_.on_link) callbacks_.on_link(event);
}

// ---- the outside ------------------------------------------------------------------------------

ConnectionManager::ConnectionManager(asio::io_context& io, std::shared_ptr<Resolver> resolver,
                                     Settings settings, Callbacks callbacks)
    : impl_(std::make_shared<Impl>(io, std::move(resolver), std::move(settings),
                                   std::move(callbacks))) {}
ConnectionManager::~ConnectionManager() { impl_->halt(); }

void ConnectionManager::start(std::function<void(Listening)> done) {
  impl_->start(std::move(done));
}
void ConnectionManager::set_configs(wire::QuorumConfig committed,
                                    std::optional<wire::QuorumConfig> last_seen) {
  impl_->set_configs(std::move(committed), std::move(last_seen));
}
void ConnectionManager::send(Sid to, Bytes payload) { impl_->send(to, std::move(payload)); }
void ConnectionManager::connect_all() { impl_->connect_all(); }
bool ConnectionManager::have_delivered() const { return impl_->have_delivered(); }
void ConnectionManager::halt() { impl_->halt(); }
std::vector<Sid> ConnectionManager::linked() const { return impl_->linked(); }
ConnectionManager::Stats ConnectionManager::stats() const { return impl_->stats(); }
std::vector<wire::HostPort> ConnectionManager::listening() const { return impl_->listening(); }

}  // namespace zkprobe::net
