#include "store/lane.hpp"

#include <algorithm>

namespace zkprobe::store {
namespace {

// Of an operation without its bytes.
constexpr std::size_t kItemCost = 128;

}  // namespace

std::size_t cost_of(const peer::StorageOperation& operation) {
  if (const auto* append = std::get_if<peer::AppendTxn>(&operation)) {
    return kItemCost + append->payload.size();
  }
  if (const auto* chunk = std::get_if<peer::SnapshotChunk>(&operation)) {
    return kItemCost + chunk->bytes.size();
  }
  return kItemCost;
}

Lane::Lane(Work work, std::size_t max_bytes, After after)
    : work_(std::move(work)),
      max_bytes_(max_bytes),
      after_(std::move(after)),
      thread_([this] { run(); }) {}

Lane::~Lane() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

bool Lane::push(Item item) {
  item.bytes = cost_of(item.operation);
  const std::lock_guard lock(mutex_);
  if (bytes_ > 0 && bytes_ + item.bytes > max_bytes_) return false;
  bytes_ += item.bytes;
  queue_.push_back(std::move(item));
  return true;
}

void Lane::begin() {
  {
    const std::lock_guard lock(mutex_);
    if (begun_ || queue_.empty()) return;
    begun_ = true;
  }
  wake_.notify_one();
}

std::size_t Lane::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

void Lane::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stop_ || begun_; });
    if (stop_) return;
    std::vector<Item> batch;
    std::size_t bytes = 0;
    while (!queue_.empty() && batch.size() < kMaxBatch) {
      bytes += queue_.front().bytes;
      batch.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
    begun_ = !queue_.empty();
    lock.unlock();
    work_(std::move(batch));
    lock.lock();
    bytes_ -= bytes;
    if (!after_) continue;
    lock.unlock();
    after_();
    lock.lock();
  }
}

}  // namespace zkprobe::store
