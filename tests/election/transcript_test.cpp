// Runs the transcripts of fixtures/election. With ZKPROBE_REWRITE=1 in the environment each file is
// rewritten with what happens now: read the difference before you keep it.
#include "election/transcript.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "election/stage.hpp"
#include "support/fixtures.hpp"

namespace zkprobe::test {
namespace {

std::vector<std::string> transcripts() {
  std::vector<std::string> names;
  for (const std::string& name : list_fixtures("election")) {
    if (name.ends_with(".txt")) names.push_back(name);
  }
  return names;
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param.substr(info.param.find('/') + 1);
  name.resize(name.size() - std::string(".txt").size());
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

// "fixtures/election/x.txt:12: expected ... found ..." of the first line that differs.
std::string first_difference(const std::string& name, const std::string& expected,
                             const std::string& actual) {
  std::istringstream left(expected);
  std::istringstream right(actual);
  for (std::size_t number = 1;; ++number) {
    std::string a;
    std::string b;
    const bool more_left = static_cast<bool>(std::getline(left, a));
    const bool more_right = static_cast<bool>(std::getline(right, b));
    if (!more_left && !more_right) return "fixtures/" + name + ": the line ends differ";
    if (more_left != more_right || a != b) {
      return "fixtures/" + name + ":" + std::to_string(number) + "\n  expected " + a +
             "\n  found    " + b;
    }
  }
}

class ElectionTranscript : public testing::TestWithParam<std::string> {};

TEST_P(ElectionTranscript, HappensAsWritten) {
  Stage stage;
  const std::string expected = read_fixture(GetParam());
  const std::string actual =
      run_transcript(expected, [&](const Directive& directive) { return stage.answer(directive); });
  if (const char* rewrite = std::getenv("ZKPROBE_REWRITE"); rewrite && *rewrite == '1') {
    std::ofstream(zkprobe::test::fixture_path(GetParam()), std::ios::binary) << actual;
  }
  EXPECT_TRUE(expected == actual) << first_difference(GetParam(), expected, actual);
}

INSTANTIATE_TEST_SUITE_P(Fixtures, ElectionTranscript, testing::ValuesIn(transcripts()), test_name);

TEST(Transcript, ADirectiveWithoutASeparatorIsAnError) {
  const auto nothing = [](const Directive&) { return std::string(); };
  EXPECT_THROW(run_transcript("look 1\n\n", nothing), std::runtime_error);
}

TEST(Transcript, OutputReplacesWhatWasExpected) {
  const std::string text = "# story\nlook 1 zxid=5\ninput\n----\nold\n\nlook 2\n----\n";
  const std::string actual = run_transcript(text, [](const Directive& directive) {
    return directive.words.at(0) + directive.option_or("zxid", "-") + "\n";
  });
  EXPECT_EQ("# story\nlook 1 zxid=5\ninput\n----\n15\n\nlook 2\n----\n2-\n", actual);
}

TEST(Transcript, AnUnknownDirectiveIsAnError) {
  Stage stage;
  EXPECT_THROW(stage.answer({1, "jump", {}, {}, {}}), std::runtime_error);
}

}  // namespace
}  // namespace zkprobe::test
