// What stands behind `server.N=` in zoo.cfg, by release. Java: QuorumPeerConfig.parseProperties up
// to 3.4, QuorumPeer.QuorumServer from 3.5.0 on.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "base/ids.hpp"
#include "base/release.hpp"
#include "wire/quorum_config.hpp"

namespace zkprobe::peer {

// The server; nothing for a line that the release drops with only an error in its log (more than
// four parts, until 3.4.6); or what was expected. In 3.3 and 3.4 the election port may be missing:
// it is 0 then. `multi_address`: '|' is allowed (the system property, from 3.6.0 on).
using ServerEntry = tl::expected<std::optional<wire::QuorumServer>, std::string>;
ServerEntry parse_server_entry(Sid sid, std::string_view value, Release release,
                               bool multi_address);

}  // namespace zkprobe::peer
