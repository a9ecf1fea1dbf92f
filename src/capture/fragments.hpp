// IP fragments, put together again. Bounded: at most kMaxDatagrams wait, each of at most 65,535
// bytes; the oldest falls out. What overlaps keeps the bytes that came first.
#pragma once

#include <cstdint>
#include <list>
#include <vector>

#include "base/bytes.hpp"
#include "capture/endpoint.hpp"

namespace zkprobe::capture {

struct FragmentKey {
  IpAddress src, dst;
  std::uint32_t id = 0;
  std::uint8_t protocol = 0;

  bool operator==(const FragmentKey&) const = default;
};

struct Fragment {
  FragmentKey key;
  std::size_t offset = 0;  // in the payload of the whole
  bool more = false;       // it is not the last one
  BytesView bytes;
};

class Fragments {
 public:
  static constexpr std::size_t kMaxDatagrams = 64;
  static constexpr std::size_t kMaxDatagram = 65'535;
  // Of one datagram: a hostile sender's eight-byte pieces.
  static constexpr std::size_t kMaxPieces = 1'024;

  // The payload of the whole once its last piece is there; empty before. Valid until the next call.
  BytesView add(const Fragment& fragment);
  std::size_t waiting() const { return waiting_.size(); }

 private:
  struct Range {
    std::size_t begin = 0, end = 0;
  };
  struct Waiting {
    FragmentKey key;
    Bytes bytes;
    std::vector<Range> have;  // ascending, disjoint, not touching
    std::size_t pieces = 0;
    std::size_t size = 0;  // of the whole; 0 while the last piece is missing
  };
  static void merge(Waiting& waiting, const Fragment& fragment);

  std::list<Waiting> waiting_;  // the newest first
  Bytes whole_;
};

}  // namespace zkprobe::capture
