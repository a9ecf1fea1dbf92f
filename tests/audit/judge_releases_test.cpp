// Generations that speak, and those that do not work together.
#include <gtest/gtest.h>

#include "survey_of.hpp"

namespace zkprobe::audit {
namespace {

using wire::NotificationForm;

std::string mix(NotificationForm one, NotificationForm two) {
  Sighting first = follows(101, 3);
  (*first.result)->form = one;
  Sighting second = follows(102, 3);
  (*second.result)->form = two;
  const Judged judged({first, second, [two] {
                         Sighting third = leads(103);
                         (*third.result)->form = two;
                         return third;
                       }()});
  const Ids ids = judged.ids();
  return ids.empty() ? "" : ids.front();
}

TEST(Releases, AMixIsANoteOrAProblem) {
  EXPECT_EQ(mix(NotificationForm::kConfig, NotificationForm::kConfig), "");
  EXPECT_EQ(mix(NotificationForm::kBytes40, NotificationForm::kConfig), "mixed_releases");
  EXPECT_EQ(mix(NotificationForm::kBytes36, NotificationForm::kBytes40), "mixed_releases");
  EXPECT_EQ(mix(NotificationForm::kBytes36, NotificationForm::kConfig), "releases_incompatible");
  EXPECT_EQ(mix(NotificationForm::kBytes28, NotificationForm::kBytes40), "releases_incompatible");
}

TEST(Releases, EveryFormHasItsReleases) {
  EXPECT_EQ(generation(NotificationForm::kBytes28), "3.3");
  EXPECT_EQ(generation(NotificationForm::kBytes36), "3.4.0 to 3.4.5");
  EXPECT_EQ(generation(NotificationForm::kBytes40), "3.4.6 to 3.4.14");
  EXPECT_EQ(generation(NotificationForm::kConfig), "3.5 or later");
}

}  // namespace
}  // namespace zkprobe::audit
