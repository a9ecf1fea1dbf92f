#include "decode_view.hpp"

#include <gtest/gtest.h>

#include "capture/build.hpp"

namespace zkprobe::tool {
namespace {

using capture::Side;

// Prints what it gets, as text and as JSON.
struct Printed : capture::MessageSink {
  DecodeView view{Style(false)};
  std::string text, json;
  void on_message(const capture::Message& message) override {
    view.text(message, text);
    view.json(message, json);
  }
};

Printed printed(BytesView bytes) {
  Printed out;
  capture::Decoder decoder(out);
  capture::Wire wire(decoder);
  wire.open();
  wire.say(Side::kDialler, capture::hex("0000000000000003"));
  wire.say(Side::kDialler, bytes);
  decoder.finish();
  return out;
}

TEST(DecodeView, AMessageIsALineOrARecord) {
  const Printed out = printed(capture::vote(2));
  EXPECT_EQ(out.text.substr(0, out.text.find('\n') + 1),
            "00:00:00.003000  #3  stream 0  3 -> 10.0.0.1:3888  greeting bare sid=3\n");
  EXPECT_EQ(
      out.json.substr(out.json.find('\n') + 1),
      R"({"t":"1970-01-01T00:00:00.004000Z","packet":4,"stream":0,"src":"10.0.0.3:40000",)"
      R"("dst":"10.0.0.1:3888","src_sid":3,"kind":"notification","fields":{"format":"40",)"
      R"("state":"LOOKING","leader":2,"zxid":"0x0","election_epoch":"0x1","peer_epoch":"0x0",)"
      R"("version":1}})"
      "\n");
}

TEST(DecodeView, WhatAServerWroteReachesNoTerminalUnescaped) {
  wire::Notification vote;
  vote.config = "server.1=\x1b[31mRED\nFORGED\xff\"\\";
  const Printed out = printed(wire::frame(wire::encode(vote, wire::NotificationForm::kConfig)));
  EXPECT_EQ(out.text.find('\x1b'), std::string::npos);
  EXPECT_EQ(std::count(out.text.begin(), out.text.end(), '\n'), 2);
  EXPECT_EQ(out.json.find('\x1b'), std::string::npos);
  const std::string line = out.json.substr(out.json.find('\n') + 1);
  const Json record = Json::parse(line);
  EXPECT_EQ(record["fields"]["config"], "server.1=\x1b[31mRED\nFORGED\xef\xbf\xbd\"\\");
}

TEST(DecodeView, MalformedBytesSayWhereAndWhatWasExpected) {
  const Printed out = printed(capture::hex("fffffffb00000000"));
  const Json record = Json::parse(out.json.substr(out.json.find('\n') + 1));
  EXPECT_EQ(record["kind"], "malformed");
  EXPECT_EQ(record["fields"]["what"], "frame");
  EXPECT_EQ(record["fields"]["offset"], 0);
  EXPECT_EQ(record["fields"]["found"], "-5");
  EXPECT_EQ(record["fields"]["stream_offset"], 8);
  EXPECT_NE(out.text.find("malformed frame: length at byte 0: expected 1.."), std::string::npos)
      << out.text;
}

TEST(DecodeView, TimesBeforeTheEpochAndAfterASecondAreRight) {
  DecodeView view{Style(false)};
  EXPECT_EQ(view.time(std::chrono::nanoseconds(-1)), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(view.time(std::chrono::microseconds(1'000'001)), "1970-01-01T00:00:01.000001Z");
  EXPECT_EQ(view.time(std::chrono::microseconds(1'999'999)), "1970-01-01T00:00:01.999999Z");
}

}  // namespace
}  // namespace zkprobe::tool
