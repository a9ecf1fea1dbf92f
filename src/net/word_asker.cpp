#include "net/word_asker.hpp"

#include <utility>

namespace zkprobe::net {

WordAsker::WordAsker(asio::io_context& io, std::shared_ptr<Resolver> resolver,
                     wire::HostPort address, const std::string& word, Duration timeout)
    : dial_(std::make_shared<Dial>(
          io, std::move(resolver),
          Dial::Settings{{std::move(address)}, Bytes(word.begin(), word.end()), timeout})),
      timer_(io),
      timeout_(timeout) {}

void WordAsker::start(std::function<void(std::string)> done) {
  done_ = std::move(done);
  timer_.expires_after(timeout_);
  timer_.async_wait([self = shared_from_this()](error_code aborted) {
    if (!aborted) self->finish();
  });
  dial_->start([self = shared_from_this()](Dial::Result result) {
    if (!result) return self->finish();
    self->stream_ = std::move(*result);
    self->read();
  });
}

void WordAsker::read() {
  stream_->read_some(asio::buffer(buffer_),
                     [self = shared_from_this()](error_code error, std::size_t size) {
                       if (!self->done_) return;
                       if (error) return self->finish();
                       self->answer_.append(self->buffer_.data(), size);
                       if (self->answer_.size() > kMaxWordAnswer) return self->finish();
                       self->read();
                     });
}

void WordAsker::finish() {
  const auto done = std::exchange(done_, nullptr);
  if (!done) return;
  timer_.cancel();
  dial_->close();
  if (stream_) stream_->close();
  done(std::move(answer_));
}

}  // namespace zkprobe::net
