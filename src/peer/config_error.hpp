// Why a configuration is refused: where, what stands there, what should.
#pragma once

#include <string>

namespace zkprobe::peer {

struct ConfigError {
  std::string file;  // as it was named
  int line = 0;      // from 1; 0 for the file as a whole
  std::string found;
  std::string expected;

  bool operator==(const ConfigError&) const = default;
};

// "zoo.cfg:7: found tickTime=abc, expected a whole number". Without a line: "zoo.cfg: found ...".
std::string to_string(const ConfigError& error);

struct ConfigWarning {
  std::string file;
  int line = 0;
  std::string text;

  bool operator==(const ConfigWarning&) const = default;
};
std::string to_string(const ConfigWarning& warning);

}  // namespace zkprobe::peer
