// What the message decoder of captures costs on payloads alone: the TCP payloads that
// scripts/zk_bench/zktraffic_run.py wrote with --dump, already taken out of their packets. Each
// goes to the reader of its stream, as Decoder hands it on. One JSON object. usage:
// capture_decode_bench PAYLOADS
#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iterator>
#include <list>
#include <unordered_map>
#include <vector>

#include "capture/conversation_reader.hpp"

namespace {

using namespace zkprobe;
using namespace zkprobe::capture;

class Count : public MessageSink {
 public:
  void on_message(const Message& message) override {
    if (!std::holds_alternative<Gap>(message.body)) ++messages;
  }
  std::uint64_t messages = 0;
};

// 'O' or 'P', source and destination port, and for 'P' a length and the payload; big-endian.
struct Item {
  std::size_t stream = 0;
  bool opens = false;
  Side from = Side::kDialler;
  BytesView payload;
};

std::vector<Item> read(const Bytes& file, std::vector<StreamInfo>& streams) {
  std::vector<Item> items;
  std::unordered_map<std::uint32_t, std::size_t> open;
  std::size_t at = 0;
  const auto port = [&] {
    const auto value = static_cast<std::uint16_t>(file.at(at) << 8 | file.at(at + 1));
    at += 2;
    return value;
  };
  while (at < file.size()) {
    const bool opens = file[at++] == 'O';
    const std::uint16_t source = port();
    const std::uint16_t target = port();
    const std::uint32_t forth = static_cast<std::uint32_t>(source) << 16 | target;
    const std::uint32_t back = static_cast<std::uint32_t>(target) << 16 | source;
    if (opens || (!open.contains(forth) && !open.contains(back))) {
      StreamInfo info;
      info.number = streams.size();
      info.dialler.port = source;
      info.acceptor.port = target;
      info.from_start = opens;
      open.erase(back);
      open[forth] = streams.size();
      items.push_back({streams.size(), true, Side::kDialler, {}});
      streams.push_back(info);
    }
    if (opens) continue;
    const auto own = open.find(forth);
    Item item;
    item.stream = own != open.end() ? own->second : open.at(back);
    item.from = own != open.end() ? Side::kDialler : Side::kAcceptor;
    const std::size_t high = port();
    const std::size_t size = high << 16 | port();
    item.payload = BytesView(file).subspan(at, size);
    at += size;
    items.push_back(item);
  }
  return items;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return std::fprintf(stderr, "usage: capture_decode_bench PAYLOADS\n"), 2;
  std::ifstream in(arguments[1], std::ios::binary);
  const Bytes file(std::istreambuf_iterator<char>(in), {});
  std::vector<StreamInfo> streams;
  const std::vector<Item> items = read(file, streams);

  Count sink;
  const PortHints ports;
  Budget budget{16 * 1'048'576, 0};
  Directory directory;
  ConversationCounts counts;
  std::vector<std::unique_ptr<ConversationReader>> readers(streams.size());
  const auto begun = std::chrono::steady_clock::now();
  const std::clock_t worked = std::clock();
  std::uint64_t payloads = 0;
  Place place;
  for (const Item& item : items) {
    ++place.packet;
    auto& reader = readers[item.stream];
    if (item.opens) {
      reader = std::make_unique<ConversationReader>(streams[item.stream],
                                                    Shared{sink, ports, budget, directory, counts});
    } else {
      ++payloads;
      reader->on_bytes(item.from, place, item.payload);
    }
  }
  for (auto& reader : readers) {
    reader->on_close(place, CloseReason::kEnd);
    reader.reset();
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  const double cpu = static_cast<double>(std::clock() - worked) / CLOCKS_PER_SEC;
  std::printf(
      "{\"seconds\": %.4f, \"cpu_seconds\": %.4f, \"payloads\": %llu, \"messages\": %llu}\n",
      took.count(), cpu, static_cast<unsigned long long>(payloads),
      static_cast<unsigned long long>(sink.messages));
}
