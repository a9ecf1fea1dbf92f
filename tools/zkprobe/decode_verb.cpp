// zkprobe decode FILE|-: the messages of a capture.
#include <cstdio>
#include <memory>
#include <string>

#include "capture/decoder.hpp"
#include "decode_hex.hpp"
#include "decode_printer.hpp"
#include "interrupt.hpp"
#include "pcap/pcap_file.hpp"
#include "verbs.hpp"

#include <CLI/CLI.hpp>

namespace zkprobe::tool {
namespace {

struct DecodeVerbOptions {
  std::string file;
  std::string hex;
  DecodeOptions decode;
};

// False when the file ends in the middle of a packet, or is damaged.
bool read(pcap::PcapFile& file, capture::Decoder& decoder, DecodePrinter& printer, bool at_once) {
  capture::Packet packet;
  while (!interrupted() && !printer.closed()) {
    const auto next = file.next(packet);
    if (next != pcap::PcapFile::Next::kPacket) {
      return next == pcap::PcapFile::Next::kEnd || interrupted();
    }
    printer.saw(packet);
    decoder.packet(packet);
    if (at_once) printer.flush();
  }
  return true;
}

std::string no_messages(const capture::Decoder& decoder) {
  const capture::PacketCounts& packets = decoder.packets();
  std::string text = "no messages in " + std::to_string(packets.packets) + " packets, " +
                     std::to_string(packets.tcp) + " of them TCP";
  const std::uint64_t tls =
      decoder.conversations().streams[static_cast<std::size_t>(capture::Protocol::kTls)];
  if (tls > 0) text += "; TLS hides what is in it, streams: " + std::to_string(tls);
  return text;
}

ExitCode decode_file(const DecodeVerbOptions& options) {
  auto file = pcap::PcapFile::open(options.file);
  if (!file) throw UsageError("decode: " + file.error());
  note_interrupts();
  DecodePrinter printer(options.decode);
  capture::Decoder decoder(printer, options.decode.decoder);
  // What comes through a pipe may come slowly: each message is shown at once.
  const bool whole = read(*file, decoder, printer, file->may_wait());
  decoder.finish();
  printer.finish(decoder);
  if (!printer.any_message() && !options.decode.summary) {
    std::fprintf(stderr, "zkprobe: decode: %s\n", no_messages(decoder).c_str());
  } else if (!printer.any_passed() && !options.decode.summary) {
    std::fprintf(stderr,
                 "zkprobe: decode: nothing matched: %llu messages, none that is asked for\n",
                 static_cast<unsigned long long>(decoder.conversations().messages));
  }
  if (whole) return ExitCode::kHolds;
  std::fprintf(stderr, "zkprobe: decode: %s\n", file->error().c_str());
  return ExitCode::kDoesNotHold;
}

ExitCode decode_hex(const DecodeVerbOptions& options) {
  const auto bytes = hex_decode(options.hex);
  if (!bytes || bytes->empty()) {
    throw UsageError("decode: --hex: expected pairs of hex digits, found '" + options.hex + "'");
  }
  const auto body = decode_one(*bytes);
  if (!body) {
    std::fprintf(stderr, "zkprobe: decode: %s\n", body.error().c_str());
    return ExitCode::kDoesNotHold;
  }
  DecodeView view(Style::of_standard_output());
  std::string out;
  if (options.decode.json) {
    view.json(*body, *bytes, out);
  } else {
    out = view.line(*body) + "\n";
  }
  std::fwrite(out.data(), 1, out.size(), stdout);
  const bool malformed = std::holds_alternative<capture::Malformed>(*body);
  return malformed ? ExitCode::kDoesNotHold : ExitCode::kHolds;
}

}  // namespace

void add_decode_verb(CLI::App& app, Context& context) {
  const auto options = std::make_shared<DecodeVerbOptions>();
  CLI::App* const verb = add_verb(
      app, context,
      {"decode",
       "Print the messages of a capture",
       {"zkprobe decode outage.pcap", "zkprobe decode outage.pcapng.gz --summary",
        "zkprobe decode outage.pcap --kind notification --server 3 --from 2m --to 150s",
        "zkprobe decode outage.pcap --kind NEWLEADER,UPTODATE --json",
        "tcpdump -i eth0 -w - tcp | zkprobe decode - --json",
        "zkprobe decode --hex 0000000000000003"},
       "Election and learner traffic is recognised by its bytes; ports need not be named. TLS is\n"
       "counted only. FILE is pcap or pcapng, gzipped or not; - is standard input. A file that "
       "ends\n"
       "in the middle of a packet is decoded up to there, with exit code 1.\n"
       "\n"
       "A server is known once the capture told who it is: by a greeting, a configuration, a\n"
       "LearnerInfo or a LEADING vote. --from and --to take a time in UTC, or a duration since "
       "the\n"
       "first packet. With --summary the filters choose what is counted."});
  CLI::Option* const file =
      verb->add_option("FILE", options->file, "The capture; - is standard input");
  CLI::Option* const hex =
      verb->add_option("--hex", options->hex, "Decode one message from hex digits")
          ->type_name("BYTES");
  file->excludes(hex);
  add_decode_options(*verb, options->decode);
  verb->callback([&context, options] {
    if (options->file.empty() && options->hex.empty()) {
      throw CLI::RequiredError("FILE or --hex");
    }
    context.run = [options] {
      return options->hex.empty() ? decode_file(*options) : decode_hex(*options);
    };
  });
}

}  // namespace zkprobe::tool
