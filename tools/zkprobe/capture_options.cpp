#include "capture_options.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>
#include <vector>

#include <CLI/CLI.hpp>

namespace zkprobe::tool {
namespace {

std::optional<std::uint16_t> parse_port(const std::string& text) {
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc() || stop != end || port == 0) return std::nullopt;
  return port;
}

// `taken`: ports that were named for the other protocol.
void add_ports(CLI::App& verb, const std::string& name, std::vector<std::uint16_t>& ports,
               const std::vector<std::uint16_t>& taken, const std::string& description) {
  verb.add_option_function<std::vector<std::string>>(
          name,
          [name, &ports, &taken](const std::vector<std::string>& texts) {
            for (const std::string& text : texts) {
              const auto port = parse_port(text);
              if (!port) {
                throw CLI::ValidationError(name,
                                           "expected a port from 1 to 65535, found '" + text + "'");
              }
              if (std::find(taken.begin(), taken.end(), *port) != taken.end()) {
                throw CLI::ValidationError(
                    name, "expected another port: " + text + " is named for the other protocol");
              }
              ports.push_back(*port);
            }
          },
          description)
      ->type_name("PORT")
      ->allow_extra_args(false)
      ->delimiter(',');
}

}  // namespace

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

void add_election_port(CLI::App& verb, capture::PortHints& ports) {
  add_ports(verb, "--election-port", ports.election, ports.learner,
            "Take streams of this port for elections, whatever they look like");
}

void add_learner_port(CLI::App& verb, capture::PortHints& ports) {
  add_ports(verb, "--learner-port", ports.learner, ports.election,
            "Take streams of this port for learners, whatever they look like");
}

}  // namespace zkprobe::tool
