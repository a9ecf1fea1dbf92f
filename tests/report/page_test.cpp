#include "report/page.hpp"

#include "analysis/story_of.hpp"

namespace zkprobe::report {
namespace {

TEST(Page, EscapesWhatAFileIsCalled) {
  EXPECT_EQ(escaped("<a href='x'>\"&"), "&lt;a href=&#39;x&#39;&gt;&quot;&amp;");
  const std::string page = to_page(analysis::tell({}), "</title><script>{{DATA}}</script>");
  EXPECT_EQ(page.find("</title><script>"), std::string::npos);
  EXPECT_NE(page.find("&lt;/title&gt;&lt;script&gt;{{DATA}}"), std::string::npos);
}

TEST(Page, HoldsItsPartsAndAsksForNothingElse) {
  const std::string page = to_page(analysis::story_of("3.9.3-a-cold.pcap"), "a.pcap");
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
  EXPECT_NE(page.find("prefers-color-scheme: dark"), std::string::npos);
  EXPECT_NE(page.find("\"records\":["), std::string::npos);
  EXPECT_NE(page.find("ELECTION 1: servers 1, 2 and 3 elected server 3"), std::string::npos);
  // Two script elements, its data and its code, and both end.
  std::size_t ends = 0;
  for (std::size_t at = page.find("</script>"); at != std::string::npos;
       at = page.find("</script>", at + 1)) {
    ++ends;
  }
  EXPECT_EQ(ends, 2U);
  EXPECT_EQ(page.find("src=\""), std::string::npos);
}

}  // namespace
}  // namespace zkprobe::report
