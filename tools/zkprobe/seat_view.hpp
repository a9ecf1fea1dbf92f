// What a seat prints of itself: lines for people, records with --json.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "event_teller.hpp"
#include "learner/types.hpp"
#include "net/output_sink.hpp"
#include "net/peer_driver.hpp"
#include "output.hpp"
#include "replica/tree_digest.hpp"

namespace zkprobe::tool {

class SeatView {
 public:
  // `gone`: the reader of standard output is.
  SeatView(net::asio::io_context& io, bool json, bool quiet, std::function<void()> gone);

  void note(const std::string& text);
  void differs(const replica::DigestDifference& difference);
  void show(const net::PeerEvent& event);
  void show(const learner::Effect& effect);
  // Waits until everything is written.
  void finish();
  // The output failed: what was printed is not whole.
  bool lost() const { return sink_.lost(); }

 private:
  void write(const std::string& event, Json record, const std::optional<std::string>& line);

  const bool json_;
  const bool quiet_;
  net::OutputSink sink_;
  EventTeller teller_;
};

}  // namespace zkprobe::tool
