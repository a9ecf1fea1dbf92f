#include "decode_summary.hpp"

#include <gtest/gtest.h>

#include "capture/build.hpp"

namespace zkprobe::tool {
namespace {

using capture::Side;

struct Counted : capture::MessageSink {
  DecodeSummary summary;
  void on_message(const capture::Message& message) override { summary.add(message); }
};

// A greeting and two votes of server 3, then a hole, then a PING of somebody else.
void speak(capture::Decoder& decoder) {
  capture::Wire election(decoder);
  election.open();
  election.say(Side::kDialler, capture::hex("0000000000000003"));
  election.say(Side::kDialler, capture::vote(3));
  election.lose(Side::kDialler, 44);
  election.say(Side::kDialler, capture::vote(3));
  election.close();
  capture::Wire learner(decoder, capture::at("10.0.0.2", 50'000), capture::at("10.0.0.1", 2'888));
  learner.say(Side::kDialler, capture::ping());
  decoder.finish();
}

TEST(DecodeSummary, CountsMessagesByKindTypeAndServer) {
  Counted out;
  capture::Decoder decoder(out);
  speak(decoder);
  const Json json = out.summary.json(decoder);
  EXPECT_EQ(json["packets"], 8);
  EXPECT_EQ(json["initial"], 1);
  EXPECT_EQ(json["notification"], 2);
  EXPECT_EQ(json["quorum_packet"], 1);
  EXPECT_EQ(json["gap"], 1);
  EXPECT_EQ(json["gap_bytes"], 44);
  EXPECT_EQ(json["formats"], Json({{"40", 2}}));
  EXPECT_EQ(json["types"], Json({{"PING", 1}}));
  EXPECT_EQ(json["streams"]["election"], 1);
  EXPECT_EQ(json["streams"]["learner"], 1);
  ASSERT_EQ(json["servers"].size(), 1U);
  EXPECT_EQ(json["servers"][0], Json({{"sid", 3},
                                      {"release", "3.4.6 to 3.4.14"},
                                      {"greetings", 1},
                                      {"notifications", 2},
                                      {"quorum_packets", 0}}));
  EXPECT_FALSE(json.contains("first"));
}

TEST(DecodeSummary, TheTextNamesTheSameNumbers) {
  Counted out;
  capture::Decoder decoder(out);
  speak(decoder);
  out.summary.saw(std::chrono::seconds(5));
  out.summary.saw(std::chrono::seconds(2));
  const std::string text = out.summary.text(decoder, Style(false));
  for (const char* row :
       {"packets         8, 8 of them TCP\n", "1970-01-01T00:00:02.000000Z\n",
        "election 1, learner 1\n", "quorum packets  1: PING 1\n", "gaps            1, 44 bytes\n",
        "server 3        release 3.4.6 to 3.4.14; 1 greetings, 2 notifications, 0 "
        "quorum packets\n"}) {
    EXPECT_NE(text.find(row), std::string::npos) << row << "in\n" << text;
  }
}

TEST(DecodeSummary, CountsServersUpToABound) {
  DecodeSummary summary;
  capture::StreamInfo stream;
  capture::Conversation conversation;
  conversation.stream = &stream;
  const capture::MessageBody body = wire::InitialMessage{};
  for (std::size_t i = 0; i < DecodeSummary::kMaxServers + 100; ++i) {
    conversation.sids[0] = Sid(static_cast<std::int64_t>(i));
    summary.add({conversation, capture::Side::kDialler, {}, 0, {}, body});
  }
  Counted out;
  const capture::Decoder decoder(out);
  EXPECT_EQ(summary.json(decoder)["servers"].size(), DecodeSummary::kMaxServers);
}

}  // namespace
}  // namespace zkprobe::tool
