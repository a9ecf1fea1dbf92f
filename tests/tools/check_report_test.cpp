// How results are told: lines, records, JUnit, and a stored run.
#include "check_report.hpp"

#include <gtest/gtest.h>

namespace zkprobe::tool {
namespace {

using conformance::Verdict;

Checked one(Verdict verdict, const std::string& id = "greeting_v1") {
  Checked checked;
  checked.address = "zk1:3888";
  checked.release = "3.9.6";
  checked.scenario.id = id;
  checked.scenario.title = "it holds";
  checked.result.verdict = verdict;
  checked.result.took = Duration(1500);
  if (verdict != Verdict::kPass) {
    checked.result.expected = "a: vote";
    checked.result.observed = "<closed> & \"gone\"";
  }
  if (verdict == Verdict::kKnownDefect) checked.result.issue = "ZOOKEEPER-1";
  return checked;
}

TEST(CheckReport, ARecordHasTheKeysOfTheContract) {
  EXPECT_EQ(to_line(check_record(one(Verdict::kPass))),
            "{\"id\":\"greeting_v1\",\"title\":\"it holds\",\"result\":\"pass\",\"expected\":\"\","
            "\"observed\":\"\",\"release\":\"3.9.6\",\"ms\":1.5,\"address\":\"zk1:3888\","
            "\"class\":\"safe\"}\n");
  EXPECT_EQ(check_record(one(Verdict::kKnownDefect))["result"], "known_defect");
  EXPECT_EQ(to_line(check_totals({one(Verdict::kPass), one(Verdict::kFail), one(Verdict::kSkip),
                                  one(Verdict::kKnownDefect), one(Verdict::kPass)})),
            "{\"passed\":2,\"failed\":1,\"known_defects\":1,\"skipped\":1}\n");
}

TEST(CheckReport, AFailureHasItsLineOfEnglish) {
  const Style plain(false);
  EXPECT_EQ(check_text(one(Verdict::kPass), plain),
            "pass          greeting_v1                 it holds\n");
  EXPECT_NE(
      check_text(one(Verdict::kFail), plain).find("expected a: vote; found <closed> & \"gone\"\n"),
      std::string::npos);
  EXPECT_NE(check_text(one(Verdict::kKnownDefect), plain).find("(ZOOKEEPER-1)\n"),
            std::string::npos);
  EXPECT_EQ(check_summary({one(Verdict::kFail)}),
            "0 passed, 1 failed, 0 known defects, 0 skipped\n");
}

TEST(CheckReport, JUnitCountsAndEscapes) {
  const std::string text =
      check_junit({one(Verdict::kPass), one(Verdict::kFail, "b"), one(Verdict::kKnownDefect, "c")});
  EXPECT_NE(text.find("<testsuite name=\"zk1:3888 3.9.6\" tests=\"3\" failures=\"1\" errors=\"0\" "
                      "skipped=\"1\">"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("found &lt;closed&gt; &amp; &quot;gone&quot;"), std::string::npos);
  EXPECT_NE(text.find("known defect: "), std::string::npos);
}

TEST(CheckReport, AServerThatDidNotAnswerIsOneErrorAndCountsNowhere) {
  const Checked gone = unreached("zk2:3888", "no connection");
  EXPECT_EQ(check_record(gone)["result"], "error");
  EXPECT_EQ(check_record(gone)["observed"], "no connection");
  EXPECT_EQ(check_summary({one(Verdict::kPass), gone}),
            "1 passed, 0 failed, 0 known defects, 0 skipped\n");
  const std::string text = check_junit({one(Verdict::kPass), gone});
  EXPECT_NE(text.find("<testsuite name=\"zk2:3888\" tests=\"1\" failures=\"0\" errors=\"1\" "
                      "skipped=\"0\">"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("<error message=\"no connection\"/>"), std::string::npos) << text;
}

TEST(CheckReport, AStoredRunIsComparedServerByServer) {
  Checked other = one(Verdict::kFail);
  other.address = "zk2:3888";
  const auto stored =
      read_baseline(to_line(check_record(one(Verdict::kPass))) + to_line(check_record(other)));
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(stored->find(one(Verdict::kPass), 0), "pass");
  EXPECT_EQ(stored->find(other, 1), "fail");
  other.address = "elsewhere:3888";
  EXPECT_EQ(stored->find(other, 1), "fail") << "the second server of then and of now";
  EXPECT_EQ(stored->find(other, 2), std::nullopt);
  EXPECT_EQ(stored->find(one(Verdict::kPass, "another"), 0), std::nullopt);
}

TEST(CheckReport, AStoredRunIsReadOrRefused) {
  const auto stored = read_baseline(to_line(check_record(one(Verdict::kSkip))) +
                                    to_line(check_totals({one(Verdict::kSkip)})));
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(stored->find(one(Verdict::kPass), 0), "skip");
  for (const char* text : {"", "x", "{\"id\":1}", "{\"id\":\"a\"}", "{\"passed\":1}"}) {
    EXPECT_FALSE(read_baseline(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace zkprobe::tool
