#include "pcap/live_capture.hpp"

#include <pcap/pcap.h>
#include <poll.h>

#include <algorithm>
#include <utility>

#include "pcap/link_type.hpp"

namespace zkprobe::pcap {
namespace {

constexpr int kGatherMs = 50;  // the kernel hands packets on after this time at the latest

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::string activation_error(const std::string& interface, int result, pcap_t* pcap) {
  if (result == PCAP_ERROR_PERM_DENIED || result == PCAP_ERROR_PROMISC_PERM_DENIED) {
    return interface +
           ": capturing needs the privilege CAP_NET_RAW: run as root, or give it to the program: "
           "setcap cap_net_raw+ep PATH-OF-ZKPROBE";
  }
  if (result == PCAP_ERROR_IFACE_NOT_UP) return interface + ": the interface is down";
  const std::string more = pcap_geterr(pcap);
  return interface + ": " + pcap_statustostr(result) + (more.empty() ? "" : ": " + more);
}

}  // namespace

std::vector<std::string> interfaces() {
  std::vector<std::string> names;
  pcap_if_t* list = nullptr;
  char error[PCAP_ERRBUF_SIZE] = {};
  if (pcap_findalldevs(&list, error) != 0) return names;
  for (const pcap_if_t* at = list; at != nullptr; at = at->next) names.emplace_back(at->name);
  pcap_freealldevs(list);
  return names;
}

struct LiveCapture::Handle {
  pcap_t* pcap = nullptr;
  capture::LinkType link = capture::LinkType::kEthernet;
  std::string name;

  ~Handle() {
    if (pcap != nullptr) pcap_close(pcap);
  }
};

LiveCapture::LiveCapture(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
LiveCapture::LiveCapture(LiveCapture&&) noexcept = default;
LiveCapture& LiveCapture::operator=(LiveCapture&&) noexcept = default;
LiveCapture::~LiveCapture() = default;

tl::expected<LiveCapture, std::string> LiveCapture::open(const LiveOptions& options) {
  const std::string& name = options.interface;
  const std::vector<std::string> known = interfaces();
  if (!known.empty() && std::find(known.begin(), known.end(), name) == known.end()) {
    return tl::unexpected("no interface '" + name + "': there are " + joined(known));
  }
  auto handle = std::make_unique<Handle>();
  handle->name = name;
  char error[PCAP_ERRBUF_SIZE] = {};
  pcap_t* const pcap = handle->pcap = pcap_create(name.c_str(), error);
  if (pcap == nullptr) return tl::unexpected(name + ": " + error);
  pcap_set_snaplen(pcap, options.snap_length);
  pcap_set_buffer_size(pcap, options.buffer_bytes);
  pcap_set_timeout(pcap, kGatherMs);
  pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO);
  const int result = pcap_activate(pcap);
  if (result < 0) return tl::unexpected(activation_error(name, result, pcap));
  const auto link = link_type(pcap_datalink(pcap));
  if (!link) return tl::unexpected(name + ": " + unknown_link(pcap_datalink(pcap)));
  handle->link = *link;
  bpf_program program{};
  if (pcap_compile(pcap, &program, options.filter.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0) {
    return tl::unexpected("filter '" + options.filter + "': " + pcap_geterr(pcap));
  }
  const int set = pcap_setfilter(pcap, &program);
  pcap_freecode(&program);
  if (set != 0) return tl::unexpected("filter '" + options.filter + "': " + pcap_geterr(pcap));
  if (pcap_setnonblock(pcap, 1, error) != 0) return tl::unexpected(name + ": " + error);
  return LiveCapture(std::move(handle));
}

LiveCapture::Next LiveCapture::next(capture::Packet& packet) {
  pcap_pkthdr* header = nullptr;
  const u_char* bytes = nullptr;
  const int result = pcap_next_ex(handle_->pcap, &header, &bytes);
  if (result == 0) return Next::kNothing;
  if (result != 1) {
    error_ = handle_->name + ": " + pcap_geterr(handle_->pcap);
    return Next::kError;
  }
  packet.number = ++number_;
  const bool nano = pcap_get_tstamp_precision(handle_->pcap) == PCAP_TSTAMP_PRECISION_NANO;
  packet.time = std::chrono::seconds(header->ts.tv_sec) +
                std::chrono::nanoseconds(header->ts.tv_usec * (nano ? 1 : 1'000));
  packet.link = handle_->link;
  packet.bytes = {bytes, header->caplen};
  packet.wire_length = std::max<std::size_t>(header->len, header->caplen);
  return Next::kPacket;
}

void LiveCapture::wait(std::chrono::milliseconds time) {
  pollfd waiting{pcap_get_selectable_fd(handle_->pcap), POLLIN, 0};
  ::poll(&waiting, 1, static_cast<int>(time.count()));
}

int LiveCapture::datalink() const { return pcap_datalink(handle_->pcap); }

LiveCounts LiveCapture::counts() const {
  pcap_stat seen{};
  if (pcap_stats(handle_->pcap, &seen) != 0) return {number_, 0};
  return {seen.ps_recv, std::uint64_t{seen.ps_drop} + seen.ps_ifdrop};
}

}  // namespace zkprobe::pcap
