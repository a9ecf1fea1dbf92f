#include "analysis/ensembles.hpp"

#include <algorithm>
#include <numeric>
#include <set>

#include "wire/initial_message.hpp"

namespace zkprobe::analysis {
namespace {

// Where its servers take votes; 0.0.0.0 is nobody's.
std::set<std::string> addresses_of(const wire::QuorumConfig& config) {
  std::set<std::string> addresses;
  for (const wire::QuorumServer& server : config.servers) {
    for (const auto& address : server.addresses) {
      const wire::HostPort at{address.host, address.election_port};
      if (!wire::is_wildcard(at)) addresses.insert(wire::to_string(at));
    }
  }
  return addresses;
}

std::set<std::uint16_t> ports_of(const wire::QuorumConfig& config) {
  std::set<std::uint16_t> ports;
  for (const wire::QuorumServer& server : config.servers) {
    for (const auto& address : server.addresses) {
      ports.insert({address.quorum_port, address.election_port});
    }
  }
  return ports;
}

struct Text {
  std::int32_t number = Record::kNoText;
  RecordIndex first = 0;
  std::set<std::string> addresses;  // of its servers, and where those who announced it met
  std::set<std::uint16_t> ports;
};

std::vector<Text> texts_of(const Recording& recording, const Roster& roster) {
  std::vector<Text> texts;
  std::map<std::int32_t, std::size_t> places;
  for (RecordIndex i = 0; i < recording.records.size(); ++i) {
    const Record& record = recording.records[i];
    if (record.what != What::kVote || record.text == Record::kNoText) continue;
    const SeenConfig* const seen = roster.config(record.text);
    if (seen == nullptr || !seen->config) continue;
    const auto [place, fresh] = places.try_emplace(record.text, texts.size());
    if (fresh) {
      texts.push_back({record.text, i, addresses_of(*seen->config), ports_of(*seen->config)});
    }
    const StreamRecord& stream = recording.stream_of(record);
    texts[place->second].addresses.insert(capture::to_string(stream.info.acceptor));
  }
  return texts;
}

}  // namespace

Ensembles::Ensembles(const Recording& recording, const Roster& roster) {
  const std::vector<Text> texts = texts_of(recording, roster);
  // Texts that share an address belong together, and so do those that share one with either.
  std::vector<std::size_t> parent(texts.size());
  std::iota(parent.begin(), parent.end(), 0U);
  const auto root = [&](std::size_t i) {
    while (parent[i] != i) i = parent[i];
    return i;
  };
  std::map<std::string, std::size_t> by_address;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    for (const std::string& address : texts[i].addresses) {
      const std::size_t other = root(by_address.try_emplace(address, i).first->second);
      const std::size_t mine = root(i);
      // The earliest text stands for all of them.
      parent[std::max(mine, other)] = std::min(mine, other);
    }
  }
  std::map<std::size_t, std::size_t> places;
  std::vector<std::set<std::uint16_t>> ports;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto [place, fresh] = places.try_emplace(root(i), all_.size());
    if (fresh) {
      all_.push_back({texts[i].first, {}});
      ports.emplace_back();
    }
    ports[place->second].insert(texts[i].ports.begin(), texts[i].ports.end());
    of_text_[texts[i].number] = place->second;
  }
  for (std::size_t i = 0; i < all_.size(); ++i) {
    all_[i].ports.assign(ports[i].begin(), ports[i].end());
  }
}

bool Ensembles::apart(std::int32_t a, std::int32_t b) const {
  const auto first = of_text_.find(a);
  const auto second = of_text_.find(b);
  return first != of_text_.end() && second != of_text_.end() && first->second != second->second;
}

}  // namespace zkprobe::analysis
