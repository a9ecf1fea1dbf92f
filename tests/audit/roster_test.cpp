// Which sightings are one server, and which.
#include "audit/roster.hpp"

#include <gtest/gtest.h>

#include "survey_of.hpp"

namespace zkprobe::audit {
namespace {

TEST(Roster, AServerIsWhoItsOwnConfigurationHasAtItsAddress) {
  const Judged judged({follows(102, 3), leads(103), follows(101, 3)});
  ASSERT_EQ(judged.roster.servers().size(), 3U);
  EXPECT_EQ(judged.roster.servers()[0].sid, Sid(1));
  EXPECT_EQ(judged.roster.servers()[0].name(), "server 1 (h:101)");
  EXPECT_EQ(judged.roster.answered(), 3U);
}

TEST(Roster, TwoNamesOfOneEndpointAreOneServer) {
  Sighting by_name = leads(103);
  Sighting by_number = leads(103);
  by_number.address = at(103, "10.0.0.1");
  const Judged judged({follows(101, 3), follows(102, 3), by_number, by_name});
  ASSERT_EQ(judged.roster.servers().size(), 3U);
  EXPECT_TRUE(judged.roster.servers()[2].has(at(103, "10.0.0.1")));
  EXPECT_TRUE(judged.roster.servers()[2].has(at(103)));
  EXPECT_EQ(judged.ids(), Ids{});
}

TEST(Roster, AServerWithSeveralAddressesIsOne) {
  wire::QuorumConfig config = config_of(3);
  config.servers[0].addresses.push_back({"g", 201, 101});
  Sighting other = follows(101, 3, config);
  other.address = at(101, "g");
  other.remote = "10.9.9.9:101";
  const Judged judged(
      {follows(101, 3, config), other, follows(102, 3, config), leads(103, config)});
  EXPECT_EQ(judged.roster.servers().size(), 3U);
}

TEST(Roster, AnUnansweredAddressHasTheIdThatOthersGiveIt) {
  const Judged judged({leads(103), follows(101, 3), lost(102)});
  EXPECT_EQ(judged.roster.servers()[1].sid, Sid(2));
  EXPECT_EQ(judged.roster.servers()[1].answer(), nullptr);
}

TEST(Roster, AddressesThatDoNotAnswerAreOneServerWhereOthersSaySo) {
  wire::QuorumConfig config = config_of(3);
  config.servers[0].addresses.push_back({"g", 201, 101});
  Sighting other = lost(101);
  other.address = at(101, "g");
  const Judged judged({follows(102, 3, config), lost(101), leads(103, config), other});
  ASSERT_EQ(judged.roster.servers().size(), 3U);
  EXPECT_EQ(judged.roster.servers()[0].sid, Sid(1));
  EXPECT_EQ(judged.roster.servers()[0].looks.size(), 2U);
  EXPECT_EQ(judged.ids(), (Ids{"server_down", "no_reserve"}));
  EXPECT_EQ(judged.get("server_down").evidence.size(), 2U);
  // Nobody says so.
  EXPECT_EQ(Judged({lost(101), other}).roster.servers().size(), 2U);
  // A loopback address that a server elsewhere names is not ours.
  config.servers[0].addresses = {{"127.0.0.1", 201, 101}, {"127.0.0.1", 202, 102}};
  Sighting here = lost(101);
  here.address = at(101, "127.0.0.1");
  Sighting there = here;
  there.address.port = 102;
  const Judged apart(
      std::vector<View>{view_of({leads(103, config)}, "a"), view_of({here, there}, "b")});
  EXPECT_EQ(apart.roster.servers().size(), 3U);
}

TEST(Roster, TheLearnerPortIsFoundByTheAddressAskedOrReachedInAnySpelling) {
  wire::QuorumConfig config = config_of(3);
  config.servers[0].addresses = {{"0:0:0:0:0:0:0:1", 201, 101}};
  Sighting one = follows(101, 3, config);
  one.address = at(101, "::1");
  one.remote = "[::1]:101";
  EXPECT_EQ(learner_port_of(one), at(201, "0:0:0:0:0:0:0:1"));
  one.address = at(101, "localhost");
  EXPECT_EQ(learner_port_of(one), at(201, "0:0:0:0:0:0:0:1"));
  one.remote = "10.0.0.1:101";
  EXPECT_EQ(learner_port_of(one), std::nullopt);
  EXPECT_EQ(learner_port_of(lost(101)), std::nullopt);
}

TEST(Roster, ALeaderWithoutConfigurationVotesForItself) {
  const Judged judged({seen(7, says(wire::ServerState::kLeading, 2, std::nullopt)),
                       seen(8, says(wire::ServerState::kFollowing, 2, std::nullopt))});
  EXPECT_EQ(judged.roster.servers()[0].sid, Sid(2));
  EXPECT_EQ(judged.roster.servers()[1].sid, std::nullopt);
  EXPECT_EQ(judged.roster.servers()[1].name(), "h:8");
  EXPECT_EQ(judged.roster.ensembles().size(), 1U);
}

TEST(Roster, AServerThatHasAWildcardForItselfIsKnownByItsPort) {
  wire::QuorumConfig config = config_of(3);
  config.servers[1].addresses[0].host = "0.0.0.0";
  const Judged judged({follows(102, 3, config)});
  EXPECT_EQ(judged.roster.servers()[0].sid, Sid(2));
}

TEST(Roster, EnsemblesThatDoNotNameEachOtherAreTwo) {
  wire::QuorumConfig other = config_of(3);
  for (wire::QuorumServer& server : other.servers) server.addresses[0].host = "other";
  Sighting stranger = follows(101, 3, other);
  stranger.address = at(101, "other");
  stranger.remote = "10.0.0.2:101";
  const Judged judged({follows(101, 3), leads(103), stranger});
  EXPECT_EQ(judged.roster.ensembles().size(), 2U);
}

TEST(Roster, LoopbackAddressesOfTwoHostsAreTwoServers) {
  Sighting one = leads(103);
  one.address = at(103, "127.0.0.1");
  one.remote = "127.0.0.1:103";
  const Judged apart(std::vector<View>{view_of({one}, "a"), view_of({one}, "b")});
  EXPECT_EQ(apart.roster.servers().size(), 2U);
  const Judged together(std::vector<View>{view_of({one}, "a"), view_of({one}, "a")});
  EXPECT_EQ(together.roster.servers().size(), 1U);
}

TEST(Roster, ClientAddressesMakeNoOtherConfiguration) {
  wire::QuorumConfig one = config_of(3);
  wire::QuorumConfig two = config_of(3);
  two.servers[0].client = wire::HostPort{"h", 2181};
  std::swap(two.servers[1], two.servers[2]);
  EXPECT_TRUE(same_members(one, two));
  two.version = ConfigVersion(1);
  EXPECT_FALSE(same_members(one, two));
  two = config_of(3);
  two.weights = {{Sid(1), 2}};
  EXPECT_FALSE(same_members(one, two));
  two = config_of(3);
  two.servers[0].type = wire::LearnerType::kObserver;
  EXPECT_FALSE(same_members(one, two));
}

// What 3.8.7 announced for server.1=127.0.0.1:21927:25396|127.0.0.1:30960:22266, and zkprobe beside
// it.
TEST(Roster, PortsOfOneHostArePairedAsAHashHasThem) {
  wire::QuorumConfig written = config_of(3);
  wire::QuorumConfig java = config_of(3);
  written.servers[0].addresses = {{"h", 219, 101}, {"h", 309, 222}, {"a", 7, 8}};
  java.servers[0].addresses = {{"a", 7, 8}, {"h", 309, 101}, {"h", 219, 222}};
  EXPECT_TRUE(same_members(written, java));
  const Judged judged({follows(101, 3, written), follows(102, 3, java), leads(103, java)});
  for (const std::string& id : judged.ids()) EXPECT_EQ(id.find("differ"), std::string::npos) << id;
  for (const std::string& id : judged.ids()) EXPECT_NE(id, "id_at_two_addresses");
  // A port that the other does not have, or has at another host, is a difference.
  java.servers[0].addresses[1].quorum_port = 308;
  EXPECT_FALSE(same_members(written, java));
  java.servers[0].addresses = {{"a", 7, 101}, {"h", 309, 8}, {"h", 219, 222}};
  EXPECT_FALSE(same_members(written, java));
}

}  // namespace
}  // namespace zkprobe::audit
