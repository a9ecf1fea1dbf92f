// What strangers send to an election port. Whoever sends it loses the socket, and nobody else
// notices: the listener goes on, other links go on, descriptors and memory stay where they were.
#include <gtest/gtest.h>
#include <malloc.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <limits>

#include "net/connection_manager.hpp"
#include "net/listener.hpp"
#include "net/loopback.hpp"
#include "wire/framer.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
// As sanitizer/allocator_interface.h declares it, which not every GCC package brings.
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();
#endif

namespace zkprobe::net::test {
namespace {

using What = LinkEvent::What;

struct Hostile {
  std::string name;
  Bytes bytes;
  // The socket is closed at once, not only when the peer closes or the time for a greeting is over.
  bool closed_at_once = true;
};

Bytes greeting_with(std::int64_t first, std::int64_t sid, std::int32_t length,
                    const std::string& text) {
  Writer writer;
  writer.i64(first);
  writer.i64(sid);
  writer.i32(length);
  writer.text(text);
  return writer.take();
}

Bytes frame_header(std::int32_t length) {
  Writer writer;
  writer.i32(length);
  return writer.take();
}

std::vector<Hostile> hostile_payloads() {
  const Bytes client_hello = *hex_decode(
      "16030100c8010000c40303000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f00");
  const Bytes link = bare_greeting(77);  // no configuration names it, so it is kept at first
  const auto max = std::numeric_limits<std::int32_t>::max();
  const auto min = std::numeric_limits<std::int32_t>::min();
  const auto too_long = static_cast<std::int32_t>(wire::kMaxFrame) + 1;
  return {
      // Text and TLS are read as a positive id; what follows is a length out of bounds.
      {"HTTP GET", text_bytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")},
      {"TLS ClientHello", client_hello + Bytes(200, 0xee)},
      {"four letter word", text_bytes("ruok\n"), false},
      {"0xff flood", Bytes(100'000, 0xff)},
      {"0x80 flood", Bytes(100'000, 0x80)},
      {"unknown protocol version", greeting_with(-65534, 1, 5, "a:123")},
      {"length -1", greeting_with(wire::kGreetingV1, 1, -1, "")},
      {"length of Integer.MIN_VALUE", greeting_with(wire::kGreetingV1, 1, min, "")},
      {"length of Integer.MAX_VALUE", greeting_with(wire::kGreetingV1, 1, max, "")},
      {"length 0", greeting_with(wire::kGreetingV1, 1, 0, "")},
      {"length 2049", greeting_with(wire::kGreetingV1, 1, 2049, std::string(2049, 'a'))},
      {"no port", v1_greeting(1, "localhost")},
      {"port 70000", v1_greeting(1, "127.0.0.1:70000")},
      {"port -1", v1_greeting(1, "127.0.0.1:-1")},
      {"port that is no number", v1_greeting(1, "127.0.0.1:http")},
      {"bare IPv6 address", v1_greeting(1, "::1:3888")},
      {"binary address", v1_greeting(1, std::string("\0\xff\xfe:1:2", 7))},
      {"one bad address of two", greeting_with(wire::kGreetingV2, 1, 17, "127.0.0.1:1|nope!")},
      {"format directives", v1_greeting(1, "{}{0:n}%s%n:1")},
      {"our own id", v1_greeting(5, "127.0.0.1:1")},
      {"an observer without an id", v1_greeting(kObserverId.value, "127.0.0.1:1")},
      {"the least id", v1_greeting(std::numeric_limits<std::int64_t>::min(), "127.0.0.1:1")},
      {"a member's greeting without its address", v1_greeting(1, "0.0.0.0:1")},
      {"half a bare sid", Bytes{0, 0, 0}, false},
      {"half a greeting", greeting_with(wire::kGreetingV1, 1, 100, "127.0.0."), false},
      {"nothing", {}, false},
      {"frame length 0", link + frame_header(0)},
      {"frame length -1", link + frame_header(-1)},
      {"frame length above the limit", link + frame_header(too_long)},
      {"frame length of Integer.MAX_VALUE", link + frame_header(max)},
      {"half a frame", link + frame_header(1000) + Bytes(10, 1), false},
  };
}

// A link between 5 and 9 that must not suffer: one payload there, one back.
class Witness {
 public:
  Witness(Loop& loop, Node& node) : loop_(loop), node_(node), peer_(loop, node.port()) {
    peer_.write(bare_greeting(9));
  }
  bool works() {
    const std::string text = "round " + std::to_string(++round_);
    expected_ = expected_ + framed(text);
    node_->send(Sid(9), text_bytes(text));
    peer_.write(framed(text));
    return loop_.run_until([&] { return peer_.received() == expected_; }) &&
           loop_.run_until([&] { return node_.has_payload(9, text); });
  }
  bool linked() {
    return loop_.run_until([&] { return node_.linked_to(9); });
  }

 private:
  Loop& loop_;
  Node& node_;
  RawPeer peer_;
  Bytes expected_;
  int round_ = 0;
};

TEST(HostilePeers, EachLosesItsSocketAndNothingElseHappens) {
  Loop loop;
  Node five(loop, 5);
  RawListener member(loop);
  five->set_configs(config_of({{5, five.port()}, {9, dead_port(loop)}}), std::nullopt);
  Witness witness(loop, five);
  ASSERT_TRUE(witness.linked());
  for (const Hostile& hostile : hostile_payloads()) {
    SCOPED_TRACE(hostile.name);
    const std::size_t ended = five.count(What::kRefuse) + five.count(What::kClose);
    RawPeer stranger(loop, five.port());
    stranger.write(hostile.bytes);
    ASSERT_TRUE(witness.works());
    if (!hostile.closed_at_once) stranger.close();
    ASSERT_TRUE(loop.run_until(
        [&] { return five.count(What::kRefuse) + five.count(What::kClose) == ended + 1; }));
    if (hostile.closed_at_once) {
      ASSERT_TRUE(loop.run_until([&] { return stranger.closed_by_peer(); }));
    }
    ASSERT_TRUE(witness.works());
    EXPECT_EQ(five->stats().links, 1u);
    EXPECT_EQ(five->stats().greetings, 0u);
    EXPECT_EQ(five->stats().dials, 0u);
  }
  EXPECT_EQ(five.count(What::kDial), 0u);
}

TEST(HostilePeers, TheLineSaysWhichBytesAtWhichOffset) {
  Loop loop;
  Node five(loop, 5);
  RawPeer greeting(loop, five.port());
  greeting.write(greeting_with(wire::kGreetingV1, 1, 2049, ""));
  ASSERT_TRUE(loop.run_until([&] { return five.count(What::kRefuse) == 1; }));
  EXPECT_NE(five.events.back().why.find("at byte 16"), std::string::npos) << five.events.back().why;
  EXPECT_NE(five.events.back().why.find("ffffffffffff0000000000000000000100000801"),
            std::string::npos)
      << five.events.back().why;

  RawPeer frame(loop, five.port());
  frame.write(bare_greeting(77) + framed("good") + frame_header(-2) + Bytes(100, 0xaa));
  ASSERT_TRUE(loop.run_until([&] { return five.count(What::kClose, 77) == 1; }));
  const std::string why = five.events.back().why;
  EXPECT_TRUE(five.has_payload(77, "good"));
  EXPECT_TRUE(five.events.back().garbage);
  EXPECT_NE(why.find("at byte 16"), std::string::npos) << why;  // 8 of the sid, 8 of "good"
  EXPECT_NE(why.find("-2"), std::string::npos) << why;
  EXPECT_NE(why.find("fffffffeaaaa"), std::string::npos) << why;
}

TEST(HostilePeers, PayloadsThatAreNoNotificationsGoThroughUnread) {
  Loop loop;
  Node five(loop, 5);
  RawPeer stranger(loop, five.port());
  const std::string text = "server.1=\\u{}%n;;|;\n" + std::string(1000, '\0');
  stranger.write(bare_greeting(77) + framed(text));
  EXPECT_TRUE(loop.run_until([&] { return five.has_payload(77, text); }));
  EXPECT_TRUE(five.linked_to(77));
}

TEST(HostilePeers, TheLongestFrameIsReadAndOneByteMoreIsNot) {
  Loop loop;
  Node five(loop, 5);
  RawPeer stranger(loop, five.port());
  stranger.write(bare_greeting(77) + wire::frame(Bytes(wire::kMaxFrame, 1)));
  EXPECT_TRUE(loop.run_until([&] { return five.payloads.size() == 1; }));
  stranger.write(frame_header(static_cast<std::int32_t>(wire::kMaxFrame) + 1));
  EXPECT_TRUE(loop.run_until([&] { return stranger.closed_by_peer(); }));
}

TEST(HostilePeers, Release345ReadsFramesOfOneMebibyte) {
  Loop loop;
  Node five(loop, 5, [](auto& settings) { settings.dialect.release = {3, 4, 5}; });
  RawPeer peer(loop, five.port());
  peer.write(bare_greeting(77) + wire::frame(Bytes(wire::kMaxFrameUntil345, 1)));
  EXPECT_TRUE(loop.run_until([&] { return five.payloads.size() == 1; }));
}

// Java reads the text with one read and closes when a segment ends inside it.
TEST(HostilePeers, AGreetingInSegmentsIsReadAndFramesBehindItAreKept) {
  Loop loop;
  Node five(loop, 5);
  const Bytes all = v1_greeting(77, "127.0.0.1:3888") + framed("a") + framed("b");
  RawPeer peer(loop, five.port());
  for (const std::uint8_t byte : all) {
    peer.write(Bytes{byte});
    loop.run_ready();
  }
  ASSERT_TRUE(loop.run_until([&] { return five.has_payload(77, "b"); }));
  EXPECT_TRUE(five.has_payload(77, "a"));
}

// Java reads greetings on the thread that accepts.
TEST(HostilePeers, ASilentDiallerHoldsUpNobodyAndIsClosedInTheEnd) {
  Loop loop;
  Node five(loop, 5,
            [](auto& settings) { settings.handshake_timeout = std::chrono::milliseconds(200); });
  RawPeer silent(loop, five.port());
  ASSERT_TRUE(loop.run_until([&] { return five->stats().greetings == 1; }));
  Witness witness(loop, five);
  ASSERT_TRUE(witness.linked());
  EXPECT_TRUE(witness.works());
  EXPECT_FALSE(silent.closed_by_peer());
  ASSERT_TRUE(loop.run_until([&] { return silent.closed_by_peer(); }));
  EXPECT_EQ(five.events.back().why, "no whole greeting in 200 ms; 0 bytes read: none");
  EXPECT_TRUE(witness.works());
}

// The time is for the whole greeting: single bytes do not prolong it.
TEST(HostilePeers, DripsDoNotProlongTheTimeForAGreeting) {
  Loop loop;
  Node five(loop, 5,
            [](auto& settings) { settings.handshake_timeout = std::chrono::milliseconds(100); });
  RawPeer drip(loop, five.port());
  asio::steady_timer every(loop.io);
  std::function<void()> next = [&] {
    every.expires_after(std::chrono::milliseconds(10));
    every.async_wait([&](error_code aborted) {
      if (aborted || drip.closed_by_peer()) return;
      drip.write(Bytes{0});
      next();
    });
  };
  drip.write(greeting_with(wire::kGreetingV1, 1, 2048, ""));
  next();
  EXPECT_TRUE(loop.run_until([&] { return drip.closed_by_peer(); }));
  every.cancel();
  loop.run_ready();
}

TEST(HostilePeers, SocketsWithoutAGreetingAreBoundedAndTheOldestGoes) {
  Loop loop;
  Node five(loop, 5);
  Witness witness(loop, five);
  ASSERT_TRUE(witness.linked());
  std::vector<std::unique_ptr<RawPeer>> silent;
  for (std::size_t i = 0; i < kMaxGreetings + 3; ++i) {
    silent.push_back(std::make_unique<RawPeer>(loop, five.port()));
  }
  ASSERT_TRUE(loop.run_until([&] { return five->stats().accepted == kMaxGreetings + 4; }));
  EXPECT_EQ(five->stats().greetings, kMaxGreetings);
  ASSERT_TRUE(loop.run_until([&] { return silent[2]->closed_by_peer(); }));
  loop.run_ready();
  EXPECT_TRUE(silent[0]->closed_by_peer());
  EXPECT_FALSE(silent[3]->closed_by_peer());
  EXPECT_TRUE(witness.works());
}

TEST(HostilePeers, LinksOfUnlistedIdsAreBoundedAndTheLongestSilentGoes) {
  Loop loop;
  Node five(loop, 5);
  five->set_configs(config_of({{9, 1}}), std::nullopt);
  Witness member(loop, five);
  ASSERT_TRUE(member.linked());
  std::vector<std::unique_ptr<RawPeer>> strangers;
  const auto link = [&](std::int64_t sid) {
    strangers.push_back(std::make_unique<RawPeer>(loop, five.port()));
    strangers.back()->write(bare_greeting(sid));
    return loop.run_until([&] { return five.linked_to(sid); });
  };
  for (std::size_t i = 0; i < kMaxUnlistedLinks; ++i) {
    ASSERT_TRUE(link(1000 + static_cast<std::int64_t>(i)));
  }
  strangers[0]->write(framed("not silent"));
  ASSERT_TRUE(loop.run_until([&] { return five.has_payload(1000, "not silent"); }));
  ASSERT_TRUE(link(5000));
  EXPECT_EQ(five->stats().unlisted_links, kMaxUnlistedLinks);
  EXPECT_TRUE(five.linked_to(1000));
  EXPECT_FALSE(five.linked_to(1001));
  EXPECT_TRUE(loop.run_until([&] { return strangers[1]->closed_by_peer(); }));
  EXPECT_TRUE(member.works());
}

TEST(HostilePeers, NoDescriptorsLeftEndsNeitherTheListenerNorALink) {
  Loop loop;
  Node five(loop, 5);
  Witness witness(loop, five);
  ASSERT_TRUE(witness.linked());
  std::vector<tcp::socket> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back(loop.io);
    clients.back().open(tcp::v4());
  }
  // The undefined-behaviour sanitizer opens a pipe when it meets a class for the first time, and
  // the logger is called while no descriptor is left: this is the first time.
  spdlog::warn("{}", "descriptors end now");
  for (const error_code& error :
       {error_code(EMFILE, boost::system::system_category()),
        error_code(EMFILE, boost::system::generic_category()), error_code(asio::error::eof),
        error_code(asio::error::host_not_found)}) {
    EXPECT_TRUE(error.failed() && error != error_code() && !error.message().empty());
  }
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = 0;  // no descriptor can be added; those that are open stay
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  for (auto& client : clients) client.connect({asio::ip::address_v4::loopback(), five.port()});
  const bool worked = witness.works();
  loop.run_until([] { return false; }, 3 * Listener::kAcceptPause / 2);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(worked);
  EXPECT_EQ(five->stats().accepted, 1u);
  EXPECT_TRUE(loop.run_until([&] { return five->stats().accepted == 5; }));
  EXPECT_TRUE(witness.works());
}

// What is allocated and not freed. The sanitizers keep freed memory for a while, so that the size
// of the process says nothing there.
std::size_t heap_in_use() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return __sanitizer_get_current_allocated_bytes();
#else
  return mallinfo2().uordblks;
#endif
}

TEST(HostilePeers, TenThousandLeaveDescriptorsAndMemoryFlat) {
  Loop loop;
  Node five(loop, 5,
            [](auto& settings) { settings.handshake_timeout = std::chrono::milliseconds(200); });
  Witness witness(loop, five);
  ASSERT_TRUE(witness.linked());
  const std::vector<Hostile> payloads = hostile_payloads();
  const std::size_t descriptors = open_descriptors();
  std::size_t memory = 0;
  constexpr std::size_t kBatch = 100;
  constexpr std::size_t kBatches = 100;
  for (std::size_t batch = 0; batch < kBatches; ++batch) {
    std::vector<std::unique_ptr<RawPeer>> strangers;
    for (std::size_t i = 0; i < kBatch; ++i) {
      strangers.push_back(std::make_unique<RawPeer>(loop, five.port()));
      strangers.back()->write(payloads[(batch * kBatch + i) % payloads.size()].bytes);
    }
    ASSERT_TRUE(witness.works()) << batch;
    for (const auto& stranger : strangers) stranger->close();
    const std::size_t accepted = 1 + (batch + 1) * kBatch;
    ASSERT_TRUE(loop.run_until([&] {
      const auto stats = five->stats();
      return stats.accepted == accepted && stats.links == 1 && stats.greetings == 0;
    })) << batch;
    five.events.clear();
    five.payloads.clear();
    if (batch == kBatches / 4) memory = heap_in_use();
  }
  EXPECT_TRUE(loop.run_until([&] { return open_descriptors() == descriptors; }));
  ASSERT_GT(memory, 0u);
  EXPECT_LT(heap_in_use(), memory + 256 * 1024);
  EXPECT_TRUE(witness.works());
}

}  // namespace
}  // namespace zkprobe::net::test
