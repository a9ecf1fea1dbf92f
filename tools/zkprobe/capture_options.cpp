#include "capture_options.hpp"

#include <CLI/CLI.hpp>

namespace zkprobe::tool {

void add_capture_point(CLI::App& verb, const std::string& name, std::optional<CapturePoint>* target,
                       const std::string& description) {
  verb.add_option_function<std::string>(
          name,
          [name, target](const std::string& text) {
            *target = parse_capture_point(text);
            if (!*target) {
              throw CLI::ValidationError(name,
                                         "expected a time such as 2026-03-01T12:00:00Z, or a "
                                         "duration since the first packet such as 1500ms or 2m, "
                                         "found '" +
                                             text + "'");
            }
          },
          description)
      ->type_name("TIME");
}

}  // namespace zkprobe::tool
