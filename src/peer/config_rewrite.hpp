// What a server writes into its configuration files when the ensemble is reconfigured.
//
//   zoo.cfg.dynamic.<version>  the members that are in force; zoo.cfg names it
//   zoo.cfg.dynamic.next       those that were proposed last, while they are not in force
//
// Java: QuorumPeerConfig.writeDynamicConfig, editStaticConfig. Read again by config.hpp.
#pragma once

#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "wire/quorum_config.hpp"

namespace zkprobe::peer {

// One line for each member, group and weight, sorted, without a line end after the last. The
// version stands in the file of a proposal alone: that of the other is in its name.
std::string dynamic_file_text(const wire::QuorumConfig& config, bool with_version);

// zoo.cfg with its members and its peerType gone to `dynamic_file`, which it names; other keys stay
// in their order. Comments are lost, as in Java. `erase_client`: the members say where clients
// connect, so clientPort and clientPortAddress go too. An error is that of parse_properties.
Decoded<std::string> static_file_text(std::string_view zoo_cfg, const std::string& dynamic_file,
                                      bool erase_client);

// Whether it names a dynamic file already. False where it cannot be read.
bool names_dynamic_file(std::string_view zoo_cfg);

// "zoo.cfg.dynamic.100000002"
std::string dynamic_file_name(const std::string& zoo_cfg, ConfigVersion version);

}  // namespace zkprobe::peer
