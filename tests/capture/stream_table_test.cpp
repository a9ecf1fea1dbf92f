#include "capture/stream_table.hpp"

#include <gtest/gtest.h>

#include "build.hpp"

namespace zkprobe::capture {
namespace {

// What happened to all streams, in one line.
struct Log : StreamHandlerFactory {
  struct Handler : StreamHandler {
    Handler(Log& owner, const StreamInfo& stream) : log(owner), info(stream) {}
    void on_bytes(Side from, const Place&, BytesView bytes) override {
      note(from == Side::kDialler ? ">" : "<", to_text(bytes));
    }
    void on_gap(Side, const Place&, std::uint64_t bytes, GapReason) override {
      note("gap ", std::to_string(bytes));
    }
    void on_end(Side from, const Place&) override {
      note("end ", from == Side::kDialler ? ">" : "<");
    }
    void on_close(const Place&, CloseReason reason) override {
      note("close ", std::string(to_string(reason)));
    }
    void note(std::string_view what, const std::string& more) {
      log.text += std::to_string(info.number) + ":" + std::string(what) + more + " ";
    }
    Log& log;
    const StreamInfo& info;
  };
  std::unique_ptr<StreamHandler> open(const StreamInfo& info) override {
    text += std::to_string(info.number) + ":open " + std::to_string(info.dialler.port) +
            (info.from_start ? " " : "? ");
    return std::make_unique<Handler>(*this, info);
  }
  std::string text;
};

struct Table {
  Log log;
  Budget budget{1'000'000, 0};
  StreamTable table;
  explicit Table(std::size_t max = 100) : table(log, budget, max) {}

  void put(const Endpoint& src, const Endpoint& dst, std::uint32_t seq, std::string_view text,
           Flags flags = {}, std::uint32_t ack = 0) {
    table.segment(segment(src, dst, seq, as_bytes(text), flags, ack), {});
  }
};

// Who answered and who ended a connection, as its handler sees it at the end.
struct Ends : StreamHandlerFactory {
  struct Handler : StreamHandler {
    Handler(Ends& owner, const StreamInfo& stream) : ends(owner), info(stream) {}
    void on_bytes(Side, const Place&, BytesView) override {}
    void on_gap(Side, const Place&, std::uint64_t, GapReason) override {}
    void on_end(Side, const Place&) override {}
    void on_close(const Place&, CloseReason) override {
      ends.text += std::string(info.answered ? "answered" : "unanswered") + " " +
                   (!info.ended_by                     ? "open"
                    : *info.ended_by == Side::kDialler ? "dialler"
                                                       : "acceptor") +
                   " " + std::to_string(info.bytes[0]) + "/" + std::to_string(info.bytes[1]) + "; ";
    }
    Ends& ends;
    const StreamInfo& info;
  };
  std::unique_ptr<StreamHandler> open(const StreamInfo& info) override {
    return std::make_unique<Handler>(*this, info);
  }
  std::string text;
};

TEST(StreamTable, KnowsWhoAnsweredAndWhoEndedIt) {
  Ends ends;
  Budget budget{1'000'000, 0};
  StreamTable table(ends, budget);
  const auto put = [&](const Endpoint& src, const Endpoint& dst, std::uint32_t seq,
                       std::string_view text, Flags flags, std::uint32_t ack = 0) {
    table.segment(segment(src, dst, seq, as_bytes(text), flags, ack), {});
  };
  // Nobody listens: a reset alone is no answer.
  put(at("10.0.0.3", 1), kAcceptor, 10, "", {.syn = true});
  put(kAcceptor, at("10.0.0.3", 1), 0, "", {.rst = true}, 11);
  // A scanner: it is answered, and goes without a word.
  put(at("10.0.0.3", 2), kAcceptor, 10, "", {.syn = true});
  put(kAcceptor, at("10.0.0.3", 2), 90, "", {.syn = true}, 11);
  put(at("10.0.0.3", 2), kAcceptor, 11, "", {.fin = true}, 91);
  put(kAcceptor, at("10.0.0.3", 2), 91, "", {.fin = true}, 12);
  // A greeting, and the acceptor closes.
  put(at("10.0.0.3", 3), kAcceptor, 10, "", {.syn = true});
  put(kAcceptor, at("10.0.0.3", 3), 90, "", {.syn = true}, 11);
  put(at("10.0.0.3", 3), kAcceptor, 11, "greeting", {}, 91);
  put(kAcceptor, at("10.0.0.3", 3), 91, "", {.fin = true}, 19);
  table.finish();
  EXPECT_EQ(ends.text, "unanswered acceptor 0/0; answered dialler 0/0; answered acceptor 8/0; ");
}

TEST(StreamTable, TellsAConnectionFromItsFirstToItsLastPacket) {
  Table t;
  t.put(kDialler, kAcceptor, 10, "", {.syn = true});
  t.put(kAcceptor, kDialler, 90, "", {.syn = true}, 11);
  t.put(kDialler, kAcceptor, 11, "hi", {}, 91);
  t.put(kAcceptor, kDialler, 91, "ho", {.fin = true}, 13);
  t.put(kDialler, kAcceptor, 13, "", {.fin = true}, 94);
  t.put(kAcceptor, kDialler, 91, "ho", {.fin = true}, 13);
  EXPECT_EQ(t.log.text, "0:open 40000 0:>hi 0:<ho 0:end < 0:end > 0:close fin ");
}

TEST(StreamTable, PortsThatAreUsedAgainAreAnotherStream) {
  Table t;
  t.put(kDialler, kAcceptor, 10, "", {.syn = true});
  t.put(kDialler, kAcceptor, 11, "one");
  t.put(kDialler, kAcceptor, 10, "", {.syn = true});  // a retransmission
  t.put(kDialler, kAcceptor, 5'000, "", {.syn = true});
  t.put(kDialler, kAcceptor, 5'001, "two");
  t.table.finish();
  EXPECT_EQ(t.log.text, "0:open 40000 0:>one 0:close reused 1:open 40000 1:>two 1:close end ");
  EXPECT_EQ(t.table.counts().reused, 1U);
}

TEST(StreamTable, ASynBehindItsSynAckIsTheSameStream) {
  Table t;
  t.put(kAcceptor, kDialler, 90, "", {.syn = true}, 11);
  t.put(kDialler, kAcceptor, 10, "", {.syn = true});
  t.put(kDialler, kAcceptor, 11, "hi", {}, 91);
  t.put(kAcceptor, kDialler, 91, "ho", {}, 13);
  EXPECT_EQ(t.log.text, "0:open 40000 0:>hi 0:<ho ");
  EXPECT_EQ(t.table.counts().reused, 0U);
}

TEST(StreamTable, ASynThatTheSynAckDidNotAnswerIsAnotherStream) {
  Table t;
  t.put(kAcceptor, kDialler, 90, "", {.syn = true}, 11);
  t.put(kDialler, kAcceptor, 500, "", {.syn = true});
  EXPECT_EQ(t.log.text, "0:open 40000 0:close reused 1:open 40000 ");
}

TEST(StreamTable, AStreamInTheMiddleWasDialledFromTheHigherPort) {
  Table t;
  t.put(kAcceptor, kDialler, 91, "ho");
  EXPECT_EQ(t.log.text, "0:open 40000? 0:<ho ");
}

TEST(StreamTable, AResetEndsAStreamUnlessItsNumberIsFarOff) {
  Table t;
  t.put(kDialler, kAcceptor, 10, "", {.syn = true});
  t.put(kDialler, kAcceptor, 900'000'000, "", {.rst = true});
  t.put(kDialler, kAcceptor, 11, "hi");
  t.put(kDialler, kAcceptor, 13, "", {.rst = true});
  t.put(kDialler, kAcceptor, 13, "late");
  EXPECT_EQ(t.log.text, "0:open 40000 0:>hi 0:close reset ");
}

TEST(StreamTable, TheOneThatWasSilentLongestMakesRoom) {
  Table t(2);
  const Endpoint a = at("10.0.0.7", 1'001), b = at("10.0.0.7", 1'002), c = at("10.0.0.7", 1'003);
  t.put(a, kAcceptor, 1, "", {.syn = true});
  t.put(b, kAcceptor, 1, "", {.syn = true});
  t.put(a, kAcceptor, 2, "x");
  t.put(c, kAcceptor, 1, "", {.syn = true});
  EXPECT_EQ(t.log.text, "0:open 1001 1:open 1002 0:>x 1:close evicted 2:open 1003 ");
  EXPECT_EQ(t.table.size(), 2U);
  EXPECT_EQ(t.table.counts().evicted, 1U);
}

TEST(StreamTable, OneThatHasEndedMakesRoomBeforeAnOpenOne) {
  Table t(2);
  const Endpoint a = at("10.0.0.7", 1'001), b = at("10.0.0.7", 1'002), c = at("10.0.0.7", 1'003);
  t.put(a, kAcceptor, 1, "", {.syn = true});
  t.put(b, kAcceptor, 1, "", {.syn = true});
  t.put(b, kAcceptor, 2, "", {.rst = true});
  t.put(c, kAcceptor, 1, "", {.syn = true});
  t.put(a, kAcceptor, 2, "x");
  EXPECT_EQ(t.log.text, "0:open 1001 1:open 1002 1:close reset 2:open 1003 0:>x ");
  EXPECT_EQ(t.table.counts().evicted, 0U);
}

// 64 streams in 64 chains: some chains hold several, and lose their first, middle and last ones.
TEST(StreamTable, EveryStreamIsFoundWhicheverMadeRoom) {
  constexpr std::uint16_t kCount = 64;
  const auto dialler = [](int i) { return at("10.0.0.7", static_cast<std::uint16_t>(1'000 + i)); };
  for (int step = 1; step < kCount; step += 2) {
    Table t(kCount);
    for (int i = 0; i < kCount; ++i) t.put(dialler(i), kAcceptor, 1, "", {.syn = true});
    for (int i = 0; i < kCount / 2; ++i) {
      t.put(dialler(i * step % kCount), kAcceptor, 2, "", {.rst = true});
    }
    for (int i = 0; i < kCount / 2; ++i) {
      t.put(dialler(kCount + i), kAcceptor, 1, "", {.syn = true});
    }
    t.log.text.clear();
    std::string wanted;
    for (int i = kCount / 2; i < kCount + kCount / 2; ++i) {
      const int port = i < kCount ? i * step % kCount : i;
      const std::string number = std::to_string(port);
      t.put(dialler(port), kAcceptor, 2, "x");
      t.put(kAcceptor, dialler(port), 2, "y");
      wanted += number + ":>x " + number + ":<y ";
    }
    EXPECT_EQ(t.log.text, wanted) << step;
    EXPECT_EQ(t.table.counts().streams, kCount + kCount / 2);
    EXPECT_EQ(t.table.counts().evicted, 0U);
  }
}

TEST(StreamTable, StreamsThatHaveEndedAreForgottenAfterAWhile) {
  Table t(5'000);
  for (std::uint16_t port = 1; port <= 3'000; ++port) {
    const Endpoint dialler = at("10.0.0.7", port);
    t.put(dialler, kAcceptor, 1, "", {.syn = true});
    t.put(dialler, kAcceptor, 2, "", {.rst = true});
  }
  EXPECT_EQ(t.table.size(), StreamTable::kMaxEnded);
  EXPECT_EQ(t.table.counts().evicted, 0U);
  t.table.finish();
  EXPECT_EQ(t.table.size(), 0U);
}

}  // namespace
}  // namespace zkprobe::capture
