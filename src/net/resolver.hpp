// Looks names up, the one thing of the network that blocks. A small pool of threads behind one
// interface; everything else of src/net runs on the loop's thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "base/time.hpp"
#include "net/asio.hpp"

namespace zkprobe::net {

class Resolver {
 public:
  // At least one address, in the order of preference; or why there is none.
  using Addresses = tl::expected<std::vector<asio::ip::address>, std::string>;
  using Handler = std::function<void(const Addresses&)>;
  // Blocks; called on a thread of the pool.
  using Lookup = std::function<Addresses(const std::string& host)>;

  // Started as they are needed. So many names may hang before another one has to wait: more than an
  // ensemble has members, usually, and more than `status` is asked about at once.
  static constexpr std::size_t kThreads = 16;
  // Names that wait for a thread. More are answered with the last good addresses, or an error.
  static constexpr std::size_t kMaxQueue = 64;
  // Questions that wait for one name's look-up; more are answered like that too.
  static constexpr std::size_t kMaxWaiting = 64;
  // Names whose last good addresses are remembered; the one looked up longest ago falls out.
  static constexpr std::size_t kMaxRemembered = 256;
  // Addresses of one name that are used.
  static constexpr std::size_t kMaxAddresses = 8;

  // The system's resolver if `lookup` is empty. `io` must outlive this.
  explicit Resolver(asio::io_context& io, Lookup lookup = {});
  // Handlers that wait are dropped. Does not wait for a look-up that is under way.
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // Calls `handler` once, from the loop, never from inside. A literal needs no look-up. A name is
  // looked up anew each time; questions for one name that meet share a look-up. An answer that
  // takes longer than `patience`, or fails, gives way to the last good addresses where there are
  // any; without them the handler waits for the look-up's end.
  void resolve(const std::string& host, Duration patience, Handler handler);

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace zkprobe::net
