// Every file of fixtures/config must be read as the real QuorumPeerConfig of the releases read it
// (fixtures/config/java.txt; tests/interop/config_test.py asks Java itself).
#include "peer/config_summary.hpp"

#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "peer/config_fixtures.hpp"

namespace zkprobe::peer {
namespace {

struct Expectation {
  Release release;
  std::string name;
  bool accepted = false;
  std::string summary;
};

std::vector<Expectation> expectations() {
  std::vector<Expectation> all;
  std::istringstream text(test::read_fixture("config/java.txt"));
  std::string line;
  while (std::getline(text, line)) {
    if (line.starts_with('#')) continue;
    std::istringstream fields(line);
    std::string releases;
    std::string verdict;
    Expectation made;
    std::getline(fields, made.name, '\t');
    std::getline(fields, releases, '\t');
    std::getline(fields, verdict, '\t');
    std::getline(fields, made.summary);
    made.accepted = verdict == "accept";
    std::istringstream each(releases);
    for (std::string release; std::getline(each, release, ',');) {
      made.release = parse_release(release).value();
      all.push_back(made);
    }
  }
  return all;
}

TEST(ConfigSummary, EveryFixtureIsReadAsTheReleasesOfJavaReadIt) {
  for (const Expectation& expected : expectations()) {
    SCOPED_TRACE(expected.name + " as " + to_string(expected.release));
    auto files = test::config_fixture(expected.name);
    ReadSettings settings;
    settings.release = expected.release;
    const auto config = read_config("/dir/zoo.cfg", files, settings);
    EXPECT_EQ(config.has_value(), expected.accepted)
        << (config ? to_string(summarize(*config)) : to_string(config.error()));
    if (config && expected.accepted) {
      EXPECT_EQ(to_string(summarize(*config)), expected.summary);
    }
  }
}

TEST(ConfigSummary, EveryFixtureHasBeenShownToEveryRelease) {
  std::map<std::string, int> shown;
  for (const Expectation& expected : expectations()) ++shown[expected.name];
  for (const std::string& file : test::list_fixtures("config")) {
    if (!file.ends_with(".cfg")) continue;
    const std::string name = file.substr(7, file.size() - 11);
    EXPECT_EQ(shown[name], 12) << name;
  }
}

}  // namespace
}  // namespace zkprobe::peer
