// Reading what INFORM, INFORMANDACTIVATE and NEWLEADER carry; shared by Sync and Broadcast.
#pragma once

#include "learner/types.hpp"

namespace zkprobe::learner {

struct Informed {
  wire::Txn txn;
  BytesView payload;  // its bytes, in the packet
  std::optional<Sid> designated_leader;
};
// The transaction of a PROPOSAL, an INFORM or an INFORMANDACTIVATE. Nothing, and a Leave in `out`,
// where it cannot be read.
std::optional<Informed> read_informed(const Incoming& incoming, Effects& out);

// The configuration that the text is; an unreadable one without `config`, and a Noted.
ConfigSeen read_config(ConfigSeen::From from, std::string text, Effects& out);

// Adds a ConfigSeen if the transaction is a reconfig.
void report_reconfig(const wire::Txn& txn, ConfigSeen::From from,
                     std::optional<Sid> designated_leader, Effects& out);

// The answer to a REVALIDATE.
void read_revalidate(const Incoming& incoming, Effects& out);

// More transactions wait for their COMMIT than are held.
Leave too_much(std::size_t txns, std::size_t bytes);
// A packet that nobody sends to a learner, and that is passed over.
Noted note_unexpected(const Incoming& incoming);

}  // namespace zkprobe::learner
