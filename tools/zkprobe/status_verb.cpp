// zkprobe status ADDRESS...: asks servers for their vote over the election port.
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <random>
#include <vector>

#include "address.hpp"
#include "net/output_sink.hpp"
#include "net/resolver.hpp"
#include "net/vote_asker.hpp"
#include "options.hpp"
#include "status_view.hpp"
#include "verbs.hpp"

#include <CLI/CLI.hpp>

namespace zkprobe::tool {
namespace {

namespace asio = net::asio;

struct StatusOptions {
  SharedOptions shared;
  std::vector<wire::HostPort> addresses;
  bool watch = false;
  Duration interval{1'000'000};
};

class StatusRun {
 public:
  explicit StatusRun(const StatusOptions& options)
      : options_(options),
        style_(Style::of_standard_output()),
        resolver_(std::make_shared<net::Resolver>(io_)),
        signals_(io_, SIGINT, SIGTERM),
        sink_(io_, STDOUT_FILENO,
              {[](const std::string& text) { spdlog::warn(text); }, [this] { stop(); }}) {
    for (const wire::HostPort& address : options_.addresses) {
      servers_.push_back({StatusEntry{address, std::nullopt}, asio::steady_timer(io_), nullptr});
      address_width_ = std::max(address_width_, wire::to_string(address).size());
    }
  }

  ExitCode run() {
    signals_.async_wait([this](net::error_code aborted, int) {
      if (!aborted) stop();
    });
    if (options_.watch) sink_.watch_reader();
    for (std::size_t i = 0; i < servers_.size(); ++i) ask(i);
    io_.run();
    const std::vector<StatusEntry> entries = all();
    if (!options_.watch) print_all(entries);
    sink_.finish();
    return with_output(status_code(entries), sink_.lost());
  }

 private:
  struct Server {
    StatusEntry entry;
    asio::steady_timer pause;
    std::shared_ptr<net::VoteAsker> asker;
  };

  std::vector<StatusEntry> all() const {
    std::vector<StatusEntry> entries;
    for (const Server& server : servers_) entries.push_back(server.entry);
    return entries;
  }

  void ask(std::size_t index) {
    Server& server = servers_[index];
    const peer::VoteQuery::Settings settings{options_.shared.timeout, options_.shared.emulate};
    server.asker = std::make_shared<net::VoteAsker>(io_, resolver_, server.entry.address, settings,
                                                    std::random_device{}());
    server.asker->start(
        [this, index](const net::VoteAsker::Answer& answer) { answered(index, answer); });
  }

  void answered(std::size_t index, const net::VoteAsker::Answer& answer) {
    Server& server = servers_[index];
    server.asker.reset();
    const StatusEntry before = server.entry;
    server.entry.result = answer.result;
    if (!options_.watch) {
      if (++finished_ == servers_.size()) stop();
      return;
    }
    if (status_changed(before, server.entry)) print_change(server.entry);
    server.pause.expires_after(options_.interval);
    server.pause.async_wait([this, index](net::error_code aborted) {
      if (!aborted) ask(index);
    });
  }

  void print_change(const StatusEntry& entry) {
    const std::string time = rfc3339(std::chrono::system_clock::now());
    if (!options_.shared.json) {
      sink_.write(status_line(entry, time, address_width_, style_));
      return;
    }
    Json record;
    record["t"] = time;
    record.update(status_record(entry));
    sink_.write(to_line(record));
  }

  void print_all(const std::vector<StatusEntry>& entries) {
    if (!options_.shared.json) {
      sink_.write(status_text(entries, style_));
      return;
    }
    for (const StatusEntry& entry : entries) sink_.write(to_line(status_record(entry)));
  }

  // Ends the loop: everything is answered, interrupted, or nobody reads any more.
  void stop() {
    signals_.cancel();
    for (Server& server : servers_) {
      server.pause.cancel();
      if (server.asker) server.asker->close();
      server.asker.reset();
    }
    io_.stop();
  }

  const StatusOptions& options_;
  const Style style_;
  asio::io_context io_;
  std::shared_ptr<net::Resolver> resolver_;
  asio::signal_set signals_;
  net::OutputSink sink_;
  std::vector<Server> servers_;
  std::size_t address_width_ = 0;
  std::size_t finished_ = 0;
};

constexpr const char* kNotes =
    "Every release from 3.3.6 on answers, LOOKING or not, and nothing changes there: the question\n"
    "is the greeting of an id that no member has (9223372036854741611) and one vote that cannot\n"
    "win, asked twice, because a server repeats to an id what it said to it last.\n"
    "What a question leaves behind: five to ten INFO and WARN lines in the server's log, some with "
    "a\n"
    "stack trace (a connection request, 'Backward compatibility mode', 'Connection broken', at "
    "times\n"
    "'Invalid server id'), and, until the server restarts, one queue with one message for that "
    "id,\n"
    "however often it is asked. Each round of --watch is a question.\n"
    "MS is the time from the first question to the answer that is shown. EPOCH is the epoch of "
    "the\n"
    "vote; 3.3 to 3.4.5 keep the one before the election.";

}  // namespace

void add_status_verb(CLI::App& app, Context& context) {
  auto options = std::make_shared<StatusOptions>();
  CLI::App* verb =
      add_verb(app, context,
               {"status",
                "Ask servers for their vote, without being a member",
                {"zkprobe status zk1:3888 zk2:3888 zk3:3888", "zkprobe status --json zk1,zk2,zk3",
                 "zkprobe status --watch --interval 500ms zk1 zk2 zk3"},
                kNotes});
  add_addresses(*verb, &options->addresses,
                "Servers' election ports: host[:port], [IPv6]:port, a comma list; port 3888 if "
                "none is named")
      ->required();
  CLI::Option* watch =
      verb->add_flag("--watch", options->watch, "Ask again and again, print what changes");
  add_duration(*verb, "--interval", &options->interval, "The pause between two questions")
      ->needs(watch);
  add_shared_options(*verb, options->shared);
  add_emulate_option(*verb, options->shared,
                     "Read the answers as this release does; the question is always the same");
  verb->callback(
      [options, &context] { context.run = [options] { return StatusRun(*options).run(); }; });
}

}  // namespace zkprobe::tool
