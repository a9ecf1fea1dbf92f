// The whole report of a capture against a golden file in fixtures/report. To write them anew:
//   ZKPROBE_REWRITE=1 build/dev/tests/report_test
#include "report/text.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "analysis/story_of.hpp"

namespace zkprobe::report {
namespace {

class Golden : public testing::TestWithParam<const char*> {};

TEST_P(Golden, TextIsAsItWas) {
  const std::string name = GetParam();
  const std::string text = to_text(analysis::story_of(name + ".pcap"), name + ".pcap");
  const std::string path = test::fixture_path("report/" + name + ".txt");
  if (std::getenv("ZKPROBE_REWRITE") != nullptr) std::ofstream(path) << text;
  std::ifstream file(path);
  std::ostringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(text, golden.str()) << "ZKPROBE_REWRITE=1 writes " << path << " anew";
}

INSTANTIATE_TEST_SUITE_P(Text, Golden,
                         testing::Values("3.3.6-a-cold", "3.4.5-c-observer",
                                         "3.4.13+3.8.0+3.9.6-g-mixed", "3.5.10-j-wildcard",
                                         "3.9.3-f-reconfig"));

TEST(Text, HasColoursOnlyWhereTheyAreAskedFor) {
  const analysis::Story story = analysis::story_of("3.9.3-a-cold.pcap");
  EXPECT_EQ(to_text(story, "a").find('\x1b'), std::string::npos);
  EXPECT_NE(to_text(story, "a", {true}).find('\x1b'), std::string::npos);
  EXPECT_EQ(to_text(story, "\x1b[31m").find('\x1b'), std::string::npos);
}

TEST(Text, AnEmptyCaptureSaysSo) {
  const std::string text = to_text(analysis::tell({}), "empty.pcap");
  EXPECT_NE(text.find("the capture holds no such traffic"), std::string::npos);
}

}  // namespace
}  // namespace zkprobe::report
