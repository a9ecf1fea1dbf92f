#include "net/connection.hpp"

#include "base/excerpt.hpp"

namespace zkprobe::net {

Connection::Connection(std::unique_ptr<Stream> stream, std::size_t max_frame)
    : stream_(std::move(stream)), framer_(max_frame) {}

void Connection::start(Bytes received_bytes, std::size_t greeting_size, Callbacks callbacks) {
  callbacks_ = std::move(callbacks);
  greeting_size_ = greeting_size;
  if (!received_bytes.empty()) received(received_bytes);
  if (!closed_) read();
}

void Connection::send(const Bytes& payload) {
  sending_ = wire::frame(payload);
  stream_->write_all(asio::buffer(sending_),
                     [self = shared_from_this()](error_code error, std::size_t) {
                       self->sending_.clear();
                       if (self->closed_) return;
                       if (error) return self->fail(error.message());
                       self->callbacks_.on_sent();
                     });
}

void Connection::close() {
  closed_ = true;
  stream_->close();
}

void Connection::read() {
  stream_->read_some(asio::buffer(buffer_),
                     [self = shared_from_this()](error_code error, std::size_t size) {
                       if (self->closed_) return;
                       if (error == asio::error::eof) return self->fail("closed by the peer");
                       if (error) return self->fail(error.message());
                       self->received(BytesView(self->buffer_).first(size));
                       if (!self->closed_) self->read();
                     });
}

void Connection::received(BytesView bytes) {
  framer_.append(bytes);
  received_size_ += bytes.size();
  while (!closed_) {
    auto payload = framer_.next();
    if (!payload) return fail(refusal(payload.error(), bytes), true);
    if (!*payload) return;
    callbacks_.on_payload(std::move(**payload));
  }
}

std::string Connection::refusal(DecodeError error, BytesView bytes) const {
  const std::size_t before = received_size_ - bytes.size();
  const std::size_t from = error.offset > before ? error.offset - before : 0;
  error.offset += greeting_size_;
  return to_string(error) +
         "; bytes there: " + excerpt(bytes.subspan(std::min(from, bytes.size())));
}

void Connection::fail(const std::string& why, bool garbage) {
  close();
  callbacks_.on_closed(why, garbage);
}

}  // namespace zkprobe::net
