// Whom to ask next: from one address over every configuration that an answer carries, until no new
// address is named. Pure: the driver asks, and hands the answers in.
#pragma once

#include <cstddef>
#include <vector>

#include "audit/survey.hpp"

namespace zkprobe::audit {

class Walk {
 public:
  // Addresses that are asked, all together. A configuration is what a stranger sends: it must not
  // make this host call the whole world.
  static constexpr std::size_t kMaxAsked = 256;
  // Questions under way at once.
  static constexpr std::size_t kMaxUnderWay = 32;

  // Seeds beyond kMaxAsked are counted and not asked.
  explicit Walk(const std::vector<wire::HostPort>& seeds);

  // The addresses to ask now; each comes once. Nothing where enough are under way.
  std::vector<wire::HostPort> next();
  // An answer to one of them. An address that was not handed out, or is answered, is ignored.
  void answered(const wire::HostPort& address, Answer answer, std::string remote);
  // Nothing is under way and nothing left to ask.
  bool finished() const { return under_way_ == 0 && started_ == sightings_.size(); }

  const std::vector<Sighting>& sightings() const { return sightings_; }
  std::size_t beyond_limit() const { return beyond_limit_; }

 private:
  Sighting* find(const wire::HostPort& address);
  void follow(const Sighting& from);
  void name(const wire::HostPort& address, const wire::HostPort& by);

  std::vector<Sighting> sightings_;  // in the order in which they are asked
  std::size_t started_ = 0;
  std::size_t under_way_ = 0;
  std::size_t beyond_limit_ = 0;
};

}  // namespace zkprobe::audit
