// Where configuration files come from: the tool reads them from the disk, tests from memory.
#pragma once

#include <optional>
#include <string>

namespace zkprobe::peer {

class FileSource {
 public:
  virtual ~FileSource() = default;
  // The whole file; nothing if there is none or it cannot be read. Relative paths are as in Java:
  // from the working directory.
  virtual std::optional<std::string> read(const std::string& path) = 0;
  virtual bool is_folder(const std::string& path) = 0;
};

}  // namespace zkprobe::peer
