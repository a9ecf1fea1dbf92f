#include "story_of.hpp"

namespace zkprobe::analysis {
namespace {

// Server 2 is stopped: its kernel accepts, and nothing comes back.
TEST(FindingsOfAnswers, AServerThatAcceptsAndSaysNothingIsAProblem) {
  const Story story = story_of("outages/never-answers.pcap");
  const Finding* const finding = find(story, "never_answers");
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->severity, Severity::kProblem);
  EXPECT_EQ(finding->servers, std::vector<Sid>{Sid(2)});
  EXPECT_EQ(finding->title, "Server 2 accepts connections and never answers");
  ASSERT_EQ(finding->evidence.size(), 2U);
  EXPECT_NE(finding->evidence[0].what.find("server 3 greets server 2"), std::string::npos);
  EXPECT_NE(finding->evidence[1].what.find("server 3 tells server 2"), std::string::npos);
  // Why it does not dial back either.
  EXPECT_EQ(find(story, "missing_dial_back"), nullptr);
}

TEST(FindingsOfAnswers, WhoSpeaksOnAnyLinkIsNotAccused) {
  for (const std::string& path : test::list_fixtures("pcap")) {
    if (path.find(".pcap") == std::string::npos || path.find("never-answers") != std::string::npos)
      continue;
    EXPECT_EQ(find(story_of(path.substr(5)), "never_answers"), nullptr) << path;
  }
}

}  // namespace
}  // namespace zkprobe::analysis
