#include "pcap/pcapng_writer.hpp"

#include <cerrno>
#include <cstring>

#include "pcap/link_type.hpp"
#include "pcap/pcapng_blocks.hpp"

namespace zkprobe::pcap {
namespace {

constexpr std::uint32_t kStatistics = 5;
constexpr std::uint16_t kIfName = 2;
constexpr std::uint16_t kIfFilter = 11;
constexpr std::uint16_t kReceived = 4;
constexpr std::uint16_t kDropped = 5;
constexpr std::uint8_t kNanoseconds = 9;  // ten to the power of -9
constexpr std::size_t kTotalAt = 4;

void put(Bytes& out, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<std::uint8_t>(value >> 8 * i));
}

void pad(Bytes& out) { out.resize((out.size() + 3) / 4 * 4, 0); }

// The type, and room for the length.
constexpr std::size_t kBufferSize = 524'288;  // above the largest block: a packet is 256 KiB

void begin(Bytes& out, std::uint32_t type) {
  out.clear();
  put(out, type, 4);
  put(out, 0, 4);
}

void option(Bytes& out, std::uint16_t code, BytesView value) {
  put(out, code, 2);
  put(out, value.size(), 2);
  out.insert(out.end(), value.begin(), value.end());
  pad(out);
}

void number_option(Bytes& out, std::uint16_t code, std::uint64_t value) {
  Bytes bytes;
  put(bytes, value, 8);
  option(out, code, bytes);
}

void put_time(Bytes& out, capture::CaptureTime time) {
  const auto nanoseconds = static_cast<std::uint64_t>(time.count());
  put(out, nanoseconds >> 32, 4);
  put(out, nanoseconds, 4);
}

}  // namespace

tl::expected<PcapngWriter, std::string> PcapngWriter::create(const std::string& path,
                                                             const PcapngInterface& interface) {
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) {
    return tl::unexpected(path + ": cannot be written: " + std::strerror(errno));
  }
  PcapngWriter writer(path, file);
  // Without a buffer of ours glibc takes one of 4 KiB, whatever the size says.
  auto& buffer = writer.file_.get_deleter().buffer;
  buffer = std::make_unique<char[]>(kBufferSize);
  std::setvbuf(file, buffer.get(), _IOFBF, kBufferSize);
  Bytes& block = writer.block_;
  begin(block, kSectionBlock);
  put(block, kSectionByteOrder, 4);
  put(block, 1, 2);
  put(block, 0, 2);
  put(block, ~std::uint64_t{0}, 8);
  writer.write();

  begin(block, kInterfaceBlock);
  put(block, file_link_of(interface.datalink), 2);
  put(block, 0, 2);
  put(block, static_cast<std::uint32_t>(interface.snap_length), 4);
  option(block, kIfName, as_bytes(interface.name));
  option(block, kIfResolution, Bytes{kNanoseconds});
  // A zero byte says that what follows is the text of a filter.
  option(block, kIfFilter, as_bytes(std::string(1, '\0') + interface.filter));
  put(block, 0, 4);
  writer.write();
  if (!writer.flush()) return tl::unexpected(writer.error());
  return writer;
}

void PcapngWriter::packet(const capture::Packet& packet) {
  begin(block_, kEnhancedPacketBlock);
  put(block_, 0, 4);
  put_time(block_, packet.time);
  put(block_, packet.bytes.size(), 4);
  put(block_, packet.wire_length, 4);
  block_.insert(block_.end(), packet.bytes.begin(), packet.bytes.end());
  pad(block_);
  write();
}

void PcapngWriter::statistics(capture::CaptureTime time, std::uint64_t received,
                              std::uint64_t dropped) {
  begin(block_, kStatistics);
  put(block_, 0, 4);
  put_time(block_, time);
  number_option(block_, kReceived, received);
  number_option(block_, kDropped, dropped);
  put(block_, 0, 4);
  write();
}

void PcapngWriter::write() {
  if (!error_.empty()) return;
  const std::size_t total = block_.size() + 4;
  put(block_, total, 4);
  for (std::size_t i = 0; i < 4; ++i) {
    block_[kTotalAt + i] = static_cast<std::uint8_t>(total >> 8 * i);
  }
  // Whoever reads the file meanwhile finds whole blocks: the buffer never spills within one.
  if (unwritten_ + block_.size() > kBufferSize && !flush()) return;
  unwritten_ += block_.size();
  if (std::fwrite(block_.data(), 1, block_.size(), file_.get()) != block_.size()) {
    error_ = path_ + ": cannot be written: " + std::strerror(errno);
  }
}

bool PcapngWriter::flush() {
  unwritten_ = 0;
  if (error_.empty() && std::fflush(file_.get()) != 0) {
    error_ = path_ + ": cannot be written: " + std::strerror(errno);
  }
  return error_.empty();
}

}  // namespace zkprobe::pcap
