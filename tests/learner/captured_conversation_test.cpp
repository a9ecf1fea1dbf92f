// What Java observers of seven releases heard from their leaders, said to our learner: it answers
// with the same bytes.
#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "learner/learner.hpp"
#include "support/fixtures.hpp"

namespace zkprobe::learner {
namespace {

struct Conversation {
  Bytes from_leader;
  Bytes from_observer;
};

Conversation read_conversation(const std::string& name) {
  Conversation conversation;
  std::istringstream lines(zkprobe::test::read_fixture(name));
  std::string line;
  while (std::getline(lines, line)) {
    if (line.empty() || line[0] == '#') continue;
    const Bytes bytes = hex_decode(line.substr(1)).value();
    Bytes& side = line[0] == '<' ? conversation.from_leader : conversation.from_observer;
    side.insert(side.end(), bytes.begin(), bytes.end());
  }
  return conversation;
}

class CapturedConversation : public testing::TestWithParam<const char*> {};

TEST_P(CapturedConversation, OurObserverSendsWhatTheJavaObserverSent) {
  const auto conversation =
      read_conversation(std::string("learner/observer.") + GetParam() + ".txt");
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{13}, std::size_t{1400}}) {
    Settings settings;
    settings.sid = Sid(4);
    settings.release = *parse_release(GetParam());
    Learner learner(settings);
    Bytes sent;
    const auto take = [&sent](const Effects& effects) {
      for (const Effect& effect : effects) {
        ASSERT_FALSE(std::holds_alternative<Leave>(effect)) << describe(effect);
        ASSERT_FALSE(std::holds_alternative<Noted>(effect)) << describe(effect);
        if (const auto* send = std::get_if<Send>(&effect)) {
          const Bytes bytes = wire::encode(send->packet);
          sent.insert(sent.end(), bytes.begin(), bytes.end());
        }
      }
    };
    take(learner.step(Instant{}, Connected{}));
    const BytesView all(conversation.from_leader);
    for (std::size_t at = 0; at < all.size(); at += chunk) {
      const zkprobe::test::ExactBuffer part(all.subspan(at, std::min(chunk, all.size() - at)));
      take(learner.step(Instant{}, Received{part.view()}));
    }
    EXPECT_EQ(hex_encode(sent), hex_encode(conversation.from_observer)) << "chunks of " << chunk;
    EXPECT_EQ(learner.phase(), Phase::kBroadcast);
    EXPECT_EQ(learner.epoch(), PeerEpoch(1));
  }
}

// Cut anywhere, the conversation ends in one line and never in more than was asked for.
TEST_P(CapturedConversation, CutAnywhereItIsOneLeave) {
  const auto conversation =
      read_conversation(std::string("learner/observer.") + GetParam() + ".txt");
  for (std::size_t size = 0; size < conversation.from_leader.size(); ++size) {
    Settings settings;
    settings.sid = Sid(4);
    settings.release = *parse_release(GetParam());
    Learner learner(settings);
    learner.step(Instant{}, Connected{});
    const zkprobe::test::ExactBuffer part(BytesView(conversation.from_leader).first(size));
    learner.step(Instant{}, Received{part.view()});
    const Effects end = learner.step(Instant{}, Closed{});
    ASSERT_EQ(end.size(), 1u);
    EXPECT_EQ(std::get<Leave>(end[0]).why, Leave::Why::kClosed);
    EXPECT_TRUE(learner.step(Instant{}, Received{part.view()}).empty());
  }
}

INSTANTIATE_TEST_SUITE_P(Releases, CapturedConversation,
                         testing::Values("3.3.6", "3.4.5", "3.4.13", "3.5.10", "3.6.0", "3.8.0",
                                         "3.9.3"),
                         [](const testing::TestParamInfo<const char*>& param) {
                           std::string name = param.param;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

}  // namespace
}  // namespace zkprobe::learner
