// The client port of a server that serves no clients: it answers ZooKeeper's four-letter words, for
// monitoring, and closes everything else with one log line.
// Java: NIOServerCnxn.readLength, checkFourLetterWord; the answers are peer/monitor_text.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "base/time.hpp"
#include "net/listener.hpp"
#include "net/log_budget.hpp"
#include "peer/monitor_text.hpp"

namespace zkprobe::net {

class MonitorPort : public std::enable_shared_from_this<MonitorPort> {
 public:
  struct Settings {
    // zoo.cfg's client address; on a wildcard host all addresses are listened on, IPv6 too.
    wire::HostPort address;
    peer::MonitorSettings text;
    // Connections at once; beyond them the oldest is closed.
    std::size_t max_connections = 32;
    // For a connection as a whole: the word, the answer, and until its asker has closed it.
    Duration patience = std::chrono::seconds(5);
    int bind_retries = 3;  // as Listener's
    Duration bind_pause = std::chrono::seconds(1);
  };
  struct Callbacks {
    // What is true now. Asked for each answer; packets and connections are filled in here.
    std::function<peer::MonitorValues()> values;
    // One line, no line end, nothing in it that could drive a terminal. 50 a second at the most;
    // what was left out is counted in the next one.
    std::function<void(const std::string&)> log;
  };
  // The port that is bound, or "127.0.0.1:2181: Address already in use".
  using Bound = std::function<void(tl::expected<std::uint16_t, std::string>)>;

  // `io` must outlive the port. All callbacks come from the loop.
  MonitorPort(asio::io_context& io, std::shared_ptr<Resolver> resolver, Settings settings,
              Callbacks callbacks);
  ~MonitorPort();
  MonitorPort(const MonitorPort&) = delete;
  MonitorPort& operator=(const MonitorPort&) = delete;

  // `done` is called once, and not at all after stop().
  void start(Bound done);
  // Closes everything; no callback comes afterwards.
  void stop();

  std::size_t connections() const { return askers_.size(); }

 private:
  struct Asker;

  void accepted(asio::ip::tcp::socket socket);
  void read_word(const std::shared_ptr<Asker>& asker);
  void heard(const std::shared_ptr<Asker>& asker);
  void answer(const std::shared_ptr<Asker>& asker, const std::string& word);
  void wait_for_the_end(const std::shared_ptr<Asker>& asker);
  void end(const std::shared_ptr<Asker>& asker);
  void log(const std::string& line);

  asio::io_context& io_;
  const std::shared_ptr<Resolver> resolver_;
  const Settings settings_;
  Callbacks callbacks_;
  std::shared_ptr<Listener> listener_;
  std::list<std::shared_ptr<Asker>> askers_;  // the oldest first
  LogBudget budget_;
  std::int64_t packets_received_ = 0;
  std::int64_t packets_sent_ = 0;
  bool stopped_ = false;
};

}  // namespace zkprobe::net
