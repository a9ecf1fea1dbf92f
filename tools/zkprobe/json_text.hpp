// Writes JSON into a string as it goes: a capture has a million records, and each as a tree of
// values would cost more than reading it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace zkprobe::tool {

// Values and keys in order; the caller opens and closes what it writes.
class JsonText {
 public:
  explicit JsonText(std::string& out) : out_(out) {}

  void open_object() { begin('{'); }
  void open_object(std::string_view name) { key(name), begin('{'); }
  void close_object() { end('}'); }
  void open_array(std::string_view name) { key(name), begin('['); }
  void close_array() { end(']'); }

  void text(std::string_view name, std::string_view value) { key(name), string(value); }
  void number(std::string_view name, std::int64_t value) { key(name), integer(value); }
  void flag(std::string_view name, bool value) { key(name), out_ += value ? "true" : "false"; }
  // "0x1f": the pattern of 64 bits.
  void hex(std::string_view name, std::uint64_t value);

  // In an array.
  void item(std::string_view value) { separate(), string(value); }
  void item() { separate(); }  // before open_object()
  void item(std::int64_t value) { separate(), integer(value); }

 private:
  void begin(char bracket) { out_ += bracket, first_ = true; }
  void end(char bracket) { out_ += bracket, first_ = false; }
  void separate() {
    if (!first_) out_ += ',';
    first_ = false;
  }
  void key(std::string_view name);
  void integer(std::int64_t value);
  // Bytes that are no UTF-8 become U+FFFD.
  void string(std::string_view value);

  std::string& out_;
  bool first_ = true;
};

}  // namespace zkprobe::tool
