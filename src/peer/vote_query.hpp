// Asks a server for its current vote over its election port, without being a member and without
// changing anything there. Every release from 3.3.6 on answers, whatever its state.
//
//   greeting      kAskerId:long                           the bare form, which every release reads
//   notification  40:int, then a version 1 notification   no release sees a configuration in it
//
// both in one write. The server answers a sender that is no voter at once, with its current vote
// (FastLeaderElection.Messenger.WorkerReceiver.run).
//
// Which answer to believe. A new link brings first what the server's slot for this id still holds,
// or else the last message that it ever sent to this id (QuorumCnxManager.SendWorker.run): an old
// answer, to an earlier question. After it, every frame was made for a question of this link,
// because the slot holds one message and a new one takes the place of an unsent one. So the first
// answers are thrown away, the question is asked again, and the next answer counts. 3.3 keeps up
// to 100 messages instead of one: there the second question waits until nothing comes any more.
//
// Two askers use one id, so the later one takes the link from the earlier one, which asks again
// after a random pause. An answer may get lost in that moment, so a question without an answer is
// asked again after a second.
#pragma once

#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/random.hpp"
#include "base/release.hpp"
#include "base/time.hpp"
#include "wire/framer.hpp"
#include "wire/notification.hpp"
#include "wire/quorum_config.hpp"

namespace zkprobe::peer {

// 9223372036854741611, the largest ids but a few thousand, with "zk" in its last two bytes. Above
// every id that people give, so that the server keeps the link; not QuorumPeer.OBSERVER_ID, which
// a server turns into an id below its own. One id for all questions: a server keeps a queue for
// each id it ever met.
inline constexpr Sid kAskerId{0x7fffffffffff7a6b};
static_assert(kAskerId < kObserverId);

// The greeting and the notification.
Bytes vote_question();

struct VoteAnswer {
  wire::Notification notification;
  wire::NotificationForm form = wire::NotificationForm::kBytes28;
  // What a v2 answer carries; config_error says why the text could not be read.
  std::optional<wire::QuorumConfig> config;
  std::optional<std::string> config_error;
  // From the first question on the link to this answer: one or two ways there and back.
  Duration took{0};

  bool operator==(const VoteAnswer&) const = default;
};

struct QueryFailure {
  enum class Kind {
    kUnreachable,   // no connection
    kSilent,        // a connection, but no answer in time
    kClosed,        // the server closed the link each time
    kNoVote,        // bytes came that are no vote
    kAskerIsMember  // the configuration in the answer names kAskerId: never ask this ensemble
  };
  Kind kind = Kind::kUnreachable;
  std::string text;

  bool operator==(const QueryFailure&) const = default;
};

class VoteQuery {
 public:
  // Without an answer for so long, the question is asked again on the same link.
  static constexpr Duration kAskAgain = std::chrono::seconds(1);
  // 3.3: so long without a frame, and its queue is empty.
  static constexpr Duration kQuiet = std::chrono::milliseconds(50);
  // Links that the server may close before the query gives up.
  static constexpr unsigned kMaxLinks = 8;
  // The pause after the n-th closed link is drawn from kMinPause to n times kPauseStep.
  static constexpr Duration kMinPause = std::chrono::milliseconds(5);
  static constexpr Duration kPauseStep = std::chrono::milliseconds(40);

  struct Settings {
    Duration timeout = std::chrono::seconds(5);  // for all links together
    // Reads as this release does; nothing: every generation's form.
    std::optional<Release> reader;
  };

  // ---- events
  struct Start {};
  struct Connected {};  // and the bytes of Connect were written
  struct ConnectFailed {
    std::string why;
  };
  struct Received {
    BytesView bytes;
  };
  struct Closed {
    std::string why;  // "end of stream", "connection reset by peer"
  };
  struct TimePassed {};
  using Event = std::variant<Start, Connected, ConnectFailed, Received, Closed, TimePassed>;

  // ---- effects
  struct Connect {
    Bytes first_bytes;  // in one write
    Duration timeout;
  };
  struct Write {
    Bytes bytes;
  };
  struct Close {};  // the link, or the attempt
  struct Finished {
    tl::expected<VoteAnswer, QueryFailure> result;
  };
  using Effect = std::variant<Connect, Write, Close, Finished>;
  using Effects = std::vector<Effect>;

  VoteQuery(Settings settings, SeededRandom random) : settings_(settings), random_(random) {}

  // Nothing comes out after Finished.
  Effects step(Instant now, const Event& event);
  // When step(TimePassed) is due; nothing before Start and after Finished.
  std::optional<Instant> deadline() const;

 private:
  enum class Phase { kIdle, kConnecting, kFirst, kSettling, kSecond, kPausing, kFinished };

  Effects start(Instant now);
  Effects connect(Instant now);
  Effects connected(Instant now);
  Effects received(Instant now, BytesView bytes);
  Effects closed(Instant now, const std::string& why);
  Effects time_passed(Instant now);
  Effects ask_again(Instant now, Phase next);
  Effects timed_out();
  Effects fail(QueryFailure::Kind kind, std::string text);
  Effects finish(tl::expected<VoteAnswer, QueryFailure> result);
  tl::expected<VoteAnswer, QueryFailure> read(BytesView payload) const;

  Settings settings_;
  SeededRandom random_;
  Phase phase_ = Phase::kIdle;
  Instant give_up_at_;
  Instant linked_at_;
  Instant wake_at_;  // the end of the pause, of the quiet time, or when to ask again
  unsigned links_closed_ = 0;
  wire::Framer framer_;
};

}  // namespace zkprobe::peer
