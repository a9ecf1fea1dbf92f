#include "election/transcript.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace zkprobe::test {

namespace {

Directive parse_directive(const std::string& text, std::size_t line) {
  Directive directive;
  directive.line = line;
  std::istringstream words(text);
  words >> directive.name;
  for (std::string word; words >> word;) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) {
      directive.words.push_back(word);
    } else {
      directive.options[word.substr(0, equals)] = word.substr(equals + 1);
    }
  }
  return directive;
}

class Lines {
 public:
  explicit Lines(const std::string& text) : text_(text) {}
  bool next(std::string& line) {
    ++number_;
    return static_cast<bool>(std::getline(text_, line));
  }
  std::size_t number() const { return number_; }

 private:
  std::istringstream text_;
  std::size_t number_ = 0;
};

}  // namespace

const std::string& Directive::option(const std::string& key) const {
  const auto found = options.find(key);
  if (found == options.end()) {
    throw std::runtime_error("line " + std::to_string(line) + ": " + name + " needs " + key + "=");
  }
  return found->second;
}

std::string Directive::option_or(const std::string& key, const std::string& fallback) const {
  const auto found = options.find(key);
  return found == options.end() ? fallback : found->second;
}

bool Directive::has_word(const std::string& word) const {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string run_transcript(const std::string& text,
                           const std::function<std::string(const Directive&)>& answer) {
  Lines lines(text);
  std::string actual;
  std::string line;
  while (lines.next(line)) {
    actual += line + "\n";
    if (line.empty() || line.front() == '#') continue;
    Directive directive = parse_directive(line, lines.number());
    while (lines.next(line) && line != "----") {
      if (line.empty()) {
        throw std::runtime_error("line " + std::to_string(directive.line) + ": no ---- follows");
      }
      directive.input.push_back(line);
      actual += line + "\n";
    }
    const std::string output = answer(directive);
    actual += "----\n" + (output.empty() ? std::string("nothing\n") : output);
    bool ended = false;
    while (!ended && lines.next(line)) ended = line.empty();
    if (ended) actual += "\n";
  }
  return actual;
}

}  // namespace zkprobe::test
