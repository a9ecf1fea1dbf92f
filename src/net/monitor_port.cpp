#include "net/monitor_port.hpp"

#include <array>
#include <chrono>
#include <utility>

#include "base/excerpt.hpp"
#include "net/stream.hpp"

namespace zkprobe::net {

using asio::ip::tcp;

namespace {

constexpr std::size_t kWord = 4;
// Bytes behind the word that are read to no end; whoever sends more is cut off.
constexpr std::size_t kMaxRest = 65'536;
// BinaryInputArchive.maxBuffer, jute.maxbuffer: a client's first four bytes are a length below it.
constexpr std::uint32_t kLongestRequest = 0xfffff;
// What telnet sends when it is interrupted (FourLetterCommands.telnetCloseCmd).
constexpr std::uint32_t kTelnetClose = 0xfff4fffd;

bool is_wildcard(const std::string& host) {
  error_code error;
  const auto address = asio::ip::make_address(host, error);
  return !error && address.is_unspecified();
}

}  // namespace

// One connection: its word comes in, its answer goes out, its end is waited for.
struct MonitorPort::Asker {
  Asker(tcp::socket connected, asio::io_context& io) : socket(std::move(connected)), deadline(io) {}

  tcp::socket socket;
  asio::steady_timer deadline;
  std::string remote;
  std::array<std::uint8_t, kWord> word{};
  std::size_t size = 0;  // of what of the word has come
  std::string text;      // the answer
  std::array<std::uint8_t, 4096> rest{};
  std::size_t rest_size = 0;
  bool answered = false;
  bool ended = false;
};

MonitorPort::MonitorPort(asio::io_context& io, std::shared_ptr<Resolver> resolver,
                         Settings settings, Callbacks callbacks)
    : io_(io),
      resolver_(std::move(resolver)),
      settings_(std::move(settings)),
      callbacks_(std::move(callbacks)) {}

MonitorPort::~MonitorPort() { stop(); }

void MonitorPort::start(Bound done) {
  Listener::Settings listening;
  listening.address = settings_.address;
  listening.on_all_ips = is_wildcard(settings_.address.host);
  listening.bind_retries = settings_.bind_retries;
  listening.bind_pause = settings_.bind_pause;
  const std::weak_ptr<MonitorPort> weak = weak_from_this();
  Listener::Callbacks callbacks;
  callbacks.on_bound =
      [weak, done = std::move(done)](const tl::expected<std::uint16_t, std::string>& bound) {
        if (const auto self = weak.lock(); self && !self->stopped_) done(bound);
      };
  callbacks.on_accept = [weak](tcp::socket socket) {
    if (const auto self = weak.lock()) self->accepted(std::move(socket));
  };
  const auto say = [weak](const std::string& why) {
    if (const auto self = weak.lock()) self->log("the client port: " + why);
  };
  callbacks.on_retry = say;
  callbacks.on_trouble = say;
  listener_ = std::make_shared<Listener>(io_, resolver_, listening, std::move(callbacks));
  listener_->start();
}

void MonitorPort::stop() {
  stopped_ = true;
  if (listener_) listener_->close();
  for (const auto& asker : std::exchange(askers_, {})) end(asker);
}

void MonitorPort::accepted(tcp::socket socket) {
  if (stopped_) return;
  error_code error;
  const tcp::endpoint remote = socket.remote_endpoint(error);
  if (error) return;  // it is gone already
  if (askers_.size() >= settings_.max_connections && !askers_.empty()) {
    const std::shared_ptr<Asker> oldest = askers_.front();
    log(std::to_string(askers_.size()) +
        " connections to the client port at once: " + oldest->remote + " is closed");
    end(oldest);
  }
  const auto asker = std::make_shared<Asker>(std::move(socket), io_);
  asker->remote = endpoint_text(remote);
  askers_.push_back(asker);
  asker->deadline.expires_after(settings_.patience);
  asker->deadline.async_wait([self = shared_from_this(), asker](error_code aborted) {
    if (aborted || asker->ended) return;
    if (!asker->answered) self->log(asker->remote + " asks nothing on the client port: closed");
    self->end(asker);
  });
  read_word(asker);
}

void MonitorPort::read_word(const std::shared_ptr<Asker>& asker) {
  asker->socket.async_read_some(
      asio::buffer(asker->word.data() + asker->size, kWord - asker->size),
      [self = shared_from_this(), asker](error_code error, std::size_t size) {
        if (asker->ended) return;
        // Who only looks whether the port is open has asked nothing, and is not worth a line.
        if (error) return self->end(asker);
        asker->size += size;
        if (asker->size < kWord) return self->read_word(asker);
        self->heard(asker);
      });
}

void MonitorPort::heard(const std::shared_ptr<Asker>& asker) {
  const std::string word(asker->word.begin(), asker->word.end());
  if (peer::is_four_letter_word(word)) return answer(asker, word);
  std::uint32_t number = 0;
  for (const std::uint8_t byte : asker->word) number = number << 8U | byte;
  if (number == 0 || number > kLongestRequest) {
    if (number != kTelnetClose) {
      log(asker->remote + " says what is no four-letter word on the client port: " +
          excerpt(asker->word) + ": closed");
    }
  } else {
    log(asker->remote + " wants a session on the client port: closed, zkprobe serves no clients");
  }
  end(asker);
}

void MonitorPort::answer(const std::shared_ptr<Asker>& asker, const std::string& word) {
  ++packets_received_;
  asker->answered = true;
  peer::MonitorValues values = callbacks_.values();
  values.packets_received = packets_received_;
  values.packets_sent = packets_sent_;
  values.connections = static_cast<std::int64_t>(askers_.size());
  asker->text = peer::monitor_answer(word, settings_.text, values);
  asio::async_write(asker->socket, asio::buffer(asker->text),
                    [self = shared_from_this(), asker](error_code error, std::size_t) {
                      if (asker->ended) return;
                      if (error) return self->end(asker);
                      ++self->packets_sent_;
                      asker->socket.shutdown(tcp::socket::shutdown_send, error);
                      self->wait_for_the_end(asker);
                    });
}

// "ruok\n" has a byte more than Java reads: closing with bytes unread would reset the connection
// and could take the answer away from its reader.
void MonitorPort::wait_for_the_end(const std::shared_ptr<Asker>& asker) {
  asker->socket.async_read_some(asio::buffer(asker->rest), [self = shared_from_this(), asker](
                                                               error_code error, std::size_t size) {
    if (asker->ended) return;
    asker->rest_size += size;
    if (error || asker->rest_size > kMaxRest) return self->end(asker);
    self->wait_for_the_end(asker);
  });
}

void MonitorPort::end(const std::shared_ptr<Asker>& asker) {
  asker->ended = true;
  asker->deadline.cancel();
  error_code ignored;
  asker->socket.close(ignored);
  askers_.remove(asker);
}

void MonitorPort::log(const std::string& line) {
  if (stopped_ || !budget_.take(std::chrono::steady_clock::now())) return;
  if (const std::uint64_t left_out = budget_.left_out()) {
    callbacks_.log(std::to_string(left_out) + " lines about the client port were left out");
  }
  callbacks_.log(line);
}

}  // namespace zkprobe::net
