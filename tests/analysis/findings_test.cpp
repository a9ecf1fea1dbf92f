#include "analysis/findings.hpp"

#include "story_of.hpp"

namespace zkprobe::analysis {
namespace {

TEST(Findings, AHealthyEnsembleRaisesNoAlarm) {
  for (const char* name :
       {"3.3.6-a-cold.pcap", "3.4.5-a-cold.pcap", "3.4.13-a-cold.pcap", "3.5.10-a-cold.pcap",
        "3.6.0-a-cold.pcap", "3.8.0-a-cold.pcap", "3.9.3-a-cold.pcap", "3.4.5-c-observer.pcap",
        "3.4.13-h-bigids.pcap", "3.5.10-l-sasl.pcap", "3.6.0-d-multi.pcap", "3.8.0-k-ipv6.pcap",
        "3.9.3-i-hostname.pcap", "3.9.3-f-reconfig.pcap"}) {
    EXPECT_EQ(alarms(story_of(name)), "") << name;
  }
}

TEST(Findings, EachIsProvenByPlacesOfTheCapture) {
  for (const char* name : {"3.5.10-j-wildcard.pcap", "3.4.13+3.8.0+3.9.6-g-mixed.pcap"}) {
    const Story story = story_of(name);
    EXPECT_FALSE(story.findings.empty());
    for (const Finding& finding : story.findings) {
      EXPECT_FALSE(finding.id.empty());
      EXPECT_FALSE(finding.title.empty());
      EXPECT_FALSE(finding.detail.empty()) << finding.id;
      if (finding.id == "mixed_releases") continue;  // every message of theirs proves it
      EXPECT_FALSE(finding.evidence.empty()) << finding.id;
      for (const Evidence& one : finding.evidence) {
        EXPECT_GE(one.packet, 1U);
        EXPECT_LE(one.packet, story.recording.packets);
        EXPECT_FALSE(one.what.empty());
      }
    }
  }
}

}  // namespace
}  // namespace zkprobe::analysis
