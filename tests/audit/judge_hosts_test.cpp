// A server that one host reaches and another does not (P26).
#include <gtest/gtest.h>

#include "survey_of.hpp"

namespace zkprobe::audit {
namespace {

TEST(Hosts, APartialPartitionIsSeenWhenRunsAreMerged) {
  const View a = view_of({follows(101, 3), follows(102, 3), leads(103)}, "zk1");
  const View b =
      view_of({follows(101, 3), lost(102, "no connection within 5 s"), leads(103)}, "zk2");
  const Judged judged(std::vector<View>{a, b});
  EXPECT_EQ(judged.roster.servers().size(), 3U);
  EXPECT_EQ(judged.ids(), Ids{"partial_partition"});
  EXPECT_EQ(judged.get("partial_partition").title, "server 2 (h:102) answers zk1 and not zk2");
  EXPECT_EQ(judged.get("partial_partition").evidence,
            Ids{"zk2, 2026-01-01T00:00:00.000000Z: no connection within 5 s"});
}

TEST(Hosts, WhatNobodyReachesIsNoPartition) {
  const View a = view_of({follows(101, 3), lost(102), leads(103)}, "zk1");
  View b = a;
  b.host = "zk2";
  EXPECT_EQ(Judged(std::vector<View>{a, b}).ids(), (Ids{"server_down", "no_reserve"}));
}

}  // namespace
}  // namespace zkprobe::audit
