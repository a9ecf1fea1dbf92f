#include "replica/tree_digest.hpp"

#include <array>

#include "replica/crc32.hpp"
#include "wire/safe_text.hpp"

namespace zkprobe::replica {
namespace {

constexpr std::string_view kUncounted = "/zookeeper/";

// Big-endian fields one after another.
class StatBytes {
 public:
  explicit StatBytes(const wire::NodeStat& stat) {
    put(stat.czxid.value);
    put(stat.mzxid.value);
    put(stat.pzxid.value);
    put(stat.ctime_ms);
    put(stat.mtime_ms);
    put(stat.version);
    put(stat.cversion);
    put(stat.aversion);
    put(stat.ephemeral_owner);
  }
  BytesView view() const { return bytes_; }

 private:
  template <class T>
  void put(T value) {
    for (std::size_t shift = sizeof(T) * 8; shift > 0;) {
      shift -= 8;
      bytes_[at_++] = static_cast<std::uint8_t>(value >> shift);
    }
  }

  std::array<std::uint8_t, wire::kStatSize> bytes_;
  std::size_t at_ = 0;
};

std::uint32_t continuation(std::string_view text, std::size_t at) {
  return static_cast<std::uint8_t>(text[at]) & 0x3fU;
}

// ED A0..AF xx ED B0..BF xx: a pair of surrogates, each encoded by itself.
bool is_surrogate_pair(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[at + i]); };
  return text.size() - at >= 6 && byte(0) == 0xed && (byte(1) & 0xf0) == 0xa0 && byte(3) == 0xed &&
         (byte(4) & 0xf0) == 0xb0;
}

std::string utf8_of_cesu8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    if (!is_surrogate_pair(text, at)) {
      out.push_back(text[at++]);
      continue;
    }
    const std::uint32_t high =
        (continuation(text, at + 1) & 0x0f) << 6 | continuation(text, at + 2);
    const std::uint32_t low = (continuation(text, at + 4) & 0x0f) << 6 | continuation(text, at + 5);
    const std::uint32_t code = 0x10000 + (high << 10) + low;
    out.push_back(static_cast<char>(0xf0 | code >> 18));
    out.push_back(static_cast<char>(0x80 | (code >> 12 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3f)));
    at += 6;
  }
  return out;
}

}  // namespace

bool counts_in_digest(std::string_view path) { return !path.starts_with(kUncounted); }

std::uint32_t content_crc(std::string_view path, BytesView data) {
  Crc32 crc;
  if (path.find('\xed') == std::string_view::npos) {
    crc.update(as_bytes(path));
  } else {
    crc.update(as_bytes(utf8_of_cesu8(path)));
  }
  return crc.update(data).value();
}

std::uint32_t node_digest(std::uint32_t content_crc, const wire::NodeStat& stat) {
  return Crc32(content_crc).update(StatBytes(stat).view()).value();
}

std::string describe(const DigestDifference& difference) {
  std::string text = "digest differs at " + to_hex(difference.zxid) + " " +
                     std::string(wire::to_string(difference.type));
  for (const std::string& path : difference.paths) text += " " + wire::safe_text(path);
  return text + ": the leader has " + to_hex(difference.expected) + ", we have " +
         to_hex(difference.actual);
}

}  // namespace zkprobe::replica
