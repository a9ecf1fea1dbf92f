// Configurations and addresses: P5, P10 and P12 of the incidents that audits are for.
#include <gtest/gtest.h>

#include "survey_of.hpp"

namespace zkprobe::audit {
namespace {

TEST(Members, ConfigurationsThatDifferAreShownMemberByMember) {
  const Judged judged({follows(101, 3, config_of(3)), follows(102, 3, config_of(3)),
                       leads(103, config_of(3)), follows(104, 3, config_of(4))});
  EXPECT_EQ(judged.ids().front(), "configurations_differ");
  const Finding& finding = judged.get("configurations_differ");
  EXPECT_EQ(finding.title, "2 different configurations are in force");
  EXPECT_EQ(finding.evidence[0],
            "3 participants (1 2 3), majority, version 0x0: server 1 (h:101), server 2 (h:102), "
            "server 3 (h:103)");
  EXPECT_EQ(finding.evidence[2], "server.4 is h:204:104:participant for server 4 (h:104)");
}

TEST(Members, OneIdAtTwoAddressesAndTwoServersThatAnswerAsIt) {
  // Two ensembles of three that share server 3 by id, and name each other.
  wire::QuorumConfig one = config_of(3);
  wire::QuorumConfig two = config_of(3);
  one.servers[2].addresses[0].election_port = 113;
  two.servers[2].addresses[0].election_port = 123;
  Sighting first = leads(103, one);
  first.address = at(113);
  first.remote = "10.0.0.1:113";
  Sighting second = leads(103, two);
  second.address = at(123);
  second.remote = "10.0.0.1:123";
  const Judged judged({follows(101, 3, one), first, follows(102, 3, two), second});
  EXPECT_EQ(judged.ids(),
            (Ids{"two_leaders", "configurations_differ", "id_at_two_addresses", "duplicate_id"}));
  EXPECT_EQ(judged.get("duplicate_id").servers, std::vector{Sid(3)});
  EXPECT_EQ(judged.get("id_at_two_addresses").evidence.size(), 2U);
}

TEST(Members, OneAddressWithTwoIds) {
  wire::QuorumConfig config = config_of(3);
  config.servers[1].addresses[0].election_port = 101;
  const Judged judged({follows(101, 3, config), leads(103, config)});
  EXPECT_EQ(judged.get("address_with_two_ids").servers, (std::vector{Sid(1), Sid(2)}));
}

TEST(Members, AWildcardIsFoundAndIsNoOtherAddress) {
  wire::QuorumConfig own = config_of(3);
  own.servers[0].addresses[0].host = "0.0.0.0";
  const Judged judged({follows(101, 3, own), follows(102, 3), leads(103)});
  EXPECT_EQ(judged.ids(), (Ids{"configurations_differ", "wildcard_address"}));
  EXPECT_EQ(judged.get("wildcard_address").servers, std::vector{Sid(1)});
  EXPECT_EQ(judged.get("wildcard_address").evidence,
            Ids{"server.1=0.0.0.0:201:101:participant for server 1 (h:101)"});
}

TEST(Members, LoopbackAmongOtherHostsIsFound) {
  wire::QuorumConfig config = config_of(3);
  config.servers[0].addresses[0].host = "127.0.0.1";
  const Judged judged({follows(102, 3, config), leads(103, config)});
  EXPECT_EQ(judged.get("loopback_address").servers, std::vector{Sid(1)});
  for (auto& server : config.servers) server.addresses[0].host = "127.0.0.1";
  const Judged all_here({follows(102, 3, config), leads(103, config)});
  EXPECT_EQ(all_here.get("loopback_address").id, "");
}

TEST(Members, AnUnreadableConfigurationAndAnUnlistedServer) {
  Sighting broken = follows(101, 3);
  (*broken.result)->config.reset();
  (*broken.result)->config_error = "line 1";
  EXPECT_EQ(Judged({broken, follows(102, 3), leads(103)}).get("config_unreadable").evidence,
            Ids{"line 1"});
  Sighting removed = follows(109, 3);
  removed.remote = "10.0.0.9:109";
  EXPECT_EQ(Judged({removed, follows(101, 3), follows(102, 3), leads(103)}).ids(), Ids{"unlisted"});
}

TEST(Members, SeparateEnsemblesAreJudgedApart) {
  wire::QuorumConfig other = config_of(1);
  other.servers[0].addresses[0].host = "other";
  Sighting stranger = leads(101, other);
  stranger.address = at(101, "other");
  stranger.remote = "10.0.0.2:101";
  EXPECT_EQ(Judged({follows(101, 3), follows(102, 3), leads(103), stranger}).ids(),
            Ids{"separate_ensembles"});
}

}  // namespace
}  // namespace zkprobe::audit
