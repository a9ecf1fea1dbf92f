#include "report/json.hpp"

#include <nlohmann/json.hpp>

#include "analysis/story_of.hpp"

namespace zkprobe::report {
namespace {

TEST(Json, IsOneObjectOnOneLine) {
  const std::string text = to_json(analysis::story_of("3.9.3-a-cold.pcap"), "a.pcap");
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["file"], "a.pcap");
  EXPECT_EQ(json["messages"], 49);
  ASSERT_EQ(json["elections"].size(), 1U);
  EXPECT_EQ(json["elections"][0]["leader"], 3);
  EXPECT_EQ(json["elections"][0]["servers"].size(), 3U);
  EXPECT_EQ(json["elections"][0]["servers"][0]["phases"].size(), 4U);
  EXPECT_EQ(json["connections"].size(), json["connections"].back()["stream"].get<int>() + 1U);
  EXPECT_FALSE(json.contains("records"));
}

TEST(Json, ThePageHasEveryMessageAndNothingThatEndsAScript) {
  analysis::Story story = analysis::story_of("3.9.3-a-cold.pcap");
  analysis::Finding hostile;
  hostile.id = "x";
  hostile.title = "</script><script>alert(1)</script><!--";
  hostile.detail = "\xff\xfe";  // no UTF-8
  story.findings.push_back(hostile);
  const std::string text = page_data(story, "</script>");
  EXPECT_EQ(text.find('<'), std::string::npos);
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["records"].size(), 49U);
  EXPECT_EQ(json["file"], "</script>");
  EXPECT_EQ(json["findings"].back()["title"], hostile.title);
}

}  // namespace
}  // namespace zkprobe::report
