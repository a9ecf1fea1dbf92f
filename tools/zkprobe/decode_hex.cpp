#include "decode_hex.hpp"

#include <optional>
#include <utility>
#include <vector>

#include "capture/recognise.hpp"
#include "capture/side_reader.hpp"
#include "wire/framer.hpp"

namespace zkprobe::tool {
namespace {

constexpr std::size_t kBareSid = 8;
constexpr std::size_t kMemory = 8 * 1'048'576;

// The first message that a side of a stream would have read.
struct First : capture::SideOutput {
  void on_body(const capture::Place& /*place*/, std::uint64_t /*offset*/, BytesView bytes,
               const capture::MessageBody& message) override {
    if (body) return;
    body = message;
    size = bytes.size();
  }
  void on_sasl() override {}
  void on_skipped(std::uint64_t /*bytes*/) override {}
  void on_unfinished() override {}

  std::optional<capture::MessageBody> body;
  std::size_t size = 0;
};

First read_as(capture::SideReader::Step step, BytesView bytes) {
  First first;
  capture::Budget budget{kMemory, 0};
  capture::SideReader reader(budget, first);
  reader.become(step, {});
  reader.bytes({}, bytes);
  reader.close({});
  return first;
}

bool is_whole(const First& first, BytesView bytes) {
  if (!first.body || std::holds_alternative<capture::Malformed>(*first.body)) return false;
  const auto* packet = std::get_if<capture::SeenPacket>(&*first.body);
  // A SNAP may have its stream behind it.
  return first.size == bytes.size() || (packet != nullptr && packet->snapshot);
}

}  // namespace

tl::expected<capture::MessageBody, std::string> decode_one(BytesView bytes) {
  using Step = capture::SideReader::Step;
  const Bytes framed = wire::frame(bytes);
  struct Attempt {
    Step step;
    BytesView bytes;
  };
  const std::vector<Attempt> attempts = {{Step::kFrames, bytes},
                                         {Step::kPackets, bytes},
                                         {Step::kFrames, framed},
                                         {Step::kGreeting, bytes}};
  for (const Attempt& attempt : attempts) {
    const First first = read_as(attempt.step, attempt.bytes);
    if (is_whole(first, attempt.bytes)) return *first.body;
  }
  // Nearly one of them: what its reader says about it.
  const auto nearly = [&](Step step, std::string_view what) -> capture::MessageBody {
    const First first = read_as(step, bytes);
    if (first.body && std::holds_alternative<capture::Malformed>(*first.body)) return *first.body;
    const std::string found = std::to_string(bytes.size()) + " bytes";
    if (!first.body) {
      return capture::Malformed{
          what, {DecodeFault::kTruncated, std::string(what), 0, "more bytes", found}, {}};
    }
    return capture::Malformed{
        what,
        {DecodeFault::kMalformed, std::string(what), first.size, "the end of the message", found},
        {}};
  };
  if (bytes.size() > kBareSid && capture::match_greeting(bytes) == capture::Match::kYes) {
    return nearly(Step::kGreeting, "greeting");
  }
  if (bytes.size() >= 4 && capture::match_packet(bytes) != capture::Match::kNo) {
    return nearly(Step::kPackets, "packet");
  }
  if (bytes.size() >= 4 && capture::match_frame(bytes) != capture::Match::kNo) {
    return nearly(Step::kFrames, "frame");
  }
  return tl::unexpected(
      std::to_string(bytes.size()) +
      " bytes: expected one greeting, frame, notification or quorum packet and nothing else");
}

}  // namespace zkprobe::tool
