// How a runner reaches the server under test: an election machine in this process with a time of
// its own, or whatever listens on a TCP port.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace zkprobe::conformance {

class Endpoint {
 public:
  using Link = int;  // names one connection

  struct Event {
    enum class What { kBytes, kClosed, kNothing };
    What what = What::kNothing;
    Bytes bytes;
  };

  virtual ~Endpoint() = default;

  // A connection to the server's election port; nothing where none comes about in `patience`.
  virtual std::optional<Link> dial(Duration patience) = 0;
  // What cannot be written is seen as kClosed later.
  virtual void write(Link link, BytesView bytes) = 0;
  virtual void close(Link link) = 0;
  // The next of what the server wrote, or that it closed; kNothing once `patience` is over.
  virtual Event wait(Link link, Duration patience) = 0;
  // An address at which the server can dial us, "127.0.0.1:5000". One for each peer.
  virtual std::string listen(const std::string& peer) = 0;
  // The link of the next call to `peer`.
  virtual std::optional<Link> accept(const std::string& peer, Duration patience) = 0;
  // Time goes by.
  virtual void pass(Duration duration) = 0;
  virtual Instant now() const = 0;
};

}  // namespace zkprobe::conformance
