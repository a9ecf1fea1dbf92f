// Several managers that link to each other, started in any order: one link for each pair.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/random.hpp"
#include "net/connection_manager.hpp"
#include "net/loopback.hpp"

namespace zkprobe::net::test {
namespace {

// Ids 1..n on ports that are known before anybody runs.
class Mesh {
 public:
  Mesh(Loop& loop, std::int64_t size) : loop_(loop) {
    std::vector<std::unique_ptr<RawListener>> held;
    std::vector<std::pair<std::int64_t, std::uint16_t>> members;
    for (std::int64_t sid = 1; sid <= size; ++sid) {
      held.push_back(std::make_unique<RawListener>(loop));
      members.emplace_back(sid, held.back()->port());
      ports_[sid] = held.back()->port();
    }
    config_ = config_of(members);
  }

  void start(std::int64_t sid) {
    nodes_[sid] = std::make_unique<Node>(loop_, sid, [&](auto& settings) {
      settings.listen = {{"127.0.0.1", ports_[sid]}};
    });
    (*nodes_[sid])->set_configs(config_, std::nullopt);
  }
  void stop(std::int64_t sid) { nodes_.erase(sid); }
  Node& node(std::int64_t sid) { return *nodes_.at(sid); }

  // As an election does: a notification to everyone, itself left out.
  void notify_all(std::int64_t sid, const std::string& text) {
    for (const auto& [other, port] : ports_) {
      if (other != sid) (*nodes_.at(sid))->send(Sid(other), text_bytes(text));
    }
  }

  // Everyone is linked to everyone that runs, and nothing is under way.
  bool settled() const {
    return std::all_of(nodes_.begin(), nodes_.end(), [this](const auto& entry) {
      const auto stats = (*entry.second)->stats();
      return stats.links == nodes_.size() - 1 && stats.dials == 0 && stats.greetings == 0;
    });
  }
  // One socket for listening each, two for each pair.
  std::size_t sockets() const { return nodes_.size() + nodes_.size() * (nodes_.size() - 1); }

  bool settle() {
    return loop_.run_until([this] { return settled(); });
  }
  // A payload on every link, in both directions.
  bool everyone_hears_everyone(const std::string& text) {
    for (const auto& [sid, node] : nodes_) {
      for (const auto& [other, ignored] : nodes_) {
        if (other != sid) (*node)->send(Sid(other), text_bytes(text));
      }
    }
    return loop_.run_until([&] {
      return std::all_of(nodes_.begin(), nodes_.end(), [&](const auto& hearer) {
        return std::all_of(nodes_.begin(), nodes_.end(), [&](const auto& speaker) {
          return speaker.first == hearer.first || hearer.second->has_payload(speaker.first, text);
        });
      });
    });
  }

 private:
  Loop& loop_;
  wire::QuorumConfig config_;
  std::map<std::int64_t, std::uint16_t> ports_;
  std::map<std::int64_t, std::unique_ptr<Node>> nodes_;
};

void expect_one_link_per_pair(const std::vector<std::int64_t>& order) {
  Loop loop;
  dead_port(loop);  // Asio's own descriptors are there from the first socket on
  const std::size_t before = open_descriptors();
  Mesh mesh(loop, static_cast<std::int64_t>(order.size()));
  for (const std::int64_t sid : order) {
    mesh.start(sid);
    mesh.notify_all(sid, "look");
  }
  ASSERT_TRUE(mesh.settle());
  ASSERT_TRUE(mesh.everyone_hears_everyone("all linked"));
  ASSERT_TRUE(mesh.settle());
  EXPECT_TRUE(loop.run_until([&] { return open_descriptors() == before + mesh.sockets(); }));
  EXPECT_TRUE(mesh.settled());
}

TEST(Mesh, ThreeLinkInEveryOrderOfStart) {
  std::vector<std::int64_t> order{1, 2, 3};
  do {
    SCOPED_TRACE(testing::PrintToString(order));
    expect_one_link_per_pair(order);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Mesh, FourLinkInEveryOrderOfStart) {
  std::vector<std::int64_t> order{1, 2, 3, 4};
  do {
    SCOPED_TRACE(testing::PrintToString(order));
    expect_one_link_per_pair(order);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Mesh, SevenLinkInShuffledOrders) {
  SeededRandom random(20);
  for (int run = 0; run < 20; ++run) {
    std::vector<std::int64_t> order{1, 2, 3, 4, 5, 6, 7};
    for (std::size_t i = order.size() - 1; i > 0; --i) {
      std::swap(order[i], order[random.below(i + 1)]);
    }
    SCOPED_TRACE(testing::PrintToString(order));
    expect_one_link_per_pair(order);
  }
}

TEST(Mesh, AllAtOnceLinkToo) {
  Loop loop;
  Mesh mesh(loop, 5);
  for (std::int64_t sid = 1; sid <= 5; ++sid) mesh.start(sid);
  for (std::int64_t sid = 1; sid <= 5; ++sid) mesh.notify_all(sid, "look");
  EXPECT_TRUE(mesh.settle());
  EXPECT_TRUE(mesh.everyone_hears_everyone("all linked"));
}

// Whoever restarts is linked again by its own first payloads, and the others repeat what they sent
// last, although it was delivered once.
TEST(Mesh, ARestartedOneIsLinkedAgainAndHearsTheLastPayloadOfEveryone) {
  for (std::int64_t restarted = 1; restarted <= 3; ++restarted) {
    SCOPED_TRACE(restarted);
    Loop loop;
    Mesh mesh(loop, 3);
    for (std::int64_t sid = 1; sid <= 3; ++sid) mesh.start(sid);
    ASSERT_TRUE(mesh.everyone_hears_everyone("before"));
    ASSERT_TRUE(mesh.settle());
    mesh.stop(restarted);
    ASSERT_TRUE(mesh.settle());
    mesh.start(restarted);
    mesh.notify_all(restarted, "after");
    ASSERT_TRUE(mesh.settle());
    EXPECT_TRUE(loop.run_until([&] {
      for (std::int64_t sid = 1; sid <= 3; ++sid) {
        if (sid == restarted) continue;
        if (!mesh.node(restarted).has_payload(sid, "before")) return false;
        if (!mesh.node(sid).has_payload(restarted, "after")) return false;
      }
      return true;
    }));
  }
}

}  // namespace
}  // namespace zkprobe::net::test
