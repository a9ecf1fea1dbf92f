// A server that is asked to call: one that does, one that does not, one that says something else.
#include "net/dial_back.hpp"

#include <gtest/gtest.h>

#include "loopback.hpp"

namespace zkprobe::net {
namespace {

using asio::ip::tcp;
using What = DialBackTest::Result::What;

// Accepts one greeting, closes it, and writes `reply` to the address that it announced.
class Server {
 public:
  Server(asio::io_context& io, std::optional<Bytes> reply)
      : acceptor_(io, {asio::ip::address_v4::loopback(), 0}),
        accepted_(io),
        caller_(io),
        reply_(std::move(reply)) {
    acceptor_.async_accept(accepted_, [this](error_code error) {
      if (!error) read();
    });
  }
  std::string address() const { return endpoint_text(acceptor_.local_endpoint()); }
  const wire::InitialMessage& greeting() const { return greeting_; }

 private:
  void read() {
    accepted_.async_read_some(asio::buffer(buffer_), [this](error_code error, std::size_t size) {
      if (error) return;
      const auto decoded = wire::decode_greeting(BytesView(buffer_).first(size), {});
      greeting_ = (*decoded)->message;
      accepted_.close();
      if (!reply_) return;
      const wire::HostPort& to = greeting_.addresses.front();
      caller_.connect({asio::ip::make_address(to.host), to.port});
      asio::write(caller_, asio::buffer(*reply_));
    });
  }

  tcp::acceptor acceptor_;
  tcp::socket accepted_;
  tcp::socket caller_;
  std::optional<Bytes> reply_;
  std::array<std::uint8_t, 512> buffer_{};
  wire::InitialMessage greeting_;
};

struct Trial {
  asio::io_context io;
  std::shared_ptr<Resolver> resolver = std::make_shared<Resolver>(io);
  std::optional<DialBackTest::Result> result;

  void test(const std::string& remote, Duration timeout) {
    DialBackTest::Settings settings;
    settings.remote = remote;
    settings.timeout = timeout;
    auto one = std::make_shared<DialBackTest>(io, resolver, settings);
    one->start([this](const DialBackTest::Result& r) {
      result = r;
      io.stop();
    });
    io.run_for(std::chrono::seconds(20));
    ASSERT_TRUE(result.has_value());
  }
};

TEST(DialBack, ACallShowsWhoCallsAndWhatItAnnounces) {
  Trial run;
  const wire::InitialMessage greeting{wire::GreetingForm::kV1, Sid(3), {{"zk3", 3888}}};
  Server server(run.io, wire::encode(greeting));
  run.test(server.address(), std::chrono::seconds(15));
  EXPECT_EQ(run.result->what, What::kCame) << run.result->text;
  EXPECT_EQ(run.result->greeting, greeting);
  EXPECT_GT(run.result->took.count(), 0);
  EXPECT_EQ(server.greeting().sid, kDialBackId);
  EXPECT_EQ(server.greeting().addresses, std::vector{run.result->listener});
}

TEST(DialBack, NobodyCalls) {
  Trial run;
  Server server(run.io, std::nullopt);
  run.test(server.address(), std::chrono::milliseconds(200));
  EXPECT_EQ(run.result->what, What::kNone);
  EXPECT_EQ(run.result->text, "no call within 200 ms, and our link was closed at the greeting");
  EXPECT_TRUE(run.result->closed.has_value());
}

TEST(DialBack, NobodyReadsTheGreeting) {
  Trial run;
  const tcp::acceptor deaf(run.io, {asio::ip::address_v4::loopback(), 0});
  run.test(endpoint_text(deaf.local_endpoint()), std::chrono::milliseconds(200));
  EXPECT_EQ(run.result->what, What::kNone);
  EXPECT_EQ(run.result->text,
            "no call within 200 ms, and our link stayed open: nobody read the greeting");
  EXPECT_FALSE(run.result->closed.has_value());
}

TEST(DialBack, AnAddressWhereNobodyCanCallIsTold) {
  asio::io_context io;
  tcp::acceptor other(io, {asio::ip::address_v4::loopback(), 0});
  const std::uint16_t port = other.local_endpoint().port();
  EXPECT_EQ(why_not_called_at({"127.0.0.1", port}),
            "127.0.0.1:" + std::to_string(port) + ": Address already in use");
  other.close();
  EXPECT_EQ(why_not_called_at({"127.0.0.1", port}), std::nullopt);
  EXPECT_EQ(why_not_called_at({"127.0.0.1", port}), std::nullopt) << "it is free again";
  EXPECT_TRUE(why_not_called_at({"0.0.0.0", port}).has_value());
  EXPECT_TRUE(why_not_called_at({"no.such.name.invalid", port}).has_value());
}

TEST(DialBack, ACallThatIsNoGreeting) {
  Trial run;
  Server server(run.io, Bytes(20, 0xff));
  run.test(server.address(), std::chrono::seconds(15));
  EXPECT_EQ(run.result->what, What::kNoGreeting);
  EXPECT_NE(run.result->text.find("20 bytes read: ffff"), std::string::npos) << run.result->text;
}

TEST(DialBack, WithoutAWayThereIsNoTest) {
  Trial run;
  run.test("zk1:3888", std::chrono::seconds(1));
  EXPECT_EQ(run.result->what, What::kUntestable);
  EXPECT_FALSE(local_address_towards("").has_value());
  EXPECT_EQ(local_address_towards("127.0.0.1:1")->to_string(), "127.0.0.1");
  EXPECT_EQ(local_address_towards("[::1]:1")->to_string(), "::1");
}

}  // namespace
}  // namespace zkprobe::net
