#include "store/lane.hpp"

#include <gtest/gtest.h>

namespace zkprobe::store {
namespace {

// Takes batches when it is let.
class Gate {
 public:
  void take(std::vector<Lane::Item> batch) {
    std::unique_lock lock(mutex_);
    sizes.push_back(batch.size());
    for (const Lane::Item& item : batch) tickets.push_back(item.ticket);
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return tickets.size() >= count; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  std::vector<std::size_t> sizes;
  std::vector<peer::StorageTicket> tickets;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

// Who is told of completions looks at bytes() then, and is not told again.
TEST(Lane, ABatchNoLongerCountsWhenItsEndIsTold) {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::size_t> seen;
  Lane* told = nullptr;
  Lane lane([](auto) {}, 1'000'000,
            [&] {
              const std::lock_guard lock(mutex);
              if (told) seen.push_back(told->bytes());
              changed.notify_all();
            });
  {
    const std::lock_guard lock(mutex);
    told = &lane;
  }
  ASSERT_TRUE(lane.push({1, peer::AppendTxn{Bytes(5000)}}));
  lane.begin();
  std::unique_lock lock(mutex);
  ASSERT_TRUE(changed.wait_for(lock, std::chrono::seconds(10), [&] { return !seen.empty(); }));
  EXPECT_EQ(seen.front(), 0u);
}

TEST(Lane, WhatComesDuringTheWorkIsOneBatchInOrder) {
  Gate gate;
  {
    Lane lane([&gate](auto batch) { gate.take(std::move(batch)); }, 1'000'000);
    ASSERT_TRUE(lane.push({0, peer::SyncLog{}}));
    lane.begin();
    gate.wait_for(1);
    for (peer::StorageTicket i = 1; i <= 1500; ++i) ASSERT_TRUE(lane.push({i, peer::SyncLog{}}));
    lane.begin();
    EXPECT_EQ(lane.bytes(), 1501 * cost_of(peer::SyncLog{}));
    gate.open();
    gate.wait_for(1501);
  }
  EXPECT_EQ(gate.sizes, (std::vector<std::size_t>{1, 1000, 500}));
  for (std::size_t i = 0; i < gate.tickets.size(); ++i) EXPECT_EQ(gate.tickets[i], i);
}

// On two processors the thread would otherwise be off with the first one alone.
TEST(Lane, WhatIsPushedTogetherIsOneBatchHoweverIdleTheThread) {
  Gate gate;
  gate.open();
  Lane lane([&gate](auto batch) { gate.take(std::move(batch)); }, 1'000'000);
  for (peer::StorageTicket i = 0; i < 300; ++i) ASSERT_TRUE(lane.push({i, peer::SyncLog{}}));
  lane.begin();
  lane.begin();
  gate.wait_for(300);
  EXPECT_EQ(gate.sizes, (std::vector<std::size_t>{300}));
}

TEST(Lane, BeyondItsBoundNothingIsTaken) {
  Gate gate;
  Lane lane([&gate](auto batch) { gate.take(std::move(batch)); }, 1000);
  ASSERT_TRUE(lane.push({0, peer::AppendTxn{Bytes(5000)}}));  // the first always
  lane.begin();
  gate.wait_for(1);
  EXPECT_FALSE(lane.push({1, peer::SyncLog{}}));
  EXPECT_EQ(lane.bytes(), cost_of(peer::AppendTxn{Bytes(5000)}));
  gate.open();
}

}  // namespace
}  // namespace zkprobe::store
