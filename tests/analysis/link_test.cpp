#include "analysis/link.hpp"

#include <map>

#include "made_recording.hpp"
#include "story_of.hpp"

namespace zkprobe::analysis {
namespace {

TEST(Link, TheLowerIdLosesTheChallengeAndTheHigherOneIsKept) {
  const Story story = story_of("3.9.3-a-cold.pcap");
  std::map<Fate, int> fates;
  for (const Link& link : story.links) {
    ++fates[link.fate];
    const StreamRecord& stream = story.recording.streams[link.stream];
    if (link.fate == Fate::kLostChallenge) {
      EXPECT_LT(*stream.sid(Side::kDialler), *stream.sid(Side::kAcceptor));
    } else if (link.fate == Fate::kKept) {
      EXPECT_GT(*stream.sid(Side::kDialler), *stream.sid(Side::kAcceptor));
    }
  }
  EXPECT_EQ(fates[Fate::kKept], 3);
  EXPECT_EQ(fates[Fate::kLearner], 2);
  EXPECT_EQ(fates[Fate::kRefusedGreeting] + fates[Fate::kSilent] + fates[Fate::kOwnId], 0);
}

TEST(Link, IsSilentNoLongerThanUntilTheFirstSideEndsIt) {
  MadeRecording all;
  all.vote(0, 2, 3, wire::ServerState::kLooking, 2, 1);
  StreamRecord& stream = all.made.streams[all.record_stream(1, 3)];
  EXPECT_EQ(links_of(all.made, Roster(all.made))[1].fate, Fate::kHitAndRun);
  all.made.last = std::chrono::seconds(100);
  EXPECT_EQ(links_of(all.made, Roster(all.made))[1].fate, Fate::kSilent);
  stream.info.ended_by = Side::kAcceptor;
  stream.info.ended.time = std::chrono::milliseconds(7);
  EXPECT_EQ(links_of(all.made, Roster(all.made))[1].fate, Fate::kHitAndRun);
}

TEST(Link, KnowsWhichReleasesRefuseAGreeting) {
  const capture::ReleaseRange old{{3, 4, 0}, Release{3, 4, 5}};
  const capture::ReleaseRange skips{{3, 4, 6}, Release{3, 4, 14}};
  const capture::ReleaseRange five{{3, 5, 1}, Release{3, 5, 10}};
  const capture::ReleaseRange open{{3, 5, 0}, std::nullopt};
  EXPECT_TRUE(refuses(old, wire::GreetingForm::kV1));
  EXPECT_FALSE(refuses(old, wire::GreetingForm::kBareSid));
  EXPECT_FALSE(refuses(skips, wire::GreetingForm::kV2));
  EXPECT_TRUE(refuses(five, wire::GreetingForm::kV2));
  EXPECT_FALSE(refuses(five, wire::GreetingForm::kV1));
  EXPECT_FALSE(refuses(open, wire::GreetingForm::kV2));
}

}  // namespace
}  // namespace zkprobe::analysis
