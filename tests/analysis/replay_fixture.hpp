// A capture of fixtures/pcap as a tape.
#pragma once

#include <stdexcept>
#include <string>

#include "analysis/replay_tape.hpp"
#include "capture/decoder.hpp"
#include "pcap/pcap_file.hpp"
#include "support/fixtures.hpp"

namespace zkprobe::analysis::test {

inline Tape tape_of(const std::string& name) {
  auto file = pcap::PcapFile::open(zkprobe::test::fixture_path("pcap/" + name + ".pcap"));
  if (!file) throw std::runtime_error(file.error());
  TapeRecorder recorder;
  capture::Decoder decoder(recorder);
  capture::Packet packet;
  while (file->next(packet) == pcap::PcapFile::Next::kPacket) decoder.packet(packet);
  decoder.finish();
  return recorder.take(decoder.directory());
}

}  // namespace zkprobe::analysis::test
