// A thread with a bounded queue in front of it: what came in while it worked comes as one batch.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "peer/storage.hpp"

namespace zkprobe::store {

class Lane {
 public:
  struct Item {
    peer::StorageTicket ticket = 0;
    peer::StorageOperation operation;
    std::size_t bytes = 0;
  };
  // Called on the thread, with at most kMaxBatch items, in order.
  using Work = std::function<void(std::vector<Item> batch)>;
  static constexpr std::size_t kMaxBatch = 1000;  // as many as Java flushes together

  // Called on the thread after each batch, when its bytes no longer count: whoever is told of
  // completions may look at bytes() then.
  using After = std::function<void()>;

  Lane(Work work, std::size_t max_bytes, After after = {});
  // Waits for the batch in work; what is still queued is dropped, uncompleted.
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // False where max_bytes would be exceeded; a first item is always taken. What is pushed waits for
  // begin(), so that what came together is one batch.
  bool push(Item item);
  void begin();
  // Queued or in work.
  std::size_t bytes() const;

 private:
  void run();

  const Work work_;
  const std::size_t max_bytes_;
  const After after_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Item> queue_;
  std::size_t bytes_ = 0;
  bool begun_ = false;  // what stands in the queue may be worked on
  bool stop_ = false;
  std::thread thread_;  // last: it uses the rest
};

// What an operation takes of the queue.
std::size_t cost_of(const peer::StorageOperation& operation);

}  // namespace zkprobe::store
