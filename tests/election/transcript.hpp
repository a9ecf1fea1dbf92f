// Transcripts: text files of directives and what they answer, as in cockroachdb's datadriven tests.
//
//   # comment
//   directive word key=value
//   input line
//   ----
//   expected output
//
// A block ends at an empty line or at the end of the file.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace zkprobe::test {

struct Directive {
  std::size_t line = 0;  // in the file, from 1
  std::string name;
  std::vector<std::string> words;
  std::map<std::string, std::string> options;
  std::vector<std::string> input;

  // Throws std::runtime_error that names the line and the option where it is missing.
  const std::string& option(const std::string& key) const;
  std::string option_or(const std::string& key, const std::string& fallback) const;
  bool has_word(const std::string& word) const;
};

// The file again, with the output that `answer` gives for each directive: what it is now compared
// with, or what it is rewritten to.
std::string run_transcript(const std::string& text,
                           const std::function<std::string(const Directive&)>& answer);

}  // namespace zkprobe::test
