#include "election/rules.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace zkprobe::election {
namespace {

// Every release that changed a rule, and its neighbour before.
const std::vector<Release> kReleases{
    {3, 3, 6},  {3, 4, 0}, {3, 4, 3}, {3, 4, 4}, {3, 4, 5}, {3, 4, 6}, {3, 4, 12},    {3, 4, 13},
    {3, 4, 14}, {3, 5, 0}, {3, 5, 1}, {3, 5, 3}, {3, 5, 4}, {3, 5, 5}, {3, 5, 8},     {3, 5, 9},
    {3, 5, 10}, {3, 6, 0}, {3, 6, 1}, {3, 6, 2}, {3, 7, 2}, {3, 8, 0}, kNewestRelease};

std::vector<Release> releases_with(bool Rules::*rule) {
  std::vector<Release> with;
  for (const Release release : kReleases) {
    if (rules_of(release).*rule) with.push_back(release);
  }
  return with;
}

std::vector<Release> between(Release first, Release last) {
  std::vector<Release> some;
  for (const Release release : kReleases) {
    if (release >= first && release <= last) some.push_back(release);
  }
  return some;
}

std::vector<Release> both(std::vector<Release> a, const std::vector<Release>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

TEST(Rules, The33LineStandsAlone) {
  const auto only_33 = between({3, 3, 6}, {3, 3, 6});
  EXPECT_EQ(only_33, releases_with(&Rules::all_voted_ends_the_round));
  EXPECT_EQ(only_33, releases_with(&Rules::trusts_leading_in_round));
  EXPECT_EQ(between({3, 4, 0}, kNewestRelease), releases_with(&Rules::knows_peer_epoch));
}

TEST(Rules, AnswersChangedIn346And350And355) {
  EXPECT_EQ(between({3, 3, 6}, {3, 4, 14}), releases_with(&Rules::answers_strangers_unread));
  EXPECT_EQ(between({3, 3, 6}, {3, 4, 5}), releases_with(&Rules::answers_with_clock));
  EXPECT_EQ(between({3, 4, 6}, {3, 4, 14}),
            releases_with(&Rules::answers_old_versions_with_old_epoch));
  EXPECT_EQ(between({3, 5, 0}, {3, 5, 4}), releases_with(&Rules::forgets_round));
  EXPECT_EQ(between({3, 4, 6}, kNewestRelease), releases_with(&Rules::settles_epoch));
}

TEST(Rules, VotesAreJudgedMoreStrictlyWithTime) {
  EXPECT_EQ(between({3, 4, 4}, kNewestRelease), releases_with(&Rules::checks_own_round));
  EXPECT_EQ(both(between({3, 4, 13}, {3, 4, 14}), between({3, 5, 4}, kNewestRelease)),
            releases_with(&Rules::checks_candidate));
  EXPECT_EQ(between({3, 6, 0}, kNewestRelease), releases_with(&Rules::ignores_unknown_zxid));
  EXPECT_EQ(between({3, 6, 0}, kNewestRelease), releases_with(&Rules::keeps_state_in_round));
  EXPECT_EQ(between({3, 5, 0}, {3, 5, 4}), releases_with(&Rules::blanks_numbers_outside_round));
}

TEST(Rules, ConfigurationsCameWith350) {
  EXPECT_EQ(between({3, 5, 0}, kNewestRelease), releases_with(&Rules::exchanges_configs));
  EXPECT_EQ(between({3, 5, 1}, kNewestRelease), releases_with(&Rules::takes_configs_only_looking));
  EXPECT_EQ(between({3, 5, 4}, kNewestRelease), releases_with(&Rules::asks_reconfig_enabled));
  EXPECT_EQ(both(between({3, 5, 9}, {3, 5, 10}), between({3, 6, 2}, kNewestRelease)),
            releases_with(&Rules::last_seen_needs_reconfig));
  EXPECT_EQ(between({3, 8, 0}, kNewestRelease), releases_with(&Rules::knows_oracle));
}

}  // namespace
}  // namespace zkprobe::election
