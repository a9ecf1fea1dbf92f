// An endpoint that hands everything on to another one and keeps what went over its links: what a
// transcript is made of. Links to other members of the ensemble are handed on and not kept.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "conformance/endpoint.hpp"

namespace zkprobe::conformance {

class Recorder final : public Endpoint {
 public:
  // What one scenario may leave; what came after it was not kept.
  static constexpr std::size_t kMostBytes = 16 * 1'048'576;

  struct Recorded {
    enum class What {
      kOpened,  // a link came about
      kWritten,
      kRead,
      kEnded,  // the server closed the link
      kLeft    // the scenario did
    };
    What what = What::kOpened;
    Link link = 0;
    int line = 0;  // of the scenario
    Instant at;
    Bytes bytes;
  };
  struct Known {  // of a link
    std::string peer;
    Place::Port port = Place::Port::kElection;
    bool called = false;  // the server dialled
    bool asks = false;    // the question of `zkprobe status`, on links until its answer fits
  };

  explicit Recorder(Endpoint& inner) : inner_(inner) {}

  const std::vector<Recorded>& events() const { return events_; }
  const std::map<Link, Known>& links() const { return known_; }
  bool cut() const { return cut_; }  // there was more than kMostBytes

  void at(const Directive& directive) override;
  std::optional<Link> dial(const Place& place, Duration patience) override;
  void write(Link link, BytesView bytes) override;
  void close(Link link) override;
  Event wait(Link link, Duration patience) override;
  std::string listen(const std::string& peer) override { return inner_.listen(peer); }
  std::string listen_at(const std::string& peer, const Place& place) override;
  void stop_listening() override { inner_.stop_listening(); }
  std::optional<Link> accept(const std::string& peer, Duration patience) override;
  void pass(Duration duration) override;
  Instant now() const override { return inner_.now(); }
  bool interrupted() const override { return inner_.interrupted(); }

 private:
  struct Open {
    Bytes waiting;  // read from the inner endpoint, not taken yet
    bool ended = false;
  };
  void add(Link link, Known known);
  void keep(Recorded::What what, Link link, BytesView bytes = {});
  // What came on this link so far, and in `patience`, is kept and waits to be taken.
  void read(Link link, Open& open, Duration patience);
  void read_all();

  Endpoint& inner_;
  int line_ = 0;
  std::string peer_;   // of the line
  bool asks_ = false;  // the line expects an answer
  std::vector<Recorded> events_;
  std::map<Link, Known> known_;
  std::map<Link, Open> open_;
  std::set<std::string> learner_ports_;  // peers that listen as one
  std::size_t kept_ = 0;
  bool cut_ = false;
};

}  // namespace zkprobe::conformance
