// Peers over real sockets: they elect, they survive a leader's end, they come back.
#include "net/peer_driver.hpp"

#include <gtest/gtest.h>

#include <map>

#include "net/loopback.hpp"

namespace zkprobe::net::test {
namespace {

using wire::ServerState;

constexpr Duration kLimit = std::chrono::seconds(20);

class Cluster {
 public:
  explicit Cluster(int voters) {
    for (int sid = 1; sid <= voters; ++sid) ports_.emplace_back(sid, dead_port(loop));
    config_ = config_of(ports_);
  }
  ~Cluster() {
    for (auto& [sid, driver] : drivers_) driver->halt();
    loop.run_ready();
  }

  void start(int sid, bool reconfig = false) {
    PeerDriver::Settings settings;
    settings.peer.election.self = Sid(sid);
    settings.peer.election.reconfig_enabled = reconfig;
    settings.peer.tick = 50ms;
    settings.committed = config_;
    settings.links.bind_retries = 1;
    drivers_[sid] = std::make_shared<PeerDriver>(
        loop.io, resolver_, settings, [this, sid](const PeerEvent& event) { take(sid, event); });
    drivers_[sid]->start([this, sid](const ConnectionManager::Listening& listening) {
      if (!listening) errors[sid] = listening.error();
    });
  }
  void stop(int sid) {
    drivers_.at(sid)->halt();
    drivers_.erase(sid);
  }
  // As stop(), by an owner that forgets to halt.
  std::weak_ptr<PeerDriver> drop(int sid) {
    const std::weak_ptr<PeerDriver> dropped = drivers_.at(sid);
    drivers_.erase(sid);
    return dropped;
  }

  ServerState state(int sid) const { return drivers_.at(sid)->peer().state(); }
  bool follows(int sid, int leader) const {
    return drivers_.at(sid)->peer().leader() == Sid(leader);
  }
  PeerEpoch epoch(int sid) const { return drivers_.at(sid)->peer().current_vote().vote.peer_epoch; }
  PeerDriver& driver(int sid) { return *drivers_.at(sid); }
  void set_config(wire::QuorumConfig config) { config_ = std::move(config); }
  const wire::QuorumConfig& config() const { return config_; }

  Loop loop;
  std::map<int, std::string> errors;
  std::map<int, int> established;
  std::map<int, int> restarts;
  std::map<int, int> notifications_in;
  std::map<int, int> links_opened;
  std::function<void(int sid, const PeerEvent&)> on_event;  // after counting

 private:
  void take(int sid, const PeerEvent& event) {
    if (std::holds_alternative<peer::Established>(event)) ++established[sid];
    if (const auto* config = std::get_if<ConfigEvent>(&event)) {
      restarts[sid] += config->links_restart ? 1 : 0;
    }
    if (const auto* notification = std::get_if<NotificationEvent>(&event)) {
      notifications_in[sid] += notification->direction == NotificationEvent::Direction::kIn ? 1 : 0;
      EXPECT_NE(notification->peer, Sid(sid)) << "a message to oneself is no event";
    }
    if (const auto* link = std::get_if<LinkEvent>(&event)) {
      links_opened[sid] += link->what == LinkEvent::What::kOpen ? 1 : 0;
    }
    if (on_event) on_event(sid, event);
  }

  std::shared_ptr<Resolver> resolver_ = std::make_shared<Resolver>(loop.io);
  std::vector<std::pair<std::int64_t, std::uint16_t>> ports_;
  wire::QuorumConfig config_;
  std::map<int, std::shared_ptr<PeerDriver>> drivers_;
};

TEST(PeerDriver, ThreePeersElectTheLargestOverSockets) {
  Cluster cluster(3);
  for (int sid = 1; sid <= 3; ++sid) cluster.start(sid);
  ASSERT_TRUE(cluster.loop.run_until(
      [&] {
        return cluster.state(3) == ServerState::kLeading && cluster.follows(1, 3) &&
               cluster.follows(2, 3) && cluster.established[3] == 1;
      },
      kLimit));
  EXPECT_GT(cluster.notifications_in[1], 0);
  EXPECT_GE(cluster.links_opened[1], 2);
}

TEST(PeerDriver, ALeaderThatEndsIsReplacedAndFollowsWhenItComesBack) {
  Cluster cluster(3);
  for (int sid = 1; sid <= 3; ++sid) cluster.start(sid);
  ASSERT_TRUE(cluster.loop.run_until(
      [&] { return cluster.epoch(1) == PeerEpoch(1) && cluster.epoch(2) == PeerEpoch(1); },
      kLimit));
  cluster.stop(3);
  ASSERT_TRUE(cluster.loop.run_until(
      [&] { return cluster.state(2) == ServerState::kLeading && cluster.follows(1, 2); }, kLimit));
  cluster.start(3);
  ASSERT_TRUE(cluster.loop.run_until([&] { return cluster.follows(3, 2); }, kLimit));
  EXPECT_EQ(cluster.state(3), ServerState::kFollowing);
}

TEST(PeerDriver, APortInUseIsReported) {
  Cluster cluster(3);
  cluster.start(1);
  ASSERT_TRUE(cluster.loop.run_until(
      [&] { return cluster.driver(1).peer().deadline().has_value(); }, kLimit));
  Cluster other(3);
  other.set_config(cluster.config());
  other.start(1);
  ASSERT_TRUE(other.loop.run_until([&] { return other.errors.contains(1); }, kLimit));
  EXPECT_NE(other.errors[1].find("127.0.0.1:"), std::string::npos) << other.errors[1];
}

// ZOOKEEPER-2212: server 1 has the old configuration of two members.
TEST(PeerDriver, ANewerConfigurationRestartsTheLinksAndTheElection) {
  Cluster cluster(3);
  wire::QuorumConfig newer = cluster.config();
  newer.version = ConfigVersion(0x100000000);
  wire::QuorumConfig older = cluster.config();
  older.servers.pop_back();
  cluster.set_config(older);
  cluster.start(1, true);
  cluster.set_config(newer);
  cluster.start(2, true);
  cluster.start(3, true);
  ASSERT_TRUE(cluster.loop.run_until(
      [&] { return cluster.follows(1, 3) && cluster.driver(1).peer().config() == newer; }, kLimit));
  EXPECT_EQ(cluster.restarts[1], 1);
  EXPECT_EQ(cluster.restarts[3], 0);
}

// The first four dials are reported while the first votes are sent, the next four while every
// member without a link is dialled again.
TEST(PeerDriver, HaltWorksFromAnyLinkEvent) {
  for (const int last : {1, 5, 6}) {
    Cluster cluster(5);
    int dials = 0;
    cluster.on_event = [&](int sid, const PeerEvent& event) {
      const auto* link = std::get_if<LinkEvent>(&event);
      if (link == nullptr || link->what != LinkEvent::What::kDial || ++dials != last) return;
      cluster.driver(sid).halt();
    };
    cluster.start(5);
    ASSERT_TRUE(cluster.loop.run_until([&] { return dials == last; }, kLimit));
    cluster.loop.run_ready();
    EXPECT_EQ(dials, last) << "no event comes after halt()";
  }
}

TEST(PeerDriver, WhatIsAskedForInALinkEventIsDoneAfterIt) {
  Cluster cluster(3);
  wire::QuorumConfig newer = cluster.config();
  newer.version = ConfigVersion(0x100000000);
  bool asked = false;
  cluster.on_event = [&](int sid, const PeerEvent& event) {
    if (!std::holds_alternative<LinkEvent>(event) || asked) return;
    asked = true;
    cluster.driver(sid).config_changed(newer, std::nullopt);
    EXPECT_NE(cluster.driver(sid).peer().config(), newer);
  };
  cluster.start(3);
  ASSERT_TRUE(cluster.loop.run_until(
      [&] { return asked && cluster.driver(3).peer().config() == newer; }, kLimit));
}

TEST(PeerDriver, OneThatIsDroppedEnds) {
  const std::size_t before = open_descriptors();
  Cluster cluster(3);
  for (int sid = 1; sid <= 3; ++sid) cluster.start(sid);
  ASSERT_TRUE(cluster.loop.run_until([&] { return cluster.established[3] == 1; }, kLimit));
  for (int sid = 1; sid <= 3; ++sid) EXPECT_TRUE(cluster.drop(sid).expired()) << sid;
  cluster.loop.run_ready();
  // The loop of the cluster itself holds some.
  const std::size_t after = open_descriptors();
  EXPECT_LE(after, before + 4);
}

TEST(PeerDriver, AfterHaltNothingIsLeft) {
  const std::size_t before = open_descriptors();
  {
    Cluster cluster(3);
    for (int sid = 1; sid <= 3; ++sid) cluster.start(sid);
    ASSERT_TRUE(cluster.loop.run_until([&] { return cluster.established[3] == 1; }, kLimit));
  }
  EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace zkprobe::net::test
