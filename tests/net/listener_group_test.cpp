#include "net/listener_group.hpp"

#include <gtest/gtest.h>

#include "net/loopback.hpp"

namespace zkprobe::net::test {
namespace {

struct Group {
  Group(Loop& loop, ListenerGroup::Settings settings) {
    settings.bind_pause = std::chrono::milliseconds(10);
    ListenerGroup::Callbacks callbacks;
    callbacks.on_started = [this](ListenerGroup::Started result) { started = std::move(result); };
    callbacks.on_accept = [](tcp::socket) {};
    callbacks.on_trouble = [](const std::string&) {};
    group = std::make_shared<ListenerGroup>(loop.io, std::make_shared<Resolver>(loop.io),
                                            std::move(settings), std::move(callbacks));
    group->start();
  }
  ~Group() { group->close(); }
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

  std::optional<ListenerGroup::Started> started;
  std::shared_ptr<ListenerGroup> group;
};

TEST(ListenerGroup, BindsEveryAddress) {
  Loop loop;
  Group group(loop, {{{"127.0.0.1", 0}, {"::1", 0}}});
  ASSERT_TRUE(loop.run_until([&] { return group.started.has_value(); }));
  ASSERT_TRUE(*group.started);
  ASSERT_EQ((*group.started)->size(), 2u);
  EXPECT_EQ(group.group->port(1), (**group.started)[1].port);
  EXPECT_EQ(group.group->port(2), std::nullopt);
}

TEST(ListenerGroup, OneBoundAddressIsEnoughAndIsToldBeforeTheOthersGiveUp) {
  Loop loop;
  RawListener taken(loop);
  Group group(loop, {{{"127.0.0.1", taken.port()}, {"127.0.0.1", 0}}, false, 0});
  ASSERT_TRUE(loop.run_until([&] { return group.started.has_value(); }));
  ASSERT_TRUE(*group.started);
  EXPECT_EQ((*group.started)->size(), 1u);
  EXPECT_EQ(group.group->port(0), std::nullopt);
  EXPECT_NE(group.group->port(1), std::nullopt);
}

TEST(ListenerGroup, NoneBoundIsAnErrorThatNamesAll) {
  Loop loop;
  RawListener a(loop);
  RawListener b(loop);
  Group group(loop, {{{"127.0.0.1", a.port()}, {"127.0.0.1", b.port()}}, false, 2});
  ASSERT_TRUE(loop.run_until([&] { return group.started.has_value(); }));
  ASSERT_FALSE(*group.started);
  for (const std::uint16_t port : {a.port(), b.port()}) {
    EXPECT_NE(group.started->error().find(":" + std::to_string(port) + ": Address already in use"),
              std::string::npos)
        << group.started->error();
  }
}

TEST(ListenerGroup, OnAllIpsAddressesThatShareAPortShareAListener) {
  Loop loop;
  const std::uint16_t port = dead_port(loop);
  Group group(loop, {{{"10.0.0.1", port}, {"10.0.0.2", port}}, true});
  ASSERT_TRUE(loop.run_until([&] { return group.started.has_value(); }));
  ASSERT_TRUE(*group.started) << group.started->error();
  EXPECT_EQ(group.group->port(0), port);
  EXPECT_EQ(group.group->port(1), port);
}

TEST(ListenerGroup, NoAddressIsAnError) {
  Loop loop;
  Group group(loop, {});
  ASSERT_TRUE(loop.run_until([&] { return group.started.has_value(); }));
  ASSERT_FALSE(*group.started);
  EXPECT_EQ(group.started->error(), "no election address to listen on");
}

}  // namespace
}  // namespace zkprobe::net::test
