// Puts learner::Learner on the network: one connection to one leader's learner port.
// Java: Learner.connectToLeader and the sockets of Learner.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "learner/learner.hpp"
#include "net/asio.hpp"
#include "net/dial.hpp"
#include "net/resolver.hpp"
#include "net/stream.hpp"
#include "wire/initial_message.hpp"

namespace zkprobe::net {

class LearnerLink : public std::enable_shared_from_this<LearnerLink> {
 public:
  struct Settings {
    // All addresses of the leader's learner port. They are dialled side by side and the first that
    // connects is taken (Learner.connectToLeader from 3.6.0 on; Java waits for the others too).
    // Those beyond kMaxDialAddresses are not tried.
    std::vector<wire::HostPort> addresses;
    Duration connect_timeout = std::chrono::seconds(5);
    // A leader that was elected this moment does not listen yet: so often, within connect_timeout,
    // with a pause between (leaderConnectDelayDuringRetryMs from 3.6.0 on; 1 s before).
    int tries = 5;
    Duration retry_pause = std::chrono::milliseconds(100);
    learner::Settings learner;
    // Durable packets (learner::Send::durable) are left to send().
    bool holds_durable = false;
  };
  // Every effect of the machine, in order, from the loop. A PersistEpoch comes before the Send that
  // depends on it, and a Send before it goes out. After a Leave nothing comes any more.
  using Handler = std::function<void(const learner::Effect&)>;

  // Bytes that wait for the leader to read them; beyond, the link is left.
  static constexpr std::size_t kMaxUnsent = 1'048'576;

  LearnerLink(asio::io_context& io, std::shared_ptr<Resolver> resolver, Settings settings);

  void start(Handler handler);
  // The handler is not called afterwards.
  void close();

  // A durable packet whose time has come.
  void send(const wire::QuorumPacket& packet);
  // Nothing is read from the leader until resume(), and its silence does not count: who keeps what
  // comes is waiting for its disk.
  void pause();
  void resume();

  const learner::Learner& learner() const { return learner_; }
  // Where the connection goes to, "" before there is one.
  const std::string& remote() const { return remote_; }

 private:
  struct Reading;
  struct Writing;

  void dial();
  void dial_again_or_give_up();
  void dialled(const std::shared_ptr<Dial>& dial, Dial::Result result);
  void close_dials();
  void connected(std::unique_ptr<Stream> stream);
  void read(const std::shared_ptr<Reading>& reading);
  void was_read(const std::shared_ptr<Reading>& reading, error_code error, std::size_t size);
  void write(Bytes bytes);
  void write_next();
  void step(const learner::Event& event);
  void read_or_pause(const std::shared_ptr<Reading>& reading);
  void apply(const learner::Effects& effects);
  void set_timer();

  asio::io_context& io_;
  const std::shared_ptr<Resolver> resolver_;
  const Settings settings_;
  learner::Learner learner_;
  Handler handler_;
  asio::steady_timer timer_;
  std::vector<std::shared_ptr<Dial>> dials_;  // under way
  std::string failures_;                      // of those that have ended
  int tries_ = 0;
  Instant give_up_at_;
  std::shared_ptr<Stream> stream_;
  std::string remote_;
  Bytes unsent_;
  bool writing_ = false;
  bool paused_ = false;
  std::shared_ptr<Reading> put_off_;  // the read that waits for resume()
  std::optional<Instant> resumed_at_;
};

}  // namespace zkprobe::net
