#include "pcap/pcap_file.hpp"

#include <pcap/pcap.h>
#include <stdio_ext.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "pcap/input.hpp"
#include "pcap/link_type.hpp"
#include "pcap/pcapng_reader.hpp"
#include "pcap/record_reader.hpp"

namespace zkprobe::pcap {
namespace {

// Nanoseconds of 64 bits end in the year 2262; what a damaged file says beyond 2255 becomes that.
constexpr std::int64_t kLastSecond = 9'000'000'000;

std::string name_of(const std::string& path) { return path == "-" ? "standard input" : path; }

}  // namespace

struct PcapFile::Handle {
  std::unique_ptr<Input> input;  // none for bytes in memory; outlives pcap
  pcap_t* pcap = nullptr;
  std::FILE* blocks_file = nullptr;  // of a pcapng file, which is read without libpcap
  std::optional<PcapngReader> blocks;
  std::optional<RecordReader> records;  // as long as they are plain
  capture::LinkType link = capture::LinkType::kEthernet;
  std::string name;

  ~Handle() {
    if (pcap != nullptr) pcap_close(pcap);
    if (blocks_file != nullptr) std::fclose(blocks_file);
  }
  // libpcap's words, unless the gzip data is the reason.
  std::string why(const std::string& of_libpcap) const {
    return input && !input->error().empty() ? input->error() : of_libpcap;
  }
};

PcapFile::PcapFile(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
PcapFile::PcapFile(PcapFile&&) noexcept = default;
PcapFile& PcapFile::operator=(PcapFile&&) noexcept = default;
PcapFile::~PcapFile() = default;

tl::expected<PcapFile, std::string> PcapFile::open(const std::string& path) {
  auto handle = std::make_unique<Handle>();
  handle->name = name_of(path);
  handle->input = Input::open(path);
  if (!handle->input) {
    return tl::unexpected(handle->name + ": cannot be opened: " + std::strerror(errno));
  }
  std::FILE* const file = handle->input->file();
  auto opened = read_from(file, std::move(handle));
  if (opened && opened->handle_->pcap != nullptr) {
    opened->handle_->records = RecordReader::of_file(opened->handle_->pcap);
  }
  return opened;
}

tl::expected<PcapFile, std::string> PcapFile::from_memory(BytesView bytes) {
  // It is only read.
  FILE* const file = ::fmemopen(const_cast<std::uint8_t*>(bytes.data()), bytes.size(), "rb");
  if (file == nullptr) return tl::unexpected(std::string("memory: ") + std::strerror(errno));
  auto handle = std::make_unique<Handle>();
  handle->name = "memory";
  auto opened = read_from(file, std::move(handle));
  if (opened && opened->handle_->pcap != nullptr) {
    opened->handle_->records = RecordReader::of_memory(opened->handle_->pcap, bytes);
  }
  return opened;
}

tl::expected<PcapFile, std::string> PcapFile::read_from(std::FILE* file,
                                                        std::unique_ptr<Handle> handle) {
  __fsetlocking(file, FSETLOCKING_BYCALLER);  // nobody else reads it
  if (PcapngReader::begins(file)) return read_blocks(file, std::move(handle));
  char error[PCAP_ERRBUF_SIZE] = {};
  handle->pcap = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, error);
  if (handle->pcap == nullptr) {
    std::fclose(file);
    return tl::unexpected(handle->name +
                          ": expected a pcap or pcapng capture: " + handle->why(error));
  }
  const int datalink = pcap_datalink(handle->pcap);
  const auto link = link_type(datalink);
  if (!link) {
    return tl::unexpected(handle->name + ": " + unknown_link(datalink));
  }
  handle->link = *link;
  return PcapFile(std::move(handle));
}

tl::expected<PcapFile, std::string> PcapFile::read_blocks(std::FILE* file,
                                                          std::unique_ptr<Handle> handle) {
  handle->blocks_file = file;
  handle->blocks.emplace(file);
  if (handle->blocks->open()) return PcapFile(std::move(handle));
  const char* const expected =
      handle->blocks->any_interface() ? ": " : ": expected a pcap or pcapng capture: ";
  return tl::unexpected(handle->name + expected + handle->why(handle->blocks->error()));
}

bool PcapFile::may_wait() const { return handle_->input && handle_->input->may_wait(); }

PcapFile::Next PcapFile::next(capture::Packet& packet) {
  if (handle_->blocks) return next_of_blocks(packet);
  if (!handle_->records) return next_of_libpcap(packet);
  if (handle_->records->next(packet)) {
    packet.number = ++number_;
    packet.link = handle_->link;
    return Next::kPacket;
  }
  // The end, or something for libpcap to judge, which goes on from there.
  const auto position = static_cast<off_t>(handle_->records->position());
  handle_->records.reset();
  if (::fseeko(pcap_file(handle_->pcap), position, SEEK_SET) == 0) return next_of_libpcap(packet);
  error_ = handle_->name + ": packet " + std::to_string(number_ + 1) + ": " + std::strerror(errno);
  return Next::kError;
}

PcapFile::Next PcapFile::next_of_blocks(capture::Packet& packet) {
  switch (handle_->blocks->next(packet)) {
    case PcapngReader::Next::kPacket:
      packet.number = ++number_;
      return Next::kPacket;
    case PcapngReader::Next::kEnd:
      return Next::kEnd;
    case PcapngReader::Next::kError:
      break;
  }
  error_ = handle_->name + ": packet " + std::to_string(number_ + 1) + ": " +
           handle_->why(handle_->blocks->error());
  return Next::kError;
}

PcapFile::Next PcapFile::next_of_libpcap(capture::Packet& packet) {
  pcap_pkthdr* header = nullptr;
  const u_char* bytes = nullptr;
  const int result = pcap_next_ex(handle_->pcap, &header, &bytes);
  if (result == PCAP_ERROR_BREAK) return Next::kEnd;
  if (result != 1) {
    error_ = handle_->name + ": packet " + std::to_string(number_ + 1) + ": " +
             handle_->why(pcap_geterr(handle_->pcap));
    return Next::kError;
  }
  packet.number = ++number_;
  // tv_usec holds nanoseconds: that precision was asked for.
  packet.time = std::chrono::seconds(std::clamp<std::int64_t>(header->ts.tv_sec, 0, kLastSecond)) +
                std::chrono::nanoseconds(header->ts.tv_usec);
  packet.link = handle_->link;
  packet.bytes = {bytes, header->caplen};
  packet.wire_length = header->len < header->caplen ? header->caplen : header->len;
  return Next::kPacket;
}

}  // namespace zkprobe::pcap
