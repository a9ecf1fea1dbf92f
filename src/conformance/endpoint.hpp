// How a runner reaches the server under test: an election machine in this process with a time of
// its own, or whatever listens on a TCP port.
#pragma once

#include <compare>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"

namespace zkprobe::conformance {

struct Directive;

// A port of the server under test, or of another member of its ensemble.
struct Place {
  enum class Port { kElection, kLearner };
  Port port = Port::kElection;
  std::optional<Sid> member;  // nothing: the server under test

  auto operator<=>(const Place&) const = default;
};

class Endpoint {
 public:
  using Link = int;  // names one connection

  struct Event {
    enum class What { kBytes, kClosed, kNothing };
    What what = What::kNothing;
    Bytes bytes;
  };

  virtual ~Endpoint() = default;

  // A connection to a port; nothing where none comes about in `patience`, or where this endpoint
  // knows no such port.
  virtual std::optional<Link> dial(const Place& place, Duration patience) = 0;
  // What cannot be written is seen as kClosed later.
  virtual void write(Link link, BytesView bytes) = 0;
  virtual void close(Link link) = 0;
  // The next of what the server wrote, or that it closed; kNothing once `patience` is over.
  virtual Event wait(Link link, Duration patience) = 0;
  // An address at which the server can dial us, "127.0.0.1:5000". One for each peer.
  virtual std::string listen(const std::string& peer) = 0;
  // Listens for `peer` where that member would listen. An empty text, or why it cannot.
  virtual std::string listen_at(const std::string& peer, const Place& place) = 0;
  // Nobody listens any more.
  virtual void stop_listening() {}
  // The link of the next call to `peer`.
  virtual std::optional<Link> accept(const std::string& peer, Duration patience) = 0;
  // Time goes by.
  virtual void pass(Duration duration) = 0;
  virtual Instant now() const = 0;
  // Somebody wants an end: every wait is over at once from now on.
  virtual bool interrupted() const { return false; }
  // The line of a scenario that what follows belongs to, for whoever keeps a transcript.
  virtual void at(const Directive&) {}
};

}  // namespace zkprobe::conformance
