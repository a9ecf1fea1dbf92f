// java.util.Properties.load: the syntax of zoo.cfg, of dynamic configuration files and of the
// configuration text in messages.
//
//   key=value   key:value   key value      blanks around the separator are dropped
//   # comment   ! comment                  only where a line begins
//   key=a\                                 a backslash at the end continues the line; leading
//       b                                  blanks of the next one are dropped
//   \t \n \r \f \uXXXX                     any other \c is c
//
// Lines end with \n, \r or \r\n. Bytes above 0x7f are kept as they are; \uXXXX becomes UTF-8.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace zkprobe::wire {

struct Property {
  std::string key;    // not trimmed: a key may hold escaped blanks
  std::string value;  // blanks at its end are kept, as Java keeps them
  int line = 0;       // where it begins, from 1

  bool operator==(const Property&) const = default;
};

// The entries in the order of the text. A repeated key has one entry, at its first place, with the
// value and the line of its last. The only error is a malformed \uXXXX (IllegalArgumentException in
// Java); its offset is that of the line.
Decoded<std::vector<Property>> parse_properties(std::string_view text);

}  // namespace zkprobe::wire
