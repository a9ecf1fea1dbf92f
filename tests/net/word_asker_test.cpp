#include "net/word_asker.hpp"

#include <gtest/gtest.h>

#include "net/loopback.hpp"

namespace zkprobe::net::test {
namespace {

struct Asked {
  Asked(Loop& loop, std::uint16_t port, Duration timeout = std::chrono::seconds(5)) {
    asker = std::make_shared<WordAsker>(loop.io, std::make_shared<Resolver>(loop.io),
                                        wire::HostPort{"127.0.0.1", port}, "srvr", timeout);
    asker->start([this](std::string text) { answer = std::move(text); });
  }
  std::optional<std::string> answer;
  std::shared_ptr<WordAsker> asker;
};

TEST(WordAsker, ReadsTheAnswerToItsEnd) {
  Loop loop;
  RawListener here(loop);
  Asked asked(loop, here.port());
  const auto server = here.accept();
  ASSERT_NE(server, nullptr);
  ASSERT_TRUE(loop.run_until([&] { return server->received() == text_bytes("srvr"); }));
  server->write(text_bytes("Zookeeper version: 3.9.6-zkprobe"));
  server->write(text_bytes(", built on"));
  server->close();
  ASSERT_TRUE(loop.run_until([&] { return asked.answer.has_value(); }));
  EXPECT_EQ(*asked.answer, "Zookeeper version: 3.9.6-zkprobe, built on");
}

TEST(WordAsker, NobodyThereAndSilenceAreNoAnswer) {
  Loop loop;
  Asked nobody(loop, dead_port(loop));
  ASSERT_TRUE(loop.run_until([&] { return nobody.answer.has_value(); }));
  EXPECT_EQ(*nobody.answer, "");
  RawListener here(loop);
  Asked silent(loop, here.port(), std::chrono::milliseconds(50));
  ASSERT_TRUE(loop.run_until([&] { return silent.answer.has_value(); }));
  EXPECT_EQ(*silent.answer, "");
}

TEST(WordAsker, AnEndlessAnswerIsCut) {
  Loop loop;
  RawListener here(loop);
  Asked asked(loop, here.port());
  const auto server = here.accept();
  ASSERT_NE(server, nullptr);
  ASSERT_TRUE(loop.run_until([&] {
    server->write_what_fits(Bytes(4096, 'x'));
    return asked.answer.has_value();
  }));
  EXPECT_LE(asked.answer->size(), kMaxWordAnswer + 4096);
}

}  // namespace
}  // namespace zkprobe::net::test
