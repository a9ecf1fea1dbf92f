// Who does not answer, and what it means.
#include <gtest/gtest.h>

#include "survey_of.hpp"

namespace zkprobe::audit {
namespace {

using Kind = peer::QueryFailure::Kind;

std::string id_of(const std::string& why, Kind kind = Kind::kUnreachable) {
  const Judged judged({follows(101, 3), leads(103), lost(102, why, kind)});
  EXPECT_EQ(judged.ids().size(), 2U);
  EXPECT_EQ(judged.findings.front().servers, std::vector{Sid(2)});
  EXPECT_FALSE(judged.findings.front().advice.empty());
  return judged.findings.front().id;
}

TEST(Reach, EachSilenceHasItsFinding) {
  EXPECT_EQ(id_of("h:102: Connection refused"), "server_down");
  EXPECT_EQ(id_of("h:102: Host not found (authoritative)"), "name_unresolved");
  EXPECT_EQ(id_of("h:102: No route to host"), "no_route");
  EXPECT_EQ(id_of("no connection within 5 s"), "black_hole");
  EXPECT_EQ(id_of("connected, but no answer within 5 s", Kind::kSilent), "server_mute");
  EXPECT_EQ(id_of("closed", Kind::kClosed), "server_closes");
  EXPECT_EQ(id_of("no vote but ...", Kind::kNoVote), "not_a_server");
  EXPECT_EQ(id_of("its configuration names ...", Kind::kAskerIsMember), "asker_is_member");
  EXPECT_EQ(id_of("?"), "unreachable");
}

TEST(Reach, TheEvidenceSaysWhoNamedTheAddress) {
  Sighting down = lost(102, "h:102: Connection refused");
  down.named_by = {at(101), at(103)};
  const Judged judged({follows(101, 3), leads(103), down});
  EXPECT_EQ(judged.get("server_down").evidence,
            (Ids{"h:102: Connection refused", "named by the configuration of h:101",
                 "named by the configuration of h:103"}));
}

TEST(Reach, ASpareAddressThatIsGoneIsANote) {
  wire::QuorumConfig config = config_of(3);
  config.servers[0].addresses.push_back({"g", 201, 101});
  Sighting spare = lost(101);
  spare.address = at(101, "g");
  const Judged judged(
      {follows(101, 3, config), follows(102, 3, config), leads(103, config), spare});
  EXPECT_EQ(judged.roster.servers().size(), 3U);
  EXPECT_EQ(judged.ids(), Ids{"address_lost"});
  EXPECT_EQ(judged.get("address_lost").severity, Severity::kNote);
}

TEST(Reach, ASlowAnswerIsTold) {
  Sighting slow = follows(101, 3);
  (*slow.result)->took = std::chrono::milliseconds(4800);
  EXPECT_EQ(Judged({slow, follows(102, 3), leads(103)}).ids(), Ids{"slow_answer"});
}

TEST(Reach, WhatWasNotAskedIsTold) {
  View view = view_of({follows(101, 3), follows(102, 3), leads(103)});
  view.beyond_limit = 7;
  EXPECT_EQ(Judged(std::vector<View>{view}).ids(), Ids{"incomplete"});
}

}  // namespace
}  // namespace zkprobe::audit
