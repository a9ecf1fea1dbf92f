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
  // Every effect of the machine, in order, from the loop; it may be moved from. A PersistEpoch
  // comes before the Send that depends on it, and a Send before it goes out. After a Leave nothing
  // comes any more.
  using Handler = std::function<void(learner::Effect&)>;
  // After the effects of one event, unless the link has been closed.
  using Turn = std::function<void()>;

  // Bytes that wait for the leader to read them; beyond, the link is left.
  static constexpr std::size_t kMaxUnsent = 1'048'576;
  // The longest hold(): a PING is answered that much later at most.
  static constexpr Duration kMaxHold = std::chrono::milliseconds(20);
  static constexpr Duration kMaxGather = std::chrono::milliseconds(4);

  LearnerLink(asio::io_context& io, std::shared_ptr<Resolver> resolver, Settings settings);

  void start(Handler handler, Turn turn = {});
  // The handler is not called afterwards.
  void close();

  // A durable packet whose time has come. It leaves with flush(), or with what goes out next.
  void send(const wire::QuorumPacket& packet);
  void flush();
  // Nothing is read from the leader until resume(), and its silence does not count: who keeps what
  // comes is waiting for its disk.
  void pause();
  void resume();
  // Nothing is read from the leader until let_go(), or for kMaxHold, unless it is more than one
  // read takes; what came meanwhile is then read at once. Nothing before there is a connection.
  void hold();
  // The same until as many bytes have come as since the last gather(), or for kMaxGather.
  void gather();
  void let_go();

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
  void step(const learner::Event& event);
  void read_or_wait(const std::shared_ptr<Reading>& reading);
  void go_on_reading();
  void hold_until(Instant end, std::size_t bytes);
  void apply(learner::Effects effects);
  void set_timer();
  void timer_fired();
  std::optional<Instant> silence_ends() const;

  asio::io_context& io_;
  const std::shared_ptr<Resolver> resolver_;
  const Settings settings_;
  learner::Learner learner_;
  Handler handler_;
  Turn turn_;
  asio::steady_timer timer_;
  std::optional<Instant> timer_at_;  // while it is set
  asio::steady_timer redial_;
  std::vector<std::shared_ptr<Dial>> dials_;  // under way
  std::string failures_;                      // of those that have ended
  int tries_ = 0;
  Instant give_up_at_;
  std::shared_ptr<Stream> stream_;
  std::string remote_;
  Bytes unsent_;
  bool writing_ = false;
  bool paused_ = false;
  std::optional<Instant> held_until_;
  bool much_waits_ = false;           // behind the last read
  std::size_t batch_ = 0;             // bytes read since the last gather()
  std::shared_ptr<Reading> put_off_;  // the read that waits for resume(), or the end of a hold
  std::optional<Instant> resumed_at_;
};

}  // namespace zkprobe::net
