#include "net/resolver.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <list>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>

namespace zkprobe::net {
namespace {

Resolver::Addresses system_lookup(const std::string& host) {
  asio::io_context own;
  asio::ip::tcp::resolver resolver(own);
  error_code error;
  const auto found = resolver.resolve(host, "", error);
  if (error) return tl::unexpected(error.message());
  std::vector<asio::ip::address> addresses;
  for (const auto& entry : found) {
    const asio::ip::address address = entry.endpoint().address();
    if (std::find(addresses.begin(), addresses.end(), address) == addresses.end()) {
      addresses.push_back(address);
    }
  }
  if (addresses.empty()) return tl::unexpected(std::string("no address"));
  return addresses;
}

using Answered = std::function<void(const std::string& host, Resolver::Addresses)>;

// The threads and their queue. A thread that is inside a look-up cannot be stopped, so the threads
// are detached, hold this alive, and after stop() touch nothing else.
class Pool : public std::enable_shared_from_this<Pool> {
 public:
  Pool(asio::io_context& io, Resolver::Lookup lookup, Answered answered)
      : io_(&io), lookup_(std::move(lookup)), answered_(std::move(answered)) {}

  // False when the queue is full or no thread can be had.
  bool push(const std::string& host) {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= Resolver::kMaxQueue) return false;
    if (idle_ <= queue_.size() && threads_ < Resolver::kThreads) {
      try {
        std::thread([self = shared_from_this()] { self->run(); }).detach();
        ++threads_;
      } catch (const std::system_error&) {
        if (threads_ == 0) return false;
      }
    }
    queue_.push_back(host);
    wake_.notify_one();
    return true;
  }

  void stop() {
    const std::lock_guard lock(mutex_);
    io_ = nullptr;
    answered_ = nullptr;
    queue_.clear();
    wake_.notify_all();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      ++idle_;
      wake_.wait(lock, [this] { return io_ == nullptr || !queue_.empty(); });
      --idle_;
      if (io_ == nullptr) return;
      const std::string host = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      Resolver::Addresses addresses = look_up(host);
      lock.lock();
      if (io_ == nullptr) return;
      asio::post(*io_, [answered = answered_, host, addresses = std::move(addresses)]() mutable {
        answered(host, std::move(addresses));
      });
    }
  }

  Resolver::Addresses look_up(const std::string& host) const {
    try {
      return lookup_(host);
    } catch (const std::exception& failure) {  // no descriptor or no memory left
      return tl::unexpected(std::string(failure.what()));
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  asio::io_context* io_;
  const Resolver::Lookup lookup_;
  Answered answered_;
  std::deque<std::string> queue_;
  std::size_t threads_ = 0;
  std::size_t idle_ = 0;
};

}  // namespace

class Resolver::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& io, Lookup lookup) : io_(io), lookup_(std::move(lookup)) {}

  void stop() {
    if (pool_) pool_->stop();
    for (auto& [host, waiters] : waiting_) {
      for (Waiter& waiter : waiters) waiter.timer->cancel();
    }
    waiting_.clear();
  }

  void resolve(const std::string& host, Duration patience, Handler handler) {
    error_code not_literal;
    const asio::ip::address literal = asio::ip::make_address(host, not_literal);
    if (!not_literal) return post(std::move(handler), std::vector{literal});

    const bool under_way = waiting_.contains(host);
    std::list<Waiter>& waiters = waiting_[host];
    if (waiters.size() >= kMaxWaiting || (!under_way && !pool().push(host))) {
      const auto good = remembered_.find(host);
      if (!under_way) waiting_.erase(host);
      if (good != remembered_.end()) return post(std::move(handler), good->second.addresses);
      return post(std::move(handler), tl::unexpected(std::string("too many names to look up")));
    }
    waiters.push_back({next_waiter_++, std::move(handler), nullptr});
    Waiter& waiter = waiters.back();
    waiter.timer = std::make_unique<asio::steady_timer>(io_, patience);
    waiter.timer->async_wait([self = weak_from_this(), host, id = waiter.id](error_code aborted) {
      const auto impl = self.lock();
      if (impl && !aborted) impl->impatient(host, id);
    });
  }

 private:
  struct Waiter {
    std::uint64_t id;
    Handler handler;
    std::unique_ptr<asio::steady_timer> timer;
  };
  struct Remembered {
    std::vector<asio::ip::address> addresses;
    std::uint64_t age = 0;  // the higher the younger
  };

  Pool& pool() {
    if (!pool_) {
      pool_ = std::make_shared<Pool>(
          io_, lookup_ ? lookup_ : system_lookup,
          [self = weak_from_this()](const std::string& host, Addresses addresses) {
            const auto impl = self.lock();
            if (impl) impl->answered(host, std::move(addresses));
          });
    }
    return *pool_;
  }

  void post(Handler handler, Addresses addresses) {
    asio::post(io_, [self = weak_from_this(), handler = std::move(handler),
                     addresses = std::move(addresses)] {
      if (!self.expired()) handler(addresses);
    });
  }

  void impatient(const std::string& host, std::uint64_t id) {
    const auto good = remembered_.find(host);
    const auto entry = waiting_.find(host);
    if (good == remembered_.end() || entry == waiting_.end()) return;
    std::list<Waiter>& waiters = entry->second;
    const auto waiter =
        std::find_if(waiters.begin(), waiters.end(), [id](const Waiter& w) { return w.id == id; });
    if (waiter == waiters.end()) return;
    // The entry stays, empty or not: it says that a look-up is under way.
    const Handler handler = std::move(waiter->handler);
    waiters.erase(waiter);
    handler(good->second.addresses);
  }

  void answered(const std::string& host, Addresses addresses) {
    if (addresses) {
      if (addresses->size() > kMaxAddresses) addresses->resize(kMaxAddresses);
      remember(host, *addresses);
    } else if (const auto good = remembered_.find(host); good != remembered_.end()) {
      addresses = good->second.addresses;
    }
    auto node = waiting_.extract(host);
    if (node.empty()) return;
    for (const Waiter& waiter : node.mapped()) waiter.timer->cancel();
    for (const Waiter& waiter : node.mapped()) waiter.handler(addresses);
  }

  void remember(const std::string& host, const std::vector<asio::ip::address>& addresses) {
    remembered_[host] = {addresses, ++age_};
    if (remembered_.size() <= kMaxRemembered) return;
    remembered_.erase(
        std::min_element(remembered_.begin(), remembered_.end(),
                         [](const auto& a, const auto& b) { return a.second.age < b.second.age; }));
  }

  asio::io_context& io_;
  const Lookup lookup_;
  std::shared_ptr<Pool> pool_;
  std::map<std::string, std::list<Waiter>> waiting_;
  std::map<std::string, Remembered> remembered_;
  std::uint64_t next_waiter_ = 0;
  std::uint64_t age_ = 0;
};

Resolver::Resolver(asio::io_context& io, Lookup lookup)
    : impl_(std::make_shared<Impl>(io, std::move(lookup))) {}
Resolver::~Resolver() { impl_->stop(); }

void Resolver::resolve(const std::string& host, Duration patience, Handler handler) {
  impl_->resolve(host, patience, std::move(handler));
}

}  // namespace zkprobe::net
