#include "pcap/pcap_file.hpp"

#include <pcap/pcap.h>
#include <stdio_ext.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "pcap/link_type.hpp"

namespace zkprobe::pcap {
namespace {

constexpr std::size_t kFileBuffer = 64 * 1024;
// Nanoseconds of 64 bits end in the year 2262; what a damaged file says beyond 2255 becomes that.
constexpr std::int64_t kLastSecond = 9'000'000'000;
constexpr unsigned kInflateBuffer = 128 * 1024;

// FILE* over zlib, which passes on what is not gzipped as it is.
ssize_t read_gzip(void* cookie, char* buffer, std::size_t size) {
  return gzread(static_cast<gzFile>(cookie), buffer, static_cast<unsigned>(size));
}
int close_gzip(void* cookie) { return gzclose(static_cast<gzFile>(cookie)) == Z_OK ? 0 : -1; }

FILE* open_gzip(gzFile gzip) {
  if (gzip == nullptr) return nullptr;
  gzbuffer(gzip, kInflateBuffer);
  cookie_io_functions_t functions{};
  functions.read = read_gzip;
  functions.close = close_gzip;
  FILE* const file = fopencookie(gzip, "rb", functions);
  if (file == nullptr) gzclose(gzip);
  return file;
}

bool is_gzip(FILE* file) {
  unsigned char magic[2] = {};
  const std::size_t got = std::fread(magic, 1, sizeof magic, file);
  std::rewind(file);
  return got == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
}

FILE* open_input(const std::string& path) {
  if (path == "-") return open_gzip(gzdopen(0, "rb"));
  FILE* const file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return nullptr;
  if (!is_gzip(file)) {
    std::setvbuf(file, nullptr, _IOFBF, kFileBuffer);
    return file;
  }
  std::fclose(file);
  return open_gzip(gzopen(path.c_str(), "rb"));
}

std::string name_of(const std::string& path) { return path == "-" ? "standard input" : path; }

}  // namespace

struct PcapFile::Handle {
  pcap_t* pcap = nullptr;
  capture::LinkType link = capture::LinkType::kEthernet;
  std::string name;

  ~Handle() {
    if (pcap != nullptr) pcap_close(pcap);
  }
};

PcapFile::PcapFile(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
PcapFile::PcapFile(PcapFile&&) noexcept = default;
PcapFile& PcapFile::operator=(PcapFile&&) noexcept = default;
PcapFile::~PcapFile() = default;

tl::expected<PcapFile, std::string> PcapFile::open(const std::string& path) {
  FILE* const file = open_input(path);
  if (file == nullptr) {
    return tl::unexpected(name_of(path) + ": cannot be opened: " + std::strerror(errno));
  }
  return read_from(file, name_of(path));
}

tl::expected<PcapFile, std::string> PcapFile::from_memory(BytesView bytes) {
  // It is only read.
  FILE* const file = ::fmemopen(const_cast<std::uint8_t*>(bytes.data()), bytes.size(), "rb");
  if (file == nullptr) return tl::unexpected(std::string("memory: ") + std::strerror(errno));
  return read_from(file, "memory");
}

tl::expected<PcapFile, std::string> PcapFile::read_from(std::FILE* file, const std::string& name) {
  auto handle = std::make_unique<Handle>();
  handle->name = name;
  __fsetlocking(file, FSETLOCKING_BYCALLER);  // nobody else reads it
  char error[PCAP_ERRBUF_SIZE] = {};
  handle->pcap = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, error);
  if (handle->pcap == nullptr) {
    std::fclose(file);
    return tl::unexpected(handle->name + ": expected a pcap or pcapng capture: " + error);
  }
  const int datalink = pcap_datalink(handle->pcap);
  const auto link = link_type(datalink);
  if (!link) {
    return tl::unexpected(handle->name + ": " + unknown_link(datalink));
  }
  handle->link = *link;
  return PcapFile(std::move(handle));
}

PcapFile::Next PcapFile::next(capture::Packet& packet) {
  pcap_pkthdr* header = nullptr;
  const u_char* bytes = nullptr;
  const int result = pcap_next_ex(handle_->pcap, &header, &bytes);
  if (result == PCAP_ERROR_BREAK) return Next::kEnd;
  if (result != 1) {
    error_ = handle_->name + ": packet " + std::to_string(number_ + 1) + ": " +
             pcap_geterr(handle_->pcap);
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
