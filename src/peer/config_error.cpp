#include "peer/config_error.hpp"

namespace zkprobe::peer {
namespace {

std::string place(const std::string& file, int line) {
  return line > 0 ? file + ":" + std::to_string(line) : file;
}

}  // namespace

std::string to_string(const ConfigError& error) {
  return place(error.file, error.line) + ": found " + error.found + ", expected " + error.expected;
}

std::string to_string(const ConfigWarning& warning) {
  return place(warning.file, warning.line) + ": " + warning.text;
}

}  // namespace zkprobe::peer
