// VoteAsker against a port of this test, on one loop.
#include "net/vote_asker.hpp"

#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <list>
#include <vector>

#include "wire/framer.hpp"

namespace zkprobe::net {
namespace {

using asio::ip::tcp;
using peer::QueryFailure;

Bytes vote(std::int64_t leader) {
  wire::Notification n;
  n.state = wire::ServerState::kFollowing;
  n.leader = Sid(leader);
  return wire::frame(wire::encode(n, wire::NotificationForm::kBytes40));
}

// What the server does with one link: says `first` at once, `second` when it has got both
// questions, and closes the link right away if told to.
struct Script {
  Bytes first;
  Bytes second;
  bool close = false;
};

class Server {
 public:
  Server(asio::io_context& io, std::deque<Script> scripts)
      : acceptor_(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        scripts_(std::move(scripts)) {
    accept();
  }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  int links() const { return static_cast<int>(links_.size()); }
  const Bytes& heard(int link) const { return std::next(links_.begin(), link)->heard; }
  // How many links the other side has ended.
  int ended() const { return ended_; }

 private:
  struct Link {
    tcp::socket socket;
    Script script;
    std::array<std::uint8_t, 256> buffer{};
    Bytes heard;
  };

  void accept() {
    if (scripts_.empty()) return;
    acceptor_.async_accept([this](error_code error, tcp::socket socket) {
      if (error) return;
      links_.push_back(Link{std::move(socket), std::move(scripts_.front()), {}, {}});
      scripts_.pop_front();
      Link& link = links_.back();
      if (link.script.close) {
        link.socket.close();
      } else {
        asio::write(link.socket, asio::buffer(link.script.first));
        read(link);
      }
      accept();
    });
  }

  void read(Link& link) {
    link.socket.async_read_some(
        asio::buffer(link.buffer), [this, &link](error_code error, std::size_t size) {
          if (error) {
            if (error != asio::error::operation_aborted) ++ended_;
            return;
          }
          const std::size_t before = link.heard.size();
          link.heard.insert(link.heard.end(), link.buffer.begin(),
                            link.buffer.begin() + static_cast<std::ptrdiff_t>(size));
          constexpr std::size_t kBothQuestions = 8 + 44 + 44;
          if (before < kBothQuestions && link.heard.size() >= kBothQuestions) {
            asio::write(link.socket, asio::buffer(link.script.second));
          }
          read(link);
        });
  }

  tcp::acceptor acceptor_;
  std::deque<Script> scripts_;
  std::list<Link> links_;
  int ended_ = 0;
};

struct Harness {
  asio::io_context io;
  std::shared_ptr<Resolver> resolver = std::make_shared<Resolver>(io);
  std::vector<VoteAsker::Answer> answers;

  std::shared_ptr<VoteAsker> ask(const std::string& host, std::uint16_t port,
                                 Duration timeout = 10s) {
    auto asker = std::make_shared<VoteAsker>(
        io, resolver, wire::HostPort{host, port},
        peer::VoteQuery::Settings{.timeout = timeout, .reader = std::nullopt}, 7);
    asker->start([this](const VoteAsker::Answer& answer) { answers.push_back(answer); });
    return asker;
  }
  void run_until_answers(std::size_t count) {
    while (answers.size() < count && io.run_one() > 0) {
    }
    ASSERT_EQ(answers.size(), count);
  }
};

TEST(VoteAsker, BringsTheSecondAnswerAndLeavesNothingOpen) {
  Harness h;
  Server server(h.io, {{vote(1), vote(3), false}});
  h.ask("127.0.0.1", server.port());
  h.run_until_answers(1);
  ASSERT_TRUE(h.answers[0].result.has_value()) << h.answers[0].result.error().text;
  EXPECT_EQ(h.answers[0].result->notification.leader, Sid(3));
  EXPECT_EQ(h.answers[0].remote, "127.0.0.1:" + std::to_string(server.port()));
  while (server.ended() < 1 && h.io.run_one() > 0) {
  }
  const Bytes question = peer::vote_question();
  EXPECT_EQ(Bytes(server.heard(0).begin(), server.heard(0).begin() + 52), question);
}

TEST(VoteAsker, AsksAgainWhenTheLinkIsCut) {
  Harness h;
  Server server(h.io, {{{}, {}, true}, {{}, {}, true}, {vote(1), vote(3), false}});
  h.ask("127.0.0.1", server.port());
  h.run_until_answers(1);
  ASSERT_TRUE(h.answers[0].result.has_value()) << h.answers[0].result.error().text;
  EXPECT_EQ(h.answers[0].result->notification.leader, Sid(3));
  EXPECT_EQ(server.links(), 3);
}

TEST(VoteAsker, AsksSeveralAddressesAtOnce) {
  Harness h;
  Server silent(h.io, {{{}, {}, false}});
  Server one(h.io, {{vote(1), vote(3), false}});
  Server two(h.io, {{vote(1), vote(2), false}});
  const auto waiting = h.ask("127.0.0.1", silent.port());
  h.ask("127.0.0.1", one.port());
  h.ask("127.0.0.1", two.port());
  h.run_until_answers(2);  // the silent one keeps nobody waiting
  EXPECT_TRUE(h.answers[0].result.has_value() && h.answers[1].result.has_value());
  waiting->close();
}

TEST(VoteAsker, TriesEveryAddressOfAName) {
  Harness h;
  Server server(h.io, {{vote(1), vote(3), false}});  // on 127.0.0.1 alone
  h.resolver = std::make_shared<Resolver>(h.io, [](const std::string& host) {
    EXPECT_EQ(host, "zk1");
    return Resolver::Addresses(std::vector<asio::ip::address>{asio::ip::make_address("127.0.0.2"),
                                                              asio::ip::make_address("127.0.0.1")});
  });
  const auto work = asio::make_work_guard(h.io);
  h.ask("zk1", server.port());
  h.run_until_answers(1);
  ASSERT_TRUE(h.answers[0].result.has_value()) << h.answers[0].result.error().text;
  EXPECT_EQ(h.answers[0].remote, "127.0.0.1:" + std::to_string(server.port()));
}

TEST(VoteAsker, ARefusedConnectionIsUnreachable) {
  Harness h;
  std::uint16_t port = 0;
  {
    const Server gone(h.io, {{}});
    port = gone.port();
  }
  h.ask("127.0.0.1", port);
  h.run_until_answers(1);
  ASSERT_FALSE(h.answers[0].result.has_value());
  EXPECT_EQ(h.answers[0].result.error().kind, QueryFailure::Kind::kUnreachable);
  EXPECT_EQ(h.answers[0].remote, "");
}

TEST(VoteAsker, ASilentServerTimesOut) {
  Harness h;
  Server server(h.io, {{{}, {}, false}});
  h.ask("127.0.0.1", server.port(), 50ms);
  h.run_until_answers(1);
  ASSERT_FALSE(h.answers[0].result.has_value());
  EXPECT_EQ(h.answers[0].result.error().kind, QueryFailure::Kind::kSilent);
  while (server.ended() < 1 && h.io.run_one() > 0) {
  }
  EXPECT_EQ(server.ended(), 1);
}

TEST(VoteAsker, SaysNothingAfterClose) {
  Harness h;
  Server server(h.io, {{vote(1), vote(3), false}});
  const auto asker = h.ask("127.0.0.1", server.port());
  while (server.links() < 1 && h.io.run_one() > 0) {
  }
  asker->close();
  while (server.ended() < 1 && h.io.run_one() > 0) {
  }
  EXPECT_TRUE(h.answers.empty());
}

}  // namespace
}  // namespace zkprobe::net
