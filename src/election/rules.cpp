#include "election/rules.hpp"

namespace zkprobe::election {

namespace {

// From `first`, which is a release of the 3.4 line, or from `first_of_35` on.
bool since(Release release, Release first, Release first_of_35) {
  return release < Release{3, 5, 0} ? release >= first : release >= first_of_35;
}

}  // namespace

Rules rules_of(Release release) {
  const bool is_33 = release < Release{3, 4, 0};
  const bool has_configs = release >= Release{3, 5, 0};
  const bool early_35 = has_configs && release < Release{3, 5, 5};
  const bool since_346 = release >= Release{3, 4, 6};
  const bool since_360 = release >= Release{3, 6, 0};
  return Rules{
      .knows_peer_epoch = !is_33,
      .all_voted_ends_the_round = is_33,
      .trusts_leading_in_round = is_33,
      .answers_strangers_unread = !has_configs,
      .answers_with_clock = !since_346,
      .forgets_round = early_35,
      .answers_old_versions_with_old_epoch = since_346 && !has_configs,
      .settles_epoch = since_346,
      .checks_candidate = since(release, {3, 4, 13}, {3, 5, 4}),
      .checks_own_round = release >= Release{3, 4, 4},
      .ignores_unknown_zxid = since_360,
      .keeps_state_in_round = since_360,
      .blanks_numbers_outside_round = early_35,
      .exchanges_configs = has_configs,
      .takes_configs_only_looking = release >= Release{3, 5, 1},
      .asks_reconfig_enabled = release >= Release{3, 5, 4},
      .last_seen_needs_reconfig = release >= Release{3, 6, 2} ||
                                  (release >= Release{3, 5, 9} && release < Release{3, 6, 0}),
      .knows_oracle = release >= Release{3, 8, 0},
  };
}

}  // namespace zkprobe::election
