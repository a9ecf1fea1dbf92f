#include "peer_view.hpp"

#include <gtest/gtest.h>

namespace zkprobe::tool {
namespace {

TEST(PeerView, AStateSaysWhoLeads) {
  peer::StateChanged changed;
  changed.to = wire::ServerState::kFollowing;
  changed.leader = Sid(3);
  changed.round = ElectionRound(2);
  changed.peer_epoch = PeerEpoch(1);
  changed.why = "the election decided so";
  EXPECT_EQ(event_record(changed).dump(),
            R"({"event":"state","from":"LOOKING","to":"FOLLOWING","leader":3,)"
            R"("election_epoch":"0x2","peer_epoch":"0x1","why":"the election decided so"})");
  EXPECT_EQ(event_line(changed), "is FOLLOWING 3: the election decided so");
  changed.to = wire::ServerState::kLooking;
  changed.leader.reset();
  EXPECT_TRUE(event_record(changed)["leader"].is_null());
  EXPECT_EQ(event_line(changed), "is LOOKING: the election decided so");
}

TEST(PeerView, ANotificationHasARecordAndNoLine) {
  net::NotificationEvent event;
  event.peer = Sid(2);
  event.notification.leader = Sid(3);
  event.notification.zxid = Zxid(0x100000002);
  event.notification.version = 2;
  event.notification.config = "server.1=a:1:2:participant\nversion=1f";
  EXPECT_EQ(event_record(event).dump(),
            R"({"event":"notification","dir":"in","peer":2,"state":"LOOKING","leader":3,)"
            R"("zxid":"0x100000002","election_epoch":"0x0","peer_epoch":"0x0","version":2,)"
            R"("config_version":"0x1f"})");
  EXPECT_FALSE(event_line(event));
  event.notification.config = "nonsense=1";
  EXPECT_TRUE(event_record(event)["config_version"].is_null());
}

TEST(PeerView, OnlyLinksThatFailAreTold) {
  net::LinkEvent link{Sid(2), net::LinkEvent::What::kOpen, "", "127.0.0.1:3888"};
  EXPECT_FALSE(event_line(link));
  link.what = net::LinkEvent::What::kRefuse;
  link.why = "Connection refused";
  EXPECT_EQ(event_line(link), "no link with server 2: Connection refused");
  EXPECT_EQ(event_record(link)["what"], "refuse");
  link.peer.reset();
  EXPECT_EQ(event_line(link), "no link with 127.0.0.1:3888: Connection refused");
}

TEST(PeerView, ALinkThatIsClosedForItsBytesIsTold) {
  net::LinkEvent link{Sid(100), net::LinkEvent::What::kClose, "closed by the peer", "[::1]:4711"};
  EXPECT_FALSE(event_line(link));
  link.garbage = true;
  link.why = "length at byte 8: expected 1..524288, found -5; bytes there: fffffffb";
  EXPECT_EQ(event_line(link), "link with server 100 at [::1]:4711 is closed: " + link.why);
}

TEST(PeerView, BytesThatAreNoNotificationNameTheirSender) {
  const peer::Report report{peer::Report::Kind::kBytes, Sid(7), "state at byte 0: ..."};
  EXPECT_EQ(event_line(report), "server 7 sent no notification: state at byte 0: ...");
}

TEST(PeerView, ALeaderIsBelievedItsEpochOnceItIsRenewed) {
  peer::Established established{Sid(3), PeerEpoch(0)};
  EXPECT_EQ(event_line(established), "server 3 says that it leads, its vote is of epoch 0x0");
  established = {Sid(3), PeerEpoch(1), true};
  EXPECT_EQ(event_line(established), "server 3 leads epoch 0x1");
}

TEST(PeerView, WhatAPeerSentCannotReachTheTerminalRaw) {
  const peer::Report report{peer::Report::Kind::kBytes, Sid(2), "text \x1b[31m"};
  EXPECT_EQ(event_line(report)->find('\x1b'), std::string::npos);
}

TEST(PeerView, AnswersAndIgnoredVotesStandInRecordsAlone) {
  peer::Report report{peer::Report::Kind::kAnswer, Sid(2), "answered"};
  EXPECT_FALSE(event_line(report));
  EXPECT_EQ(event_record(report)["kind"], "answer");
  report.kind = peer::Report::Kind::kProposal;
  EXPECT_EQ(event_line(report), "answered");
}

TEST(PeerView, EveryEventIsNamedAsItsRecordSays) {
  const net::PeerEvent all[] = {peer::StateChanged{},     peer::Established{}, net::LinkEvent{},
                                net::NotificationEvent{}, peer::Report{},      net::ConfigEvent{},
                                net::StoppedEvent{}};
  EXPECT_EQ(std::size(all), std::variant_size_v<net::PeerEvent>);
  for (const net::PeerEvent& event : all)
    EXPECT_EQ(event_record(event)["event"], event_name(event));
}

TEST(PeerView, AutoIsTheNewestReleaseThatReadsEveryForm) {
  const Emulation automatic = emulation_of(std::nullopt);
  EXPECT_EQ(automatic.dialect.release, kNewestRelease);
  EXPECT_TRUE(automatic.dialect.lenient);
  EXPECT_TRUE(automatic.auto_emulation);
  const Emulation fixed = emulation_of(Release{3, 4, 14}, true);
  EXPECT_EQ(fixed.dialect.release, (Release{3, 4, 14}));
  EXPECT_TRUE(fixed.dialect.multi_address);
  EXPECT_FALSE(fixed.dialect.lenient);
  EXPECT_FALSE(fixed.auto_emulation);
}

}  // namespace
}  // namespace zkprobe::tool
