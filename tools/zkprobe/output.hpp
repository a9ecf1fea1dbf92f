// What results look like: JSON Lines for programs, aligned text for people.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"

namespace zkprobe::tool {

// Keys keep the order in which they were set.
using Json = nlohmann::ordered_json;

// "2026-03-01T12:00:00.000123Z"
std::string rfc3339(std::chrono::system_clock::time_point time);

// The record as one line of ASCII, with its line end: characters beyond it, and those that drive a
// terminal, are written as \u009b and the like. Bytes that are no UTF-8 become U+FFFD; never throws
// for what a server sent.
std::string to_line(const Json& record);

// Text that a server sent, for a terminal: control characters and bytes that are no ASCII become
// "\x1b" and the like.
std::string printable(std::string_view text);

enum class Colour { kPlain, kGood, kWarning, kBad, kFaint };

// Colour only on a terminal, never with NO_COLOR and never on a dumb one.
class Style {
 public:
  explicit Style(bool colour) : colour_(colour) {}
  static Style of_standard_output();

  bool coloured() const { return colour_; }
  std::string paint(Colour colour, std::string_view text) const;

 private:
  bool colour_;
};

// Rows of cells in aligned columns, two spaces between them.
class Table {
 public:
  struct Cell {
    std::string text;
    Colour colour = Colour::kPlain;
  };

  void add_row(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }
  // Each row with its line end, without spaces before it.
  std::string render(const Style& style) const;

 private:
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace zkprobe::tool
