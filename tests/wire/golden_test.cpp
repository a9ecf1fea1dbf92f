// Every golden file of the election port, read as fixtures/wire/expected.txt says and written
// again. The expected lines were made without this code: see fixtures/wire/README.md.
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "support/fixtures.hpp"
#include "wire/describe.hpp"
#include "wire/framer.hpp"

namespace zkprobe::wire {
namespace {

struct Expectation {
  std::string file;
  std::string kind;
  Dialect reader;
  std::string line;
};

std::vector<Expectation> read_expectations() {
  std::vector<Expectation> expectations;
  std::istringstream lines(test::read_fixture("wire/expected.txt"));
  std::string text;
  while (std::getline(lines, text)) {
    if (text.empty() || text[0] == '#') continue;
    std::istringstream words(text);
    Expectation expectation;
    std::string reader;
    std::string equals;
    words >> expectation.file >> expectation.kind >> reader >> equals;
    if (reader == "auto") {
      expectation.reader.lenient = true;
    } else {
      expectation.reader.release = parse_release(reader).value();
    }
    std::getline(words >> std::ws, expectation.line);
    expectations.push_back(std::move(expectation));
  }
  return expectations;
}

std::string error_line(const DecodeError& error) { return "error " + to_string(error); }

void check_greeting(const Expectation& e, BytesView bytes) {
  const auto greeting = decode_greeting(bytes, e.reader);
  if (!greeting) {
    EXPECT_EQ(error_line(greeting.error()), e.line);
    return;
  }
  ASSERT_TRUE(greeting->has_value()) << "incomplete";
  EXPECT_EQ(describe((*greeting)->message), e.line);
  if (e.kind != "greeting") return;
  EXPECT_EQ((*greeting)->size, bytes.size());
  EXPECT_EQ(hex_encode(encode((*greeting)->message)), hex_encode(bytes));
}

void check_notification(const Expectation& e, BytesView bytes) {
  const auto notification = decode_notification(bytes, e.reader);
  if (!notification) {
    EXPECT_EQ(error_line(notification.error()), e.line);
    return;
  }
  EXPECT_EQ(describe(*notification), e.line);
  if (e.kind != "notification") return;
  const auto form = form_of(bytes);
  ASSERT_TRUE(form.has_value());
  EXPECT_EQ(hex_encode(encode(*notification, *form)), hex_encode(bytes));
}

void check_config(const Expectation& e, BytesView bytes) {
  const auto notification = decode_notification(bytes, e.reader);
  ASSERT_TRUE(notification.has_value() && notification->config.has_value());
  auto config = parse_quorum_config(*notification->config);
  ASSERT_TRUE(config.has_value()) << to_string(config.error());
  EXPECT_EQ(describe(*config), e.line);
  EXPECT_EQ(to_text(*config), *notification->config);
  order_as_java(*config);  // it came in that order
  EXPECT_EQ(to_text(*config), *notification->config);
}

void check_frames(const Expectation& e, BytesView bytes) {
  Framer framer(e.reader.max_frame());
  framer.append(bytes);
  const auto payload = framer.next();
  if (!payload) {
    EXPECT_EQ(error_line(payload.error()), e.line);
    return;
  }
  ASSERT_TRUE(payload->has_value());
  EXPECT_EQ("frame of " + std::to_string((*payload)->size()) + " bytes " + hex_encode(**payload),
            e.line);
  EXPECT_EQ(hex_encode(frame(**payload)), hex_encode(bytes));
}

// One byte at a time, as the worst of networks would deliver it.
void check_stream(const Expectation& e, BytesView bytes) {
  std::string line;
  std::optional<Greeting> greeting;
  Framer framer(e.reader.max_frame());
  for (std::size_t received = 1; received <= bytes.size(); ++received) {
    if (!greeting) {
      greeting = decode_greeting(bytes.first(received), e.reader).value();
      if (greeting) line = describe(greeting->message);
      continue;
    }
    framer.append(bytes.subspan(received - 1, 1));
    while (const auto payload = framer.next().value()) {
      line += "; " + describe(decode_notification(*payload, e.reader).value());
    }
  }
  EXPECT_EQ(line + "; " + std::to_string(framer.pending()) + " bytes wait", e.line);
}

TEST(GoldenFiles, ReadAsTheirReleaseReadsThem) {
  const auto expectations = read_expectations();
  EXPECT_GT(expectations.size(), 150U);
  for (const Expectation& e : expectations) {
    SCOPED_TRACE(e.file + " " + e.kind + " " +
                 (e.reader.lenient ? "auto" : to_string(e.reader.release)));
    const test::ExactBuffer bytes(test::read_golden("wire/" + e.file + ".hex"));
    if (e.kind == "greeting" || e.kind == "reads-greeting") {
      check_greeting(e, bytes.view());
    } else if (e.kind == "notification" || e.kind == "reads-notification") {
      check_notification(e, bytes.view());
    } else if (e.kind == "config") {
      check_config(e, bytes.view());
    } else if (e.kind == "frames") {
      check_frames(e, bytes.view());
    } else if (e.kind == "stream") {
      check_stream(e, bytes.view());
    } else {
      ADD_FAILURE() << "unknown kind";
    }
  }
}

TEST(GoldenFiles, AreAllExpectedToBeSomething) {
  std::set<std::string> expected;
  for (const Expectation& e : read_expectations()) expected.insert("wire/" + e.file + ".hex");
  static constexpr std::string_view kOurs[] = {"wire/greeting-", "wire/notification-",
                                               "wire/stream-",   "wire/hdr.",
                                               "wire/frame.",    "wire/junk.",
                                               "wire/n1",        "wire/n2",
                                               "wire/n3",        "wire/n4",
                                               "wire/n7"};
  std::size_t found = 0;
  for (const std::string& file : test::list_fixtures("wire")) {
    for (const auto prefix : kOurs) {
      if (!file.starts_with(prefix) || !file.ends_with(".hex")) continue;
      ++found;
      EXPECT_TRUE(expected.contains(file)) << file << " is not in expected.txt";
    }
  }
  EXPECT_EQ(found, expected.size());
}

// 3.5 and later would lose an older peer's vote; auto takes it.
TEST(GoldenFiles, AutoReadsEveryVoteThatAServerSent) {
  Dialect reader;
  reader.lenient = true;
  for (const std::string& file : test::list_fixtures("wire")) {
    if (!file.starts_with("wire/notification-")) continue;
    const test::ExactBuffer bytes(test::read_golden(file));
    EXPECT_TRUE(decode_notification(bytes.view(), reader).has_value()) << file;
  }
}

}  // namespace
}  // namespace zkprobe::wire
