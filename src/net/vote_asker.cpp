#include "net/vote_asker.hpp"

#include <array>

namespace zkprobe::net {
namespace {

using peer::VoteQuery;
using std::chrono::steady_clock;

constexpr std::size_t kReadSize = 16'384;

Instant now() {
  return Instant{std::chrono::duration_cast<Duration>(steady_clock::now().time_since_epoch())};
}

// The stream and its buffer live until the handler has run.
struct Reading {
  std::shared_ptr<Stream> stream;
  std::array<std::uint8_t, kReadSize> buffer;
};
struct Writing {
  std::shared_ptr<Stream> stream;
  Bytes bytes;
};

}  // namespace

VoteAsker::VoteAsker(asio::io_context& io, std::shared_ptr<Resolver> resolver,
                     wire::HostPort address, VoteQuery::Settings settings,
                     std::uint64_t random_seed)
    : io_(io),
      resolver_(std::move(resolver)),
      address_(std::move(address)),
      query_(settings, SeededRandom(random_seed)),
      timer_(io) {}

void VoteAsker::start(Done done) {
  done_ = std::move(done);
  asio::post(io_, [self = shared_from_this()] {
    if (self->done_) self->step(VoteQuery::Start{});
  });
}

void VoteAsker::close() {
  done_ = nullptr;
  timer_.cancel();
  close_link();
}

void VoteAsker::step(const VoteQuery::Event& event) {
  for (const VoteQuery::Effect& effect : query_.step(now(), event)) apply(effect);
  set_timer();
}

void VoteAsker::apply(const VoteQuery::Effect& effect) {
  if (const auto* dial = std::get_if<VoteQuery::Connect>(&effect)) {
    connect(*dial);
  } else if (const auto* bytes = std::get_if<VoteQuery::Write>(&effect)) {
    write(bytes->bytes);
  } else if (const auto* end = std::get_if<VoteQuery::Finished>(&effect)) {
    const Done done = std::move(done_);
    done_ = nullptr;
    done(Answer{end->result, remote_});
  } else {
    close_link();
  }
}

void VoteAsker::connect(const VoteQuery::Connect& connect) {
  Dial::Settings settings;
  settings.addresses = {address_};
  settings.greeting = connect.first_bytes;
  settings.timeout = connect.timeout;
  dial_ = std::make_shared<Dial>(io_, resolver_, std::move(settings));
  dial_->start([self = shared_from_this()](Dial::Result result) {
    self->dial_.reset();
    if (!self->done_) return;
    if (!result) return self->step(VoteQuery::ConnectFailed{result.error()});
    self->stream_ = *std::move(result);
    self->writing_ = false;
    self->remote_ = self->stream_->remote();
    self->step(VoteQuery::Connected{});
    self->read();
  });
}

// A failed write shows as a failed read. While one question is still on its way out, another one
// would say no more.
void VoteAsker::write(Bytes bytes) {
  if (writing_) return;
  writing_ = true;
  const auto writing = std::make_shared<Writing>(Writing{stream_, std::move(bytes)});
  writing->stream->write_all(asio::buffer(writing->bytes),
                             [self = shared_from_this(), writing](error_code, std::size_t) {
                               if (self->stream_ == writing->stream) self->writing_ = false;
                             });
}

void VoteAsker::read() {
  const auto reading = std::make_shared<Reading>();
  reading->stream = stream_;
  stream_->read_some(asio::buffer(reading->buffer),
                     [self = shared_from_this(), reading](error_code error, std::size_t size) {
                       if (!self->done_ || self->stream_ != reading->stream) return;
                       if (error) {
                         return self->step(VoteQuery::Closed{
                             error == asio::error::eof ? "end of stream" : error.message()});
                       }
                       self->step(VoteQuery::Received{BytesView(reading->buffer).first(size)});
                       if (self->stream_ == reading->stream) self->read();
                     });
}

void VoteAsker::close_link() {
  if (dial_) dial_->close();
  dial_.reset();
  if (stream_) stream_->close();
  stream_.reset();
}

void VoteAsker::set_timer() {
  const std::optional<Instant> at = query_.deadline();
  if (!at || !done_) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(steady_clock::time_point(at->since_zero));
  timer_.async_wait([self = shared_from_this()](error_code aborted) {
    if (!aborted && self->done_) self->step(VoteQuery::TimePassed{});
  });
}

}  // namespace zkprobe::net
