// A server that says what a test put down, in order, and whose time is the test's.
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "conformance/endpoint.hpp"

namespace zkprobe::conformance {

class FakeEndpoint final : public Endpoint {
 public:
  std::deque<Bytes> says;  // one read each
  bool closes = false;     // once everything is said
  bool refuses = false;
  Bytes written;
  int dialled = 0;
  int closed = 0;

  void say(const Bytes& bytes) { says.push_back(bytes); }

  std::optional<Link> dial(const Place&, Duration) override {
    if (refuses) return std::nullopt;
    ++dialled;
    return 1;
  }
  void write(Link, BytesView bytes) override {
    written.insert(written.end(), bytes.begin(), bytes.end());
  }
  void close(Link) override { ++closed; }
  Event wait(Link, Duration patience) override {
    if (!says.empty()) {
      Event event{Event::What::kBytes, says.front()};
      says.pop_front();
      return event;
    }
    if (closes) return {Event::What::kClosed, {}};
    pass(patience);
    return {};
  }
  std::string listen(const std::string&) override { return "127.0.0.1:1"; }
  std::string listen_at(const std::string&, const Place&) override { return ""; }
  std::optional<Link> accept(const std::string&, Duration) override { return 1; }
  void pass(Duration duration) override {
    if (duration.count() > 0) now_ = now_ + duration;
  }
  Instant now() const override { return now_; }

 private:
  Instant now_;
};

}  // namespace zkprobe::conformance
