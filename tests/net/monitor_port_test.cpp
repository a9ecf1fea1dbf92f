#include "net/monitor_port.hpp"

#include <gtest/gtest.h>

#include "net/loopback.hpp"

namespace zkprobe::net::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Watched {
  using Adjust = std::function<void(MonitorPort::Settings&)>;
  explicit Watched(Loop& looping, const Adjust& adjust = {}) : loop(looping) {
    MonitorPort::Settings settings;
    settings.address = {"127.0.0.1", 0};
    settings.text.self = Sid(2);
    if (adjust) adjust(settings);
    values.role = peer::MonitorRole::kFollower;
    values.version = "3.9.6-test";
    MonitorPort::Callbacks callbacks;
    callbacks.values = [this] {
      ++asked;
      return values;
    };
    callbacks.log = [this](const std::string& line) { lines.push_back(line); };
    monitor = std::make_shared<MonitorPort>(loop.io, std::make_shared<Resolver>(loop.io), settings,
                                            callbacks);
    monitor->start(
        [this](const tl::expected<std::uint16_t, std::string>& result) { bound = result; });
    EXPECT_TRUE(loop.run_until([this] { return bound.has_value(); }));
  }
  ~Watched() { monitor->stop(); }
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;

  std::uint16_t port() const { return bound->value(); }
  // What one connection gets that says this, once its other end has closed.
  std::string says(const std::string& text) {
    RawPeer asker(loop, port());
    asker.write(text_bytes(text));
    EXPECT_TRUE(loop.run_until([&] { return asker.closed_by_peer(); }));
    return {asker.received().begin(), asker.received().end()};
  }

  Loop& loop;
  std::shared_ptr<MonitorPort> monitor;
  peer::MonitorValues values;
  int asked = 0;
  std::vector<std::string> lines;
  std::optional<tl::expected<std::uint16_t, std::string>> bound;
};

TEST(MonitorPort, AnswersAWordAndCloses) {
  Loop loop;
  Watched watched(loop);
  EXPECT_EQ("imok", watched.says("ruok"));
  EXPECT_EQ("rw", watched.says("isro"));
  EXPECT_TRUE(watched.lines.empty());
}

TEST(MonitorPort, CountsPacketsAndConnectionsAsJavaDoes) {
  Loop loop;
  Watched watched(loop);
  watched.says("ruok");
  const std::string text = watched.says("srvr");
  EXPECT_NE(std::string::npos, text.find("\nReceived: 2\nSent: 1\nConnections: 1\n")) << text;
}

TEST(MonitorPort, AsksForTheValuesOfNow) {
  Loop loop;
  Watched watched(loop);
  watched.values.last_zxid = Zxid(0x10);
  EXPECT_NE(std::string::npos, watched.says("srvr").find("Zxid: 0x10\nMode: follower\n"));
  watched.values.role = peer::MonitorRole::kNone;
  EXPECT_EQ("This ZooKeeper instance is not currently serving requests\n", watched.says("srvr"));
  EXPECT_EQ(2, watched.asked);
}

TEST(MonitorPort, AWordMayComeInPiecesAndWithMoreBehindIt) {
  Loop loop;
  Watched watched(loop);
  RawPeer asker(loop, watched.port());
  for (const char* piece : {"r", "u", "ok\n"}) {
    asker.write(text_bytes(piece));
    loop.run_ready();
  }
  EXPECT_TRUE(loop.run_until([&] { return asker.closed_by_peer(); }));
  EXPECT_EQ(text_bytes("imok"), asker.received());
}

TEST(MonitorPort, ALongAnswerComesWhole) {
  Loop loop;
  Watched watched(loop);
  const std::string text = watched.says("mntr");
  EXPECT_GT(text.size(), 10'000U);
  EXPECT_TRUE(text.ends_with("zk_p999_write_commitproc_time_ms\t0\n"));
}

TEST(MonitorPort, AWordThatIsNotEnabledIsAnsweredWithThat) {
  Loop loop;
  Watched watched(loop, [](MonitorPort::Settings& settings) {
    settings.text.words =
        peer::MonitorWords(peer::SystemProperties{{"4lw.commands.whitelist", "ruok"}});
  });
  EXPECT_EQ("mntr is not executed because it is not in the whitelist.\n", watched.says("mntr"));
  EXPECT_EQ("imok", watched.says("ruok"));
}

TEST(MonitorPort, AClientIsClosedWithOneLine) {
  Loop loop;
  Watched watched(loop);
  // ConnectRequest: its length, then protocolVersion, lastZxidSeen, ...
  EXPECT_EQ("", watched.says(std::string("\0\0\0\x2d\0\0\0\0", 8)));
  ASSERT_EQ(1U, watched.lines.size());
  EXPECT_TRUE(watched.lines[0].starts_with("127.0.0.1:")) << watched.lines[0];
  EXPECT_TRUE(watched.lines[0].ends_with(
      " wants a session on the client port: closed, zkprobe serves no clients"));
}

TEST(MonitorPort, GarbageIsClosedWithOneLine) {
  Loop loop;
  Watched watched(loop);
  for (const std::string garbage : {"GET / HTTP/1.1\r\n\r\n", "\xff\xff\xff\xff", "\x1b[2J"}) {
    EXPECT_EQ("", watched.says(garbage));
  }
  EXPECT_EQ("", watched.says(std::string(4, '\0')));
  ASSERT_EQ(4U, watched.lines.size());
  EXPECT_NE(std::string::npos, watched.lines[0].find("no four-letter word on the client port: "
                                                     "47455420: closed"));
  EXPECT_NE(std::string::npos, watched.lines[2].find("1b5b324a"));
  // An interrupted telnet is not worth one.
  EXPECT_EQ("", watched.says("\xff\xf4\xff\xfd"));
  EXPECT_EQ(4U, watched.lines.size());
}

TEST(MonitorPort, WhoLooksWhetherThePortIsOpenCausesNoLine) {
  Loop loop;
  Watched watched(loop);
  RawPeer asker(loop, watched.port());
  ASSERT_TRUE(loop.run_until([&] { return watched.monitor->connections() == 1; }));
  asker.close();
  ASSERT_TRUE(loop.run_until([&] { return watched.monitor->connections() == 0; }));
  EXPECT_TRUE(watched.lines.empty());
}

TEST(MonitorPort, WhoAsksNothingIsClosedWhenPatienceEnds) {
  Loop loop;
  Watched watched(loop, [](auto& settings) { settings.patience = milliseconds(50); });
  RawPeer silent(loop, watched.port());
  RawPeer slow(loop, watched.port());
  slow.write(text_bytes("ru"));
  EXPECT_TRUE(loop.run_until([&] { return silent.closed_by_peer() && slow.closed_by_peer(); }));
  ASSERT_EQ(2U, watched.lines.size());
  EXPECT_NE(std::string::npos, watched.lines[0].find("asks nothing"));
}

TEST(MonitorPort, WhoKeepsItsEndOpenAfterTheAnswerIsClosedSilently) {
  Loop loop;
  Watched watched(loop, [](auto& settings) { settings.patience = milliseconds(50); });
  tcp::socket asker(loop.io);
  asker.connect({asio::ip::make_address("127.0.0.1"), watched.port()});
  asio::write(asker, asio::buffer("ruok", 4));
  ASSERT_TRUE(loop.run_until([&] { return watched.asked == 1; }));
  EXPECT_EQ(1U, watched.monitor->connections());
  EXPECT_TRUE(loop.run_until([&] { return watched.monitor->connections() == 0; }));
  EXPECT_TRUE(watched.lines.empty());
}

TEST(MonitorPort, WhoTalksOnBehindItsWordIsCutOff) {
  Loop loop;
  Watched watched(loop, [](auto& settings) { settings.patience = seconds(60); });
  RawPeer asker(loop, watched.port());
  asker.write(text_bytes("ruok"));
  const Bytes more(8192, 0x41);
  EXPECT_TRUE(loop.run_until([&] {
    asker.write_what_fits(more);
    return watched.asked == 1 && watched.monitor->connections() == 0;
  }));
}

TEST(MonitorPort, OfTooManyTheOldestIsClosed) {
  Loop loop;
  Watched watched(loop, [](auto& settings) { settings.max_connections = 2; });
  RawPeer first(loop, watched.port());
  ASSERT_TRUE(loop.run_until([&] { return watched.monitor->connections() == 1; }));
  RawPeer second(loop, watched.port());
  ASSERT_TRUE(loop.run_until([&] { return watched.monitor->connections() == 2; }));
  EXPECT_EQ("imok", watched.says("ruok"));
  EXPECT_TRUE(loop.run_until([&] { return first.closed_by_peer(); }));
  EXPECT_FALSE(second.closed_by_peer());
  ASSERT_EQ(1U, watched.lines.size());
  EXPECT_TRUE(watched.lines[0].starts_with("2 connections to the client port at once: 127.0.0.1:"));
}

TEST(MonitorPort, StrangersCannotFillALog) {
  Loop loop;
  Watched watched(loop);
  for (int i = 0; i < 200; ++i) watched.says("GET ");
  EXPECT_GE(watched.lines.size(), 50U);
  // Those of two seconds at the most, unless the machine is slow.
  EXPECT_LT(watched.lines.size(), 200U);
}

TEST(MonitorPort, NothingIsLeftAfterManyHostileConnections) {
  Loop loop;
  Watched watched(loop);
  const auto nobody_left = [&watched] { return watched.monitor->connections() == 0; };
  watched.says("ruok");
  ASSERT_TRUE(loop.run_until(nobody_left));
  const std::size_t descriptors = open_descriptors();
  for (int i = 0; i < 300; ++i) watched.says(i % 2 == 0 ? "GET " : "ruok");
  ASSERT_TRUE(loop.run_until(nobody_left));
  EXPECT_EQ(descriptors, open_descriptors());
}

TEST(MonitorPort, APortInUseIsNamed) {
  Loop loop;
  RawListener taken(loop);
  Watched watched(loop, [&taken](MonitorPort::Settings& settings) {
    settings.address.port = taken.port();
    settings.bind_retries = 2;
    settings.bind_pause = milliseconds(1);
  });
  ASSERT_FALSE(*watched.bound);
  EXPECT_EQ("127.0.0.1:" + std::to_string(taken.port()) + ": Address already in use",
            watched.bound->error());
  EXPECT_EQ(1U, watched.lines.size());
}

TEST(MonitorPort, AWildcardMeansAllAddresses) {
  for (const std::string any : {"0.0.0.0", "::", "0:0:0:0:0:0:0:0"}) {
    Loop loop;
    Watched watched(loop, [&any](auto& settings) { settings.address.host = any; });
    ASSERT_TRUE(*watched.bound) << any;
    tcp::socket six(loop.io);
    six.connect({asio::ip::make_address("::1"), watched.port()});
    EXPECT_EQ("imok", watched.says("ruok"));
  }
}

TEST(MonitorPort, NothingComesAfterStop) {
  Loop loop;
  Watched watched(loop);
  RawPeer asker(loop, watched.port());
  ASSERT_TRUE(loop.run_until([&] { return watched.monitor->connections() == 1; }));
  watched.monitor->stop();
  asker.write(text_bytes("ruok"));
  EXPECT_TRUE(loop.run_until([&] { return asker.closed_by_peer(); }));
  EXPECT_EQ(0, watched.asked);
  EXPECT_TRUE(watched.lines.empty());
}

}  // namespace
}  // namespace zkprobe::net::test
