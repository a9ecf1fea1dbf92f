// A run that is written is read again as it was: what --merge stands on.
#include "audit_record.hpp"

#include <gtest/gtest.h>

namespace zkprobe::tool {
namespace {

using audit::DialBack;
using audit::View;

const std::string kVerdict = "{\"record\":\"verdict\"}\n";

std::string text_of(const View& view) {
  std::string text;
  for (const Json& record : audit_view_records(view)) text += to_line(record);
  return text + kVerdict;
}

View a_view() {
  View view;
  view.host = "zk1";
  view.time = "2026-01-01T00:00:00.000000Z";
  view.local = {"10.0.0.1"};
  view.directions = true;
  view.beyond_limit = 3;
  audit::Sighting seen;
  seen.address = {"zk2", 3888};
  seen.seed = true;
  seen.named_by = {{"zk3", 3888}};
  seen.remote = "10.0.0.2:3888";
  peer::VoteAnswer answer;
  answer.notification.state = wire::ServerState::kFollowing;
  answer.notification.leader = Sid(3);
  answer.notification.zxid = Zxid(-1);
  answer.notification.election_epoch = ElectionRound(4);
  answer.notification.peer_epoch = PeerEpoch(2);
  answer.notification.version = 2;
  answer.notification.config = "server.2=zk2:2888:3888:participant\nversion=10";
  answer.config = *wire::parse_quorum_config(*answer.notification.config);
  answer.form = wire::NotificationForm::kConfig;
  answer.took = Duration(1234);
  seen.result = answer;
  DialBack back;
  back.outcome = DialBack::Outcome::kCame;
  back.greeting = wire::InitialMessage{wire::GreetingForm::kV2, Sid(2), {{"::1", 3888}, {"b", 1}}};
  back.listener = {"10.0.0.1", 5000};
  back.took = Duration(9000);
  back.closed = Duration(300);
  seen.dial_back = back;
  seen.learner_port = audit::PortTry{{"zk2", 2888}, "zk2:2888: Connection refused"};
  view.sightings.push_back(seen);
  audit::Sighting lost;
  lost.address = {"zk4", 3888};
  lost.result = tl::unexpected<peer::QueryFailure>(
      peer::QueryFailure{peer::QueryFailure::Kind::kSilent, "no answer"});
  view.sightings.push_back(lost);
  view.sightings.emplace_back();  // interrupted
  view.sightings.back().address = {"zk5", 3888};
  return view;
}

TEST(AuditRecord, ARunIsReadAsItWasWritten) {
  const std::string text = text_of(a_view());
  const auto views = read_audit_views("f", text);
  ASSERT_TRUE(views.has_value()) << views.error();
  ASSERT_EQ(views->size(), 1U);
  EXPECT_EQ(text_of(views->front()), text);
  const audit::Sighting& seen = views->front().sightings[0];
  EXPECT_EQ(seen.answer()->notification, a_view().sightings[0].answer()->notification);
  EXPECT_EQ(seen.dial_back, a_view().sightings[0].dial_back);
  EXPECT_FALSE(views->front().sightings[2].result.has_value());
}

TEST(AuditRecord, OtherRecordsArePassedOver) {
  std::vector<View> views = {a_view()};
  const audit::Roster roster(views);
  std::string text;
  for (const Json& record : audit_view_records(views[0])) text += to_line(record);
  for (const Json& record : audit_server_records(roster)) text += to_line(record);
  for (const Json& record : audit_finding_records(roster, audit::judge(roster))) {
    text += to_line(record);
  }
  EXPECT_TRUE(read_audit_views("f", text).has_value());
}

TEST(AuditRecord, AMistakeNamesFileAndLine) {
  const auto error = [](const std::string& text) {
    const auto views = read_audit_views("f", text);
    return views ? "" : views.error();
  };
  EXPECT_EQ(error(""), "f: expected a run of 'zkprobe audit --json'");
  EXPECT_EQ(error("\nno json\n"), "f:2: expected a record of 'zkprobe audit --json'");
  EXPECT_EQ(error("[]"), "f:1: expected a record of 'zkprobe audit --json'");
  EXPECT_EQ(error("{\"record\":1}"), "f:1: expected a text as record");
  EXPECT_EQ(error("{\"record\":\"address\"}"), "f:1: expected a run before its addresses");
  std::string text = text_of(a_view());
  text.replace(text.find("FOLLOWING"), 9, "LEANING!!");
  EXPECT_EQ(error(text), "f:2: expected a known word as state, found 'LEANING!!'");
}

TEST(AuditRecord, ACutFileIsRefused) {
  const std::string text = text_of(a_view());
  for (std::size_t size = 0; size + 1 < text.size(); ++size) {
    EXPECT_FALSE(read_audit_views("f", text.substr(0, size)).has_value()) << size;
  }
  const std::string cut = text.substr(0, text.size() - kVerdict.size());
  const std::string words = "f: expected a whole run, with its verdict at the end: it was cut";
  EXPECT_EQ(read_audit_views("f", cut).error(), words);
  EXPECT_EQ(read_audit_views("f", text + cut).error(), words);
  // What --merge --json wrote itself: several runs, and one verdict.
  EXPECT_EQ(read_audit_views("f", cut + text)->size(), 2U);
}

}  // namespace
}  // namespace zkprobe::tool
