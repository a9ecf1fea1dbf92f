#include "report/page.hpp"

#include "report/json.hpp"
#include "report/page_parts.hpp"
#include "report/text.hpp"
#include "wire/java_text.hpp"

namespace zkprobe::report {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string to_page(const analysis::Story& story, const std::string& file) {
  const std::string_view page = kPageHtml;
  std::string out;
  std::size_t from = 0;
  // One pass: what was put in is never looked at again.
  while (true) {
    const std::size_t open = page.find("{{", from);
    if (open == std::string_view::npos) break;
    const std::size_t close = page.find("}}", open);
    const std::string_view name = page.substr(open + 2, close - open - 2);
    out += page.substr(from, open - from);
    if (name == "TITLE") out += escaped("ZooKeeper elections: " + wire::printable(file, 200));
    if (name == "STYLE") out += kPageStyle;
    if (name == "SCRIPT") out += kPageScript;
    if (name == "DATA") out += page_data(story, wire::printable(file, 200));
    if (name == "TEXT") out += escaped(to_text(story, file));
    from = close + 2;
  }
  out += page.substr(from);
  return out;
}

}  // namespace zkprobe::report
