#include "net/learner_link.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace zkprobe::net {
namespace {

using learner::Leave;
using std::chrono::steady_clock;

constexpr std::size_t kReadSize = 65'536;

Instant now() {
  return Instant{std::chrono::duration_cast<Duration>(steady_clock::now().time_since_epoch())};
}

}  // namespace

// The stream and its buffer live until the handler has run.
struct LearnerLink::Reading {
  std::shared_ptr<Stream> stream;
  std::array<std::uint8_t, kReadSize> buffer;
};
struct LearnerLink::Writing {
  std::shared_ptr<Stream> stream;
  Bytes bytes;
};

LearnerLink::LearnerLink(asio::io_context& io, std::shared_ptr<Resolver> resolver,
                         Settings settings)
    : io_(io),
      resolver_(std::move(resolver)),
      settings_(std::move(settings)),
      learner_(settings_.learner),
      timer_(io),
      redial_(io) {}

void LearnerLink::start(Handler handler, Turn turn) {
  handler_ = std::move(handler);
  turn_ = std::move(turn);
  give_up_at_ = now() + settings_.connect_timeout;
  dial();
}

void LearnerLink::dial() {
  ++tries_;
  failures_.clear();
  const std::size_t count = std::min(settings_.addresses.size(), kMaxDialAddresses);
  // Without an address one dial says so.
  for (std::size_t i = 0; i < std::max<std::size_t>(count, 1); ++i) {
    Dial::Settings settings;
    if (count > 0) settings.addresses = {settings_.addresses[i]};
    settings.timeout = give_up_at_ - now();
    dials_.push_back(std::make_shared<Dial>(io_, resolver_, std::move(settings)));
  }
  for (const std::shared_ptr<Dial>& dial : dials_) {
    dial->start([self = shared_from_this(), weak = std::weak_ptr(dial)](Dial::Result result) {
      if (const auto ended = weak.lock()) self->dialled(ended, std::move(result));
    });
  }
}

void LearnerLink::dialled(const std::shared_ptr<Dial>& dial, Dial::Result result) {
  if (!handler_) return;
  std::erase(dials_, dial);
  if (result) {
    close_dials();
    return connected(*std::move(result));
  }
  failures_ += (failures_.empty() ? "" : ", ") + result.error();
  if (dials_.empty()) dial_again_or_give_up();
}

void LearnerLink::dial_again_or_give_up() {
  if (tries_ >= settings_.tries || now() + settings_.retry_pause >= give_up_at_) {
    return apply({Leave{Leave::Why::kUnreachable, "no connection to the leader: " + failures_}});
  }
  redial_.expires_after(settings_.retry_pause);
  redial_.async_wait([self = shared_from_this()](error_code aborted) {
    if (!aborted && self->handler_) self->dial();
  });
}

void LearnerLink::close_dials() {
  for (const std::shared_ptr<Dial>& dial : dials_) dial->close();
  dials_.clear();
}

void LearnerLink::close() {
  handler_ = nullptr;
  turn_ = nullptr;
  timer_.cancel();
  redial_.cancel();
  close_dials();
  flush();
  if (stream_) stream_->close();
  stream_.reset();
  put_off_.reset();
}

void LearnerLink::connected(std::unique_ptr<Stream> stream) {
  stream_ = std::move(stream);
  remote_ = stream_->remote();
  const auto reading = std::make_shared<Reading>();
  reading->stream = stream_;
  step(learner::Connected{});
  if (stream_) read_or_wait(reading);
}

// A hold is for batches, not for a leader that sends more than one read can take.
void LearnerLink::read_or_wait(const std::shared_ptr<Reading>& reading) {
  if (paused_ || (held_until_ && !much_waits_)) {
    put_off_ = reading;
  } else {
    read(reading);
  }
}

void LearnerLink::go_on_reading() {
  if (paused_ || held_until_) return;
  if (const auto reading = std::exchange(put_off_, nullptr); reading && stream_) read(reading);
}

void LearnerLink::send(const wire::QuorumPacket& packet) {
  if (stream_ && handler_) write(wire::encode(packet));
}

void LearnerLink::pause() {
  paused_ = true;
  set_timer();
}

void LearnerLink::resume() {
  if (!std::exchange(paused_, false)) return;
  resumed_at_ = now();
  set_timer();
  go_on_reading();
}

void LearnerLink::hold() {
  if (stream_ && !held_until_) hold_until(now() + kMaxHold, kReadSize);
}

void LearnerLink::gather() {
  if (!stream_) return;  // what was completed is of the link before
  hold_until(now() + kMaxGather, std::clamp<std::size_t>(batch_, 1, kReadSize));
  batch_ = 0;
  stream_->wait_readable([self = shared_from_this(), stream = stream_](error_code error) {
    if (!error && self->stream_ == stream && self->held_until_) self->let_go();
  });
}

void LearnerLink::hold_until(Instant end, std::size_t bytes) {
  held_until_ = end;
  stream_->wake_at(bytes);
  set_timer();
}

void LearnerLink::let_go() {
  if (held_until_ && stream_) stream_->wake_at(1);
  held_until_.reset();
  go_on_reading();
}

void LearnerLink::read(const std::shared_ptr<Reading>& reading) {
  stream_->read_some(asio::buffer(reading->buffer),
                     [self = shared_from_this(), reading](error_code error, std::size_t size) {
                       if (self->stream_ == reading->stream) self->was_read(reading, error, size);
                     });
}

void LearnerLink::was_read(const std::shared_ptr<Reading>& reading, error_code error,
                           std::size_t size) {
  if (error) {
    return step(learner::Closed{error == asio::error::eof ? "" : error.message()});
  }
  batch_ += size;
  step(learner::Received{BytesView(reading->buffer).first(size)});
  if (stream_ && !paused_ && learner_.backlog_due(now())) {
    apply(learner_.note_backlog(now(), stream_->available() > 0));
  }
  if (!stream_) return;
  much_waits_ = size >= kReadSize / 2 && stream_->available() >= kReadSize / 2;
  read_or_wait(reading);
}

void LearnerLink::write(Bytes bytes) {
  if (unsent_.size() + bytes.size() > kMaxUnsent) {
    return apply({Leave{Leave::Why::kBehind, "the leader does not read what we answer"}});
  }
  unsent_.insert(unsent_.end(), bytes.begin(), bytes.end());
}

// What one turn of the loop has to say goes out as one. A failed write shows as a failed read.
void LearnerLink::flush() {
  if (writing_ || unsent_.empty() || !stream_) return;
  writing_ = true;
  const auto writing = std::make_shared<Writing>(Writing{stream_, std::move(unsent_)});
  unsent_ = Bytes();
  writing->stream->write_all(asio::buffer(writing->bytes),
                             [self = shared_from_this(), writing](error_code error, std::size_t) {
                               if (self->stream_ != writing->stream) return;
                               self->writing_ = false;
                               if (!error) self->flush();
                             });
}

void LearnerLink::step(const learner::Event& event) {
  apply(learner_.step(now(), event));
  if (const Turn turn = turn_) turn();
  flush();
  set_timer();
}

// The handler may close the link at any of them.
void LearnerLink::apply(learner::Effects effects) {
  for (learner::Effect& effect : effects) {
    if (!handler_) return;
    const Handler handler = handler_;
    const bool leaves = std::holds_alternative<Leave>(effect);
    if (leaves) close();
    const auto* send = std::get_if<learner::Send>(&effect);
    Bytes answer;
    if (send && !(send->durable && settings_.holds_durable)) answer = wire::encode(send->packet);
    handler(effect);
    if (leaves) return;
    if (!answer.empty() && handler_) write(std::move(answer));
  }
}

// What came during a pause stands in the socket, and is read before the silence counts.
std::optional<Instant> LearnerLink::silence_ends() const {
  std::optional<Instant> at = learner_.deadline();
  if (!at || paused_) return std::nullopt;
  if (resumed_at_) at = std::max(*at, *resumed_at_ + learner_.read_timeout());
  return at;
}

// Every packet moves the deadline. A timer that fires before it is set again then: that is cheaper
// than setting it for each packet.
void LearnerLink::set_timer() {
  std::optional<Instant> at = silence_ends();
  if (held_until_) at = std::min(at.value_or(*held_until_), *held_until_);
  if (!at || !handler_ || (timer_at_ && *timer_at_ <= *at)) return;
  timer_at_ = at;
  timer_.expires_at(steady_clock::time_point(at->since_zero));
  timer_.async_wait([self = shared_from_this()](error_code aborted) {
    if (!aborted && self->handler_) self->timer_fired();
  });
}

void LearnerLink::timer_fired() {
  timer_at_.reset();
  const Instant at = now();
  if (held_until_ && at >= *held_until_) {
    let_go();  // what stands in the socket is read before the silence counts
  } else if (const auto end = silence_ends(); end && at >= *end) {
    return step(learner::TimePassed{});
  }
  set_timer();
}

}  // namespace zkprobe::net
