// What a dialling manager says of itself, by release and by what the peer said last.
#include <gtest/gtest.h>

#include <algorithm>

#include "net/connection_manager.hpp"
#include "net/loopback.hpp"
#include "wire/initial_message.hpp"

namespace zkprobe::net::test {
namespace {

Bytes greeting_of(const Node::Adjust& adjust) {
  Loop loop;
  Node two(loop, 2, adjust);
  RawListener here(loop);
  two->set_configs(config_of({{1, here.port()}}), std::nullopt);
  two->send(Sid(1), text_bytes("x"));
  const auto one = here.accept();
  if (!one) return {};
  const Bytes frame = framed("x");
  const auto complete = [&] {
    const Bytes& all = one->received();
    return all.size() > frame.size() && std::equal(frame.rbegin(), frame.rend(), all.rbegin());
  };
  if (!loop.run_until(complete)) return {};
  return {one->received().begin(),
          one->received().end() - static_cast<std::ptrdiff_t>(frame.size())};
}

TEST(ConnectionManagerGreeting, GreetsWithOneAdvertisedAddress) {
  EXPECT_EQ(greeting_of([](auto& settings) {
              settings.advertised = {{"zk2.example", 3888}, {"10.0.0.2", 3888}};
            }),
            v1_greeting(2, "zk2.example:3888"));
}

TEST(ConnectionManagerGreeting, GreetsWithAllAddressesUnderMultiAddress) {
  const Bytes expected =
      wire::encode({wire::GreetingForm::kV2, Sid(2), {{"zk2.example", 3888}, {"10.0.0.2", 3888}}});
  EXPECT_EQ(greeting_of([](auto& settings) {
              settings.dialect.multi_address = true;
              settings.advertised = {{"zk2.example", 3888}, {"10.0.0.2", 3888}};
            }),
            expected);
}

TEST(ConnectionManagerGreeting, GreetsWithABareSidAsRelease34) {
  EXPECT_EQ(greeting_of([](auto& settings) {
              settings.dialect.release = {3, 4, 14};
            }),
            bare_greeting(2));
}

TEST(ConnectionManagerGreeting, AutoEmulationGreetsAsThePeerGreetedLast) {
  Loop loop;
  Node two(loop, 2, [](auto& settings) { settings.auto_emulation = true; });
  RawListener here(loop);
  two->set_configs(config_of({{1, here.port()}}), std::nullopt);
  {
    RawPeer old_one(loop, two.port());
    old_one.write(bare_greeting(1));
    const auto link = here.accept();
    ASSERT_NE(link, nullptr);
    ASSERT_TRUE(loop.run_until([&] { return two.linked_to(1); }));
    two->send(Sid(1), text_bytes("x"));
    ASSERT_TRUE(loop.run_until([&] { return link->received() == bare_greeting(2) + framed("x"); }));
  }
  RawPeer upgraded(loop, two.port());
  upgraded.write(v1_greeting(1, "127.0.0.1:" + std::to_string(here.port())));
  const auto link = here.accept();
  ASSERT_NE(link, nullptr);
  const Bytes expected = v1_greeting(2, "127.0.0.1:" + std::to_string(two.port())) + framed("x");
  ASSERT_TRUE(loop.run_until([&] { return link->received() == expected; }));
}

}  // namespace
}  // namespace zkprobe::net::test
