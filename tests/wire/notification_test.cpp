// The table "Readers" of src/wire/README.md, cell by cell.
#include "wire/notification.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "support/fixtures.hpp"

namespace zkprobe::wire {
namespace {

Dialect of(std::string_view release) {
  Dialect dialect;
  dialect.lenient = release == "auto";
  if (!dialect.lenient) dialect.release = *parse_release(release);
  return dialect;
}

constexpr const char* kReleases[] = {"3.3.6", "3.4.0",  "3.4.5", "3.4.6", "3.4.14", "3.5.0",
                                     "3.5.7", "3.5.10", "3.6.0", "3.9.6", "auto"};

Decoded<Notification> decode(BytesView bytes, std::string_view release) {
  return decode_notification(test::ExactBuffer(bytes).view(), of(release));
}

// A vote that sets every field: LEADING 3, zxid 0x200000005, round 9, epoch 2, version, text.
Bytes message(std::int32_t version, std::string_view text) {
  Writer writer;
  writer.i32(2);
  writer.i64(3);
  writer.i64(0x200000005);
  writer.i64(9);
  writer.i64(4);
  writer.i32(version);
  writer.i32(static_cast<std::int32_t>(text.size()));
  writer.text(text);
  return writer.take();
}

// What `release` makes of the first `size` bytes: "peerEpoch/version[/config]" or the field in the
// error.
std::string read(std::size_t size, std::string_view release, std::int32_t version = 2,
                 std::string_view text = "server") {
  const Bytes bytes = message(version, text);
  const auto n = decode(BytesView(bytes).first(size), release);
  if (!n) return n.error().field;
  EXPECT_EQ(n->state, ServerState::kLeading);
  EXPECT_EQ(n->leader, Sid(3));
  EXPECT_EQ(n->zxid, Zxid(0x200000005));
  EXPECT_EQ(n->election_epoch, ElectionRound(9));
  std::string seen = to_string(n->peer_epoch) + "/" + std::to_string(n->version);
  if (n->config) seen += "/" + *n->config;
  return seen;
}

TEST(Notification, Below28BytesIsDroppedByAll) {
  for (const char* release : kReleases) {
    for (std::size_t size = 0; size < 28; ++size) EXPECT_EQ(read(size, release), "notification");
  }
}

TEST(Notification, Of28BytesTakesTheEpochFromTheZxidFrom340On) {
  EXPECT_EQ(read(28, "3.3.6"), "0/0");
  for (const char* release : {"3.4.0", "3.4.14", "3.5.0", "3.9.6", "auto"}) {
    EXPECT_EQ(read(28, release), "2/0") << release;
  }
}

TEST(Notification, Of29To35BytesIsReadBy33Only) {
  for (std::size_t size = 29; size < 36; ++size) {
    for (const char* release : kReleases) {
      EXPECT_EQ(read(size, release), release == std::string("3.3.6") ? "0/0" : "peerEpoch");
    }
  }
}

TEST(Notification, Of36To39BytesIsReadUntil34AndByAuto) {
  for (std::size_t size = 36; size < 40; ++size) {
    EXPECT_EQ(read(size, "3.3.6"), "0/0");
    for (const char* release : {"3.4.0", "3.4.5", "3.4.6", "3.4.14"}) {
      EXPECT_EQ(read(size, release), "4/0") << release;
    }
    for (const char* release : {"3.5.0", "3.5.7", "3.5.10", "3.6.0", "3.9.6"}) {
      EXPECT_EQ(read(size, release), "version") << release;
    }
    EXPECT_EQ(read(size, "auto"), size == 36 ? "4/0" : "version");
  }
}

TEST(Notification, Of40BytesIsVersion0From350On) {
  EXPECT_EQ(read(40, "3.4.5", 1), "4/0");
  EXPECT_EQ(read(40, "3.4.6", 1), "4/1");
  EXPECT_EQ(read(40, "3.4.14", 7), "4/7");
  for (const char* release : {"3.5.0", "3.5.10", "3.6.0", "3.9.6", "auto"}) {
    EXPECT_EQ(read(40, release, 1), "4/0") << release;
    EXPECT_EQ(read(40, release, 2), "4/0") << release;
  }
}

TEST(Notification, Of41To43BytesNeedsAVersionBelow2From350On) {
  for (std::size_t size = 41; size < 44; ++size) {
    EXPECT_EQ(read(size, "3.4.5"), "4/0");
    EXPECT_EQ(read(size, "3.4.14"), "4/2");
    for (const char* release : {"3.5.0", "3.9.6", "auto"}) {
      EXPECT_EQ(read(size, release, 1), "4/1") << release;
      EXPECT_EQ(read(size, release, -5), "4/-5") << release;
      EXPECT_EQ(read(size, release, 2), "configLength") << release;
    }
  }
}

TEST(Notification, CarriesTheConfigurationFrom350On) {
  EXPECT_EQ(read(50, "3.3.6"), "0/0");
  EXPECT_EQ(read(50, "3.4.5"), "4/0");
  EXPECT_EQ(read(50, "3.4.14"), "4/2");
  for (const char* release : {"3.5.0", "3.6.0", "3.9.6", "auto"}) {
    EXPECT_EQ(read(50, release), "4/2/server") << release;
    EXPECT_EQ(read(50, release, 3), "4/3/server") << release;
    EXPECT_EQ(read(50, release, 1), "4/1") << release;  // nothing behind version 1 is read
    EXPECT_EQ(read(44, release, 2, ""), "4/2/") << release;
  }
}

TEST(Notification, EveryTruncationOfTheConfigurationIsRefused) {
  for (std::size_t size = 44; size < 50; ++size) EXPECT_EQ(read(size, "3.9.6"), "configLength");
}

TEST(Notification, OneByteMoreIsIgnored) {
  Bytes bytes = message(2, "server");
  bytes.push_back(0xee);
  EXPECT_EQ(decode(bytes, "3.9.6")->config, "server");
  EXPECT_EQ(decode(bytes, "3.3.6")->version, 0);
}

// ZOOKEEPER-3769: such lengths ended the receiver thread of older releases.
TEST(Notification, HostileConfigLengthsAreRefused) {
  for (const std::int32_t length : {-1, std::numeric_limits<std::int32_t>::min(), 7, 50, 10'000,
                                    std::numeric_limits<std::int32_t>::max()}) {
    Bytes bytes = message(2, "server");
    Writer writer;
    writer.raw(BytesView(bytes).first(40));
    writer.i32(length);
    writer.text("server");
    for (const char* release : {"3.5.0", "3.5.10", "3.9.6", "auto"}) {
      const auto n = decode(writer.bytes(), release);
      ASSERT_FALSE(n.has_value()) << length;
      EXPECT_EQ(n.error(), (DecodeError{DecodeFault::kOutOfRange, "configLength", 40, "0..6",
                                        std::to_string(length)}));
    }
    EXPECT_TRUE(decode(writer.bytes(), "3.4.14").has_value());
  }
}

TEST(Notification, AnUnknownStateIsLookingUntil345AndDroppedLater) {
  for (const std::int32_t state : {-1, 4, std::numeric_limits<std::int32_t>::max()}) {
    Writer writer;
    writer.i32(state);
    writer.raw(BytesView(message(2, "")).subspan(4));
    for (const char* release : {"3.3.6", "3.4.0", "3.4.5"}) {
      EXPECT_EQ(decode(writer.bytes(), release)->state, ServerState::kLooking);
    }
    for (const char* release : {"3.4.6", "3.4.14", "3.5.0", "3.9.6", "auto"}) {
      const auto n = decode(writer.bytes(), release);
      ASSERT_FALSE(n.has_value());
      EXPECT_EQ(n.error().field, "state");
    }
  }
}

TEST(Notification, TheStateIsJudgedLast) {
  Writer writer;
  writer.i32(99);
  writer.raw(BytesView(message(2, "server")).subspan(4, 42));
  EXPECT_EQ(decode(writer.bytes(), "3.9.6").error().field, "configLength");
}

TEST(Notification, EncodesEachForm) {
  const Notification n{ServerState::kLeading, Sid(3), Zxid(0x200000005), ElectionRound(9),
                       PeerEpoch(4),          2,      "server"};
  const Bytes whole = message(2, "server");
  EXPECT_EQ(encode(n, NotificationForm::kConfig), whole);
  EXPECT_EQ(encode(n, NotificationForm::kBytes36), Bytes(whole.begin(), whole.begin() + 36));
  EXPECT_EQ(encode(n, NotificationForm::kBytes28), Bytes(whole.begin(), whole.begin() + 28));
  const Bytes version1 = message(1, "");
  EXPECT_EQ(encode(n, NotificationForm::kBytes40), Bytes(version1.begin(), version1.begin() + 40));
  Notification without = n;
  without.config.reset();
  EXPECT_EQ(encode(without, NotificationForm::kConfig), message(2, ""));
}

TEST(Notification, EveryReleaseReadsWhatEveryNewerOneSends) {
  const Notification n{ServerState::kFollowing,
                       Sid(3),
                       Zxid(0x200000005),
                       ElectionRound(9),
                       PeerEpoch(2),
                       2,
                       "version=0"};
  for (const char* release : kReleases) {
    const auto seen = decode(encode(n, NotificationForm::kConfig), release);
    ASSERT_TRUE(seen.has_value()) << release;
    EXPECT_EQ(seen->leader, n.leader);
    EXPECT_EQ(seen->state, n.state);
  }
}

TEST(NotificationForm, IsToldByTheLengthAndTheVersion) {
  const Bytes whole = message(2, "server");
  const auto form = [&](std::size_t size) { return form_of(BytesView(whole).first(size)); };
  EXPECT_EQ(form(28), NotificationForm::kBytes28);
  EXPECT_EQ(form(36), NotificationForm::kBytes36);
  EXPECT_EQ(form(40), NotificationForm::kBytes40);
  EXPECT_EQ(form(44), NotificationForm::kConfig);
  EXPECT_EQ(form(50), NotificationForm::kConfig);
  for (const std::size_t size : {0, 27, 29, 35, 37, 41, 43}) {
    EXPECT_EQ(form(size), std::nullopt) << size;
  }
  EXPECT_EQ(form_of(message(1, "server")), std::nullopt);
  EXPECT_EQ(to_string(NotificationForm::kBytes36), "36");
  EXPECT_EQ(to_string(NotificationForm::kConfig), "v2");
}

}  // namespace
}  // namespace zkprobe::wire
