// What each verb takes, and how a mistake in it is told, before anything is played.
#include "conformance/directive_words.hpp"

#include <gtest/gtest.h>

namespace zkprobe::conformance {
namespace {

std::string error_of(const std::string& lines) {
  const auto scenario = parse_scenario(
      "f", "title t\nclass safe\nneeds learner-port following\na dial\nm dial learner\n" + lines);
  return scenario ? "" : scenario.error();
}

TEST(DirectiveWords, OptionsThatAVerbDoesNotTakeAreTold) {
  EXPECT_EQ(error_of("a vote foo=1\n"),
            "f:6: expected epoch=, form=, leader=, round=, zxid= behind vote, found 'foo='");
  EXPECT_EQ(error_of("a greet bare adress=1.2.3.4:5 foo bar\n"),
            "f:6: expected nothing more, found 'foo'");
  EXPECT_EQ(error_of("a greet bare address=1.2.3.4:5\n"),
            "f:6: expected cut=, id= behind greet bare, found 'address='");
  EXPECT_EQ(error_of("a close now\n"), "f:6: expected nothing behind close, found 'now'");
  EXPECT_EQ(error_of("b dial to=1\n"), "f:6: expected no option behind dial, found 'to='");
  EXPECT_EQ(error_of("m send PING epoch=1\n"),
            "f:6: expected data=, zxid= behind send PING, found 'epoch='");
  EXPECT_EQ(error_of("a expect closed for=1s\n"),
            "f:6: expected within= behind expect closed, found 'for='");
}

TEST(DirectiveWords, ValuesAreReadWhateverReleasesALineIsFor) {
  EXPECT_EQ(error_of("[-3.4] a bytes zz\n"), "f:6: expected bytes as hex, found 'zz'");
  EXPECT_EQ(error_of("a vote FOO\n"),
            "f:6: expected LOOKING, FOLLOWING, LEADING, OBSERVING or a number, found 'FOO'");
  EXPECT_EQ(error_of("a expect vote state=FOLOWING\n"),
            "f:6: expected LOOKING, FOLLOWING, LEADING, OBSERVING or a number, found "
            "'state=FOLOWING'");
  EXPECT_EQ(error_of("a greet v7\n"), "f:6: expected bare, v1, v2 or a number, found 'v7'");
  EXPECT_EQ(error_of("a bytes ff times=99999999999\n"),
            "f:6: expected a number from 0 to 2000000, found 'times=99999999999'");
  for (const char* line : {"a vote leader=xx",
                           "a vote form=99",
                           "a vote round=late",
                           "a vote zxid=1:",
                           "a greet",
                           "a greet v1 id=me",
                           "a greet v1 length=5000000000",
                           "a greet v1 cut=-1",
                           "a bytes",
                           "a bytes ffff times=2000000",
                           "a frame",
                           "a frame x",
                           "a frame 1 zz",
                           "a frame 1 fill=99999999",
                           "a drain",
                           "a pause 1",
                           "m send",
                           "m send HELLO",
                           "m send ACK zxid=read",
                           "m send ACK data=x",
                           "m send FOLLOWERINFO version=1.0",
                           "m send ACKEPOCH epoch=5000000000",
                           "m expect packet NOTHING",
                           "m expect packet DIFF|",
                           "m expect packet PROPOSAL txn=nothing",
                           "m expect packet SNAP data=all",
                           "a expect vote round=seen",
                           "a expect vote\ndefect [3.4-] X a expect vote leader=xx"}) {
    EXPECT_NE(error_of(std::string(line) + "\n").find(": expected "), std::string::npos) << line;
  }
}

TEST(DirectiveWords, WhatTheLanguageHasIsTaken) {
  EXPECT_EQ(error_of("a greet -65530 id=low address=listener length=-5 cut=24\na rest\n"
                     "a vote 7 leader=own zxid=1:1 round=seen epoch=0x18 form=28\n"
                     "a frame -20\na frame 12 00ff fill=10\na bytes ff times=64\n"
                     "m send FOLLOWERINFO id=2 epoch=0 version=none config=none\n"
                     "m send REQUEST session=0x10 cxid=1 type=-10 body=00\nm send 77 zxid=seen\n"
                     "m send ACKEPOCH epoch=-1 zxid=synced+1000000\n"
                     "m expect packet SNAP|DIFF zxid=synced version=0x10000 data=some\n"
                     "m expect packet PROPOSAL txn=createSession within=2s\n"
                     "a expect vote zxid=1:1 within=2s\na expect call id=own\n"
                     "s expect answer of=2 state=LOOKING\n"),
            "");
}

}  // namespace
}  // namespace zkprobe::conformance
