// One of the four letter words to a client port, and what is answered. Nothing changes there; a
// Java server logs a line. Java: FourLetterWordClient.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>

#include "net/dial.hpp"

namespace zkprobe::net {

// What is read of an answer: `srvr` is a few hundred bytes, `conf` and `mntr` a few thousand.
inline constexpr std::size_t kMaxWordAnswer = 65'536;

class WordAsker : public std::enable_shared_from_this<WordAsker> {
 public:
  // `timeout` is for everything together.
  WordAsker(asio::io_context& io, std::shared_ptr<Resolver> resolver, wire::HostPort address,
            const std::string& word, Duration timeout);

  // `done` is called once, from the loop: with what came until the server closed, or until the time
  // was over; empty where nobody answered.
  void start(std::function<void(std::string)> done);

 private:
  void read();
  void finish();

  std::shared_ptr<Dial> dial_;
  asio::steady_timer timer_;
  const Duration timeout_;
  std::unique_ptr<Stream> stream_;
  std::array<char, 4096> buffer_{};
  std::string answer_;
  std::function<void(std::string)> done_;
};

}  // namespace zkprobe::net
