#include "options.hpp"

#include <gtest/gtest.h>
#include <CLI/CLI.hpp>

namespace zkprobe::tool {
namespace {

TEST(Options, DurationsHaveANumberAndAUnit) {
  EXPECT_EQ(parse_duration("500ms"), Duration(500'000));
  EXPECT_EQ(parse_duration("5s"), Duration(5'000'000));
  EXPECT_EQ(parse_duration("2m"), Duration(120'000'000));
  EXPECT_EQ(parse_duration("1h"), Duration(3'600'000'000));
  EXPECT_EQ(parse_duration("0s"), Duration(0));
}

TEST(Options, OtherDurationsAreRefused) {
  for (const char* text : {"", "5", "s", "-1s", "1.5s", "5 s", "5sec", "1d", "5S", "+5s",
                           "99999999999999999999s", "9000000h", "367000000h"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
  EXPECT_TRUE(parse_duration("8784h").has_value());
  EXPECT_FALSE(parse_duration("8785h").has_value());
}

TEST(Options, UntilNamesAStateOrAMilestone) {
  EXPECT_EQ(parse_until("synced"), (Until{Until::What::kSynced, wire::ServerState::kLooking}));
  EXPECT_EQ(parse_until("elected"), (Until{Until::What::kElected, wire::ServerState::kLooking}));
  EXPECT_EQ(parse_until("LEADING"), (Until{Until::What::kState, wire::ServerState::kLeading}));
  EXPECT_EQ(parse_until("following"), (Until{Until::What::kState, wire::ServerState::kFollowing}));
  EXPECT_EQ(parse_until("Observing"), (Until{Until::What::kState, wire::ServerState::kObserving}));
  EXPECT_EQ(parse_until("LOOKING"), (Until{Until::What::kState, wire::ServerState::kLooking}));
  EXPECT_EQ(parse_until("leader"), std::nullopt);
  EXPECT_EQ(parse_until(""), std::nullopt);
}

struct Parsed {
  SharedOptions options;
  std::string error;

  explicit Parsed(const std::string& line) {
    CLI::App app;
    add_shared_options(app, options);
    add_emulate_option(app, options, "");
    add_run_limits(app, options);
    try {
      app.parse(line);
    } catch (const CLI::ParseError& failure) {
      error = failure.what();
    }
  }
};

TEST(Options, DefaultsAreFiveSecondsAndAuto) {
  const Parsed parsed("");
  EXPECT_EQ(parsed.options.timeout, Duration(5'000'000));
  EXPECT_EQ(parsed.options.emulate, std::nullopt);
  EXPECT_FALSE(parsed.options.json);
  EXPECT_FALSE(parsed.options.run_for.has_value());
  EXPECT_FALSE(parsed.options.until.has_value());
}

TEST(Options, EachOptionIsRead) {
  const Parsed parsed("--json --timeout 300ms --emulate 3.4.6 --for 2m --until synced");
  EXPECT_EQ(parsed.error, "");
  EXPECT_TRUE(parsed.options.json);
  EXPECT_EQ(parsed.options.timeout, Duration(300'000));
  EXPECT_EQ(parsed.options.emulate, (Release{3, 4, 6}));
  EXPECT_EQ(parsed.options.run_for, Duration(120'000'000));
  EXPECT_EQ(parsed.options.until, (Until{Until::What::kSynced, wire::ServerState::kLooking}));
}

TEST(Options, ErrorsNameTheOptionTheValueAndWhatWasExpected) {
  for (const char* line : {"--timeout 5", "--timeout 0s", "--emulate 2.0", "--for soon",
                           "--until leader", "--log-level loud"}) {
    const Parsed parsed(line);
    const std::string text(line);
    const std::size_t space = text.find(' ');
    EXPECT_NE(parsed.error.find(text.substr(0, space)), std::string::npos) << parsed.error;
    EXPECT_NE(parsed.error.find("'" + text.substr(space + 1) + "'"), std::string::npos)
        << parsed.error;
    EXPECT_NE(parsed.error.find("expected"), std::string::npos) << parsed.error;
  }
}

}  // namespace
}  // namespace zkprobe::tool
