// A capture of fixtures/pcap, told.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "analysis/recorder.hpp"
#include "analysis/story.hpp"
#include "capture/decoder.hpp"
#include "pcap/pcap_file.hpp"
#include "support/fixtures.hpp"

namespace zkprobe::analysis {

inline Recording recording_of(const std::string& name, RecorderBounds bounds = {}) {
  Recorder recorder(bounds);
  capture::Decoder decoder(recorder);
  auto file = pcap::PcapFile::open(test::fixture_path("pcap/" + name));
  EXPECT_TRUE(file) << (file ? "" : file.error());
  capture::Packet packet;
  while (file && file->next(packet) == pcap::PcapFile::Next::kPacket) {
    recorder.saw(packet.number, packet.time);
    decoder.packet(packet);
  }
  decoder.finish();
  return recorder.finish(decoder.directory());
}

inline Story story_of(const std::string& name) { return tell(recording_of(name)); }

// "problem missing_dial_back, note ..."; those that are normal are left out.
inline std::string alarms(const Story& story) {
  std::string text;
  for (const Finding& finding : story.findings) {
    if (finding.severity == Severity::kNormal) continue;
    text +=
        (text.empty() ? "" : ", ") + std::string(to_string(finding.severity)) + " " + finding.id;
  }
  return text;
}

inline const Finding* find(const Story& story, const std::string& id) {
  for (const Finding& finding : story.findings) {
    if (finding.id == id) return &finding;
  }
  return nullptr;
}

}  // namespace zkprobe::analysis
