#include "wire/initial_message.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "support/fixtures.hpp"

namespace zkprobe::wire {
namespace {

Dialect of(std::string_view release) {
  Dialect dialect;
  dialect.release = *parse_release(release);
  return dialect;
}

constexpr const char* kReleases[] = {"3.3.6", "3.4.5", "3.4.6",  "3.4.14", "3.5.0",
                                     "3.5.1", "3.5.6", "3.5.10", "3.6.0",  "3.9.6"};

Decoded<std::optional<Greeting>> decode(BytesView bytes, std::string_view release) {
  return decode_greeting(test::ExactBuffer(bytes).view(), of(release));
}

Bytes greeting(std::int64_t version, std::string_view text, std::int64_t sid = 7) {
  Writer writer;
  writer.i64(version);
  writer.i64(sid);
  writer.i32(static_cast<std::int32_t>(text.size()));
  writer.text(text);
  return writer.take();
}

// "ok a:1|b:2", "incomplete" or "refused".
std::string outcome(const Decoded<std::optional<Greeting>>& result) {
  if (!result) return "refused";
  if (!result->has_value()) return "incomplete";
  std::string text = "ok";
  for (const HostPort& address : (*result)->message.addresses) text += " " + to_string(address);
  return text;
}

TEST(Greeting, AFirstLongThatIsNotNegativeIsTheSidForEveryRelease) {
  for (const char* release : kReleases) {
    for (const std::int64_t sid :
         {std::int64_t{0}, std::int64_t{5'000'000'000}, std::numeric_limits<std::int64_t>::max()}) {
      const InitialMessage message{GreetingForm::kBareSid, Sid(sid), {}};
      const auto read = decode(encode(message), release);
      ASSERT_TRUE(read && *read) << release;
      EXPECT_EQ(**read, (Greeting{message, 8}));
    }
  }
}

TEST(Greeting, ANegativeFirstLongIsASidUntil345) {
  for (const char* release : {"3.3.6", "3.4.5"}) {
    const auto read = decode(greeting(kGreetingV1, "a:1"), release);
    ASSERT_TRUE(read && *read);
    EXPECT_EQ(**read, (Greeting{{GreetingForm::kBareSid, Sid(-65536), {}}, 8}));
  }
}

TEST(Greeting, AnyVersionIsTakenAndTheTextSkippedIn346To3414) {
  for (const char* release : {"3.4.6", "3.4.14"}) {
    for (const std::int64_t version : {kGreetingV1, std::int64_t{-1}, std::int64_t{-99}}) {
      const auto read = decode(greeting(version, "no address at all"), release);
      ASSERT_TRUE(read && *read);
      EXPECT_EQ(**read, (Greeting{{GreetingForm::kV1, Sid(7), {}}, 37}));
    }
    EXPECT_EQ(decode(greeting(kGreetingV2, ""), release).value()->size, 20U);
  }
}

TEST(Greeting, Release350LooksAtTheTextOnlyBehindAVersionThatItKnows) {
  EXPECT_EQ(outcome(decode(greeting(kGreetingV2, "junk"), "3.5.0")), "ok");
  EXPECT_EQ(outcome(decode(greeting(-1, ""), "3.5.0")), "ok");
  EXPECT_EQ(outcome(decode(greeting(kGreetingV1, "a:1:more"), "3.5.0")), "ok a:1");
  EXPECT_EQ(outcome(decode(greeting(kGreetingV1, "junk"), "3.5.0")), "refused");
  EXPECT_EQ(outcome(decode(greeting(kGreetingV1, ""), "3.5.0")), "refused");
}

TEST(Greeting, OtherVersionsAreRefusedFrom351On) {
  for (const char* release : {"3.5.1", "3.5.10", "3.6.0", "3.9.6"}) {
    for (const std::int64_t version : {std::int64_t{-65534}, std::int64_t{-65537}, std::int64_t{-1},
                                       std::numeric_limits<std::int64_t>::min()}) {
      const auto read = decode(greeting(version, "a:1"), release);
      ASSERT_FALSE(read.has_value());
      EXPECT_EQ(read.error().field, "protocolVersion");
    }
  }
  EXPECT_EQ(outcome(decode(greeting(kGreetingV2, "a:1"), "3.5.10")), "refused");
  EXPECT_EQ(outcome(decode(greeting(kGreetingV2, "a:1"), "3.6.0")), "ok a:1");
}

TEST(Greeting, Ipv6IsReadFrom357On) {
  const Bytes bytes = greeting(kGreetingV1, "[::1]:3888");
  EXPECT_EQ(outcome(decode(bytes, "3.5.6")), "refused");
  EXPECT_EQ(outcome(decode(bytes, "3.5.7")), "ok [::1]:3888");
  EXPECT_EQ(outcome(decode(bytes, "3.9.6")), "ok [::1]:3888");
  EXPECT_EQ(outcome(decode(greeting(kGreetingV1, "[::1]x1"), "3.5.10")), "refused");
  EXPECT_EQ(outcome(decode(greeting(kGreetingV1, "[::1]x1"), "3.6.0")), "ok [::1]:1");
}

TEST(Greeting, SeveralAddressesAreReadFrom360OnInBothVersions) {
  for (const std::int64_t version : {kGreetingV1, kGreetingV2}) {
    EXPECT_EQ(outcome(decode(greeting(version, "a:1|[::1]:2"), "3.9.6")), "ok a:1 [::1]:2");
    EXPECT_EQ(outcome(decode(greeting(version, "a:1|"), "3.9.6")), "ok a:1");
    EXPECT_EQ(outcome(decode(greeting(version, "|"), "3.9.6")), "ok");
    for (const char* bad : {"a:1||b:2", "a:1|b", "a:1|b:x", "a:1|b:65536", "|a:1", "a", "a:-1",
                            "a:1:2", "[::1:1", "[::1]:", ":", " "}) {
      EXPECT_EQ(outcome(decode(greeting(version, bad), "3.9.6")), "refused") << bad;
    }
  }
  EXPECT_EQ(outcome(decode(greeting(kGreetingV1, "a:1|b:2"), "3.5.10")), "refused");
}

TEST(Greeting, AnEmptyHostIsLocalhostAsInJava) {
  EXPECT_EQ(outcome(decode(greeting(kGreetingV1, ":3888"), "3.9.6")), "ok localhost:3888");
  EXPECT_EQ(outcome(decode(greeting(kGreetingV1, ":3888"), "3.5.1")), "ok localhost:3888");
}

TEST(Greeting, HostileLengthsAreRefusedAtOnce) {
  Bytes bytes = greeting(kGreetingV1, "");
  for (const char* release : {"3.4.6", "3.4.14", "3.5.0", "3.5.1", "3.9.6"}) {
    for (const std::int32_t length : {-1, std::numeric_limits<std::int32_t>::min(), 2049, 1'048'576,
                                      std::numeric_limits<std::int32_t>::max()}) {
      Writer writer;
      writer.raw(BytesView(bytes).first(16));
      writer.i32(length);
      const auto read = decode(writer.bytes(), release);
      ASSERT_FALSE(read.has_value()) << release << " " << length;
      EXPECT_EQ(read.error().field, "addressLength");
      EXPECT_EQ(read.error().fault, DecodeFault::kOutOfRange);
      EXPECT_EQ(read.error().offset, 16U);
    }
  }
  EXPECT_EQ(outcome(decode(bytes, "3.4.14")), "ok");
  EXPECT_EQ(outcome(decode(bytes, "3.5.1")), "refused");
  EXPECT_EQ(outcome(decode(bytes, "3.9.6")), "refused");
}

TEST(Greeting, ATextOf2048BytesIsTheLongest) {
  const std::string host(2043, 'h');
  EXPECT_EQ(outcome(decode(greeting(kGreetingV1, host + ":3888"), "3.9.6")),
            "ok " + host + ":3888");
  EXPECT_EQ(outcome(decode(greeting(kGreetingV1, host + "h:3888"), "3.9.6")), "refused");
}

TEST(Greeting, EveryProperPrefixIsIncompleteAndWhatFollowsIsLeft) {
  for (const char* file : {"greeting-3.9.3", "greeting-3.9.3-v2", "greeting-3.4.13"}) {
    Bytes bytes = test::read_golden("wire/" + std::string(file) + ".hex");
    for (std::size_t n = 0; n < bytes.size(); ++n) {
      const auto read = decode(BytesView(bytes).first(n), "3.9.6");
      ASSERT_TRUE(read.has_value()) << n;
      EXPECT_FALSE(read->has_value()) << n;
    }
    const std::size_t size = bytes.size();
    bytes.push_back(0x5f);
    EXPECT_EQ(decode(bytes, "3.9.6").value()->size, size);
  }
}

TEST(Greeting, LenientReadsAsTheNewestRelease) {
  Dialect reader = of("3.3.6");
  reader.lenient = true;
  const Bytes bytes = greeting(kGreetingV2, "a:1|b:2");
  EXPECT_EQ(outcome(decode_greeting(bytes, reader)), "ok a:1 b:2");
}

TEST(Greeting, AnyLongMayBeTheSidBehindAVersion) {
  for (const std::int64_t sid : {std::int64_t{-1}, kObserverId.value}) {
    EXPECT_EQ(decode(greeting(kGreetingV1, "a:1", sid), "3.9.6").value()->message.sid, Sid(sid));
  }
}

TEST(HostPort, PrintsAndReadsBothFamilies) {
  EXPECT_EQ(to_string(HostPort{"zk1", 3888}), "zk1:3888");
  EXPECT_EQ(to_string(HostPort{"::1", 3888}), "[::1]:3888");
  EXPECT_EQ(parse_host_port("[::1]:3888"), (HostPort{"::1", 3888}));
  EXPECT_EQ(parse_host_port("zk1:0"), (HostPort{"zk1", 0}));
  for (const char* text : {"", "zk1", "zk1:", "zk1:x", "zk1:65536", "a:1:2", "::1:3888", "[::1"}) {
    EXPECT_FALSE(parse_host_port(text).has_value()) << text;
  }
}

// ZOOKEEPER-2164: a server that is configured as 0.0.0.0 must not be dialled there.
TEST(Wildcard, IsKnownInEverySpelling) {
  for (const char* host : {"0.0.0.0", "::", "[::]", "0:0:0:0:0:0:0:0", "[0:0:0:0:0:0:0:0]", "0"}) {
    EXPECT_TRUE(is_wildcard({host, 3888})) << host;
  }
  for (const char* host : {"127.0.0.1", "::1", "[::1]", "localhost", "[", "[]"}) {
    EXPECT_FALSE(is_wildcard({host, 3888})) << host;
  }
  const auto golden = decode(test::read_golden("wire/greeting-3.5.10-wildcard.hex"), "3.9.6");
  EXPECT_TRUE(is_wildcard(golden.value()->message.addresses.at(0)));
}

}  // namespace
}  // namespace zkprobe::wire
