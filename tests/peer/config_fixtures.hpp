// The files of fixtures/config: one zoo.cfg each, then the files that it needs, each behind a line
// "#=== PATH". $DIR stands for the folder that holds them.
#pragma once

#include <map>
#include <optional>
#include <sstream>
#include <string>

#include "peer/file_source.hpp"
#include "support/fixtures.hpp"

namespace zkprobe::test {

class MemoryFiles : public peer::FileSource {
 public:
  std::optional<std::string> read(const std::string& path) override {
    const auto found = files.find(path);
    return found == files.end() ? std::nullopt : std::optional(found->second);
  }
  bool is_folder(const std::string& path) override {
    const auto next = files.lower_bound(path + "/");
    return next != files.end() && next->first.starts_with(path + "/");
  }

  std::map<std::string, std::string> files;
};

// The files of fixtures/config/<name>.cfg, in a folder "/dir".
inline MemoryFiles config_fixture(const std::string& name) {
  MemoryFiles made;
  std::string path = "/dir/zoo.cfg";
  std::istringstream text(read_fixture("config/" + name + ".cfg"));
  std::string line;
  while (std::getline(text, line)) {
    if (line.starts_with("#=== ")) {
      path = "/dir/" + line.substr(5);
      made.files[path];
      continue;
    }
    if (!text.eof()) line += '\n';
    for (auto at = line.find("$DIR"); at != std::string::npos; at = line.find("$DIR")) {
      line.replace(at, 4, "/dir");
    }
    made.files[path] += line;
  }
  return made;
}

}  // namespace zkprobe::test
