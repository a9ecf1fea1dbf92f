// zkprobe replay FILE: the captured servers against our election.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>

#include "address.hpp"
#include "analysis/replay.hpp"
#include "capture/decoder.hpp"
#include "capture_options.hpp"
#include "options.hpp"
#include "output.hpp"
#include "pcap/pcap_file.hpp"
#include "replay_live.hpp"
#include "replay_view.hpp"
#include "verbs.hpp"

#include <CLI/CLI.hpp>

namespace zkprobe::tool {
namespace {

struct ReplayVerbOptions {
  std::string file;
  std::string config_file;
  std::vector<std::int64_t> servers;
  std::optional<Release> emulate;
  bool trace = false;
  bool json = false;
  capture::DecoderOptions decoder;
  bool live = false;  // --target
  ReplayLiveOptions target;
};

struct Recorded {
  analysis::Tape tape;
  capture::CaptureTime start{0};
  std::optional<std::string> damage;  // the file ends in the middle, and where
};

Recorded record(const ReplayVerbOptions& options) {
  auto file = pcap::PcapFile::open(options.file);
  if (!file) throw UsageError("replay: " + file.error());
  analysis::TapeRecorder recorder;
  capture::Decoder decoder(recorder, options.decoder);
  Recorded out;
  capture::Packet packet;
  for (;;) {
    const auto next = file->next(packet);
    if (next == pcap::PcapFile::Next::kError) out.damage = file->error();
    if (next != pcap::PcapFile::Next::kPacket) break;
    decoder.packet(packet);
  }
  decoder.finish();
  out.start = recorder.start();
  out.tape = recorder.take(decoder.directory());
  return out;
}

wire::QuorumConfig read_config(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw UsageError("replay: --config: cannot read " + path);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  auto config = wire::parse_quorum_config(text);
  if (!config) {
    throw UsageError("replay: --config: " + path + ": " + printable(to_string(config.error())) +
                     " (only server.N, group.N, weight.N and version may stand there)");
  }
  return *std::move(config);
}

ExitCode run_offline(const ReplayVerbOptions& options) {
  analysis::ReplayOptions replay;
  for (const std::int64_t sid : options.servers) replay.servers.emplace_back(sid);
  replay.release = options.emulate;
  if (!options.config_file.empty()) replay.config = read_config(options.config_file);
  const Recorded recorded = record(options);
  const ReplayView view(Style::of_standard_output(), recorded.start);
  if (options.trace) {
    replay.trace = [&](Sid self, Duration at, const std::string& line) {
      const std::string text = view.trace_line(self, at, line);
      std::fwrite(text.data(), 1, text.size(), options.json ? stderr : stdout);
    };
  }
  const auto servers = analysis::replay(recorded.tape, replay);
  if (recorded.damage) std::fprintf(stderr, "zkprobe: replay: %s\n", recorded.damage->c_str());
  if (servers.empty()) {
    throw UsageError("replay: " + options.file + ": no votes of " +
                     (options.servers.empty() ? std::string("any server") : "these servers") +
                     " in it");
  }
  const std::string out = options.json ? view.json(servers) : view.text(servers);
  std::fwrite(out.data(), 1, out.size(), stdout);
  for (const analysis::ServerReplay& server : servers) {
    if (!server.agrees()) return ExitCode::kDoesNotHold;
  }
  return recorded.damage ? ExitCode::kDoesNotHold : ExitCode::kHolds;
}

ExitCode run_live(ReplayVerbOptions& options) {
  if (options.servers.size() > 1) {
    throw UsageError("replay: --target: one --server of the capture is played, found " +
                     std::to_string(options.servers.size()));
  }
  if (!options.servers.empty()) options.target.peer = Sid(options.servers.front());
  options.target.json = options.json;
  const Recorded recorded = record(options);
  if (recorded.damage) std::fprintf(stderr, "zkprobe: replay: %s\n", recorded.damage->c_str());
  return replay_live(recorded.tape, options.target);
}

void add_live_options(CLI::App& verb, const std::shared_ptr<ReplayVerbOptions>& options) {
  ReplayLiveOptions* const live = &options->target;
  CLI::Option* const target =
      verb.add_option_function<std::string>(
              "--target",
              [options](const std::string& text) {
                auto address = parse_address(text);
                if (!address) throw CLI::ValidationError("--target", address.error());
                options->target.target = *std::move(address);
                options->live = true;
              },
              "Play one captured peer against the server with this election address")
          ->type_name("ADDRESS");
  CLI::Option* const as =
      verb.add_option_function<std::int64_t>(
              "--as", [live](const std::int64_t& sid) { live->as = Sid(sid); },
              "The id to play it as; the captured peer is this one unless --server names it")
          ->type_name("SID")
          ->needs(target);
  target->needs(as);
  verb.add_option_function<std::int64_t>(
          "--target-as", [live](const std::int64_t& sid) { live->counterpart = Sid(sid); },
          "The server of the capture whose place the target takes; otherwise the one with its id, "
          "or the one that the peer said most to")
      ->type_name("SID")
      ->needs(target);
  verb.add_option("--election", live->election, "Which of the elections between the two, from 1 on")
      ->type_name("N")
      ->check(CLI::PositiveNumber)
      ->needs(target);
  verb.add_flag("--fast", live->fast, "Wait for the answers alone, not for the capture's times")
      ->needs(target);
  verb.add_option("--ensemble", live->ensemble_dir,
                  "The folder of scripts/zk-ensemble or 'zkprobe ensemble --dir' that runs the "
                  "target: needed where the id is a member's")
      ->type_name("DIR")
      ->needs(target);
  add_duration(verb, "--timeout", &live->timeout, "For the first answer, and for each link")
      ->needs(target);
  for (const char* offline : {"--config", "--emulate", "--trace"}) {
    target->excludes(verb.get_option(offline));
  }
}

}  // namespace

void add_replay_verb(CLI::App& app, Context& context) {
  const auto options = std::make_shared<ReplayVerbOptions>();
  CLI::App* const verb = add_verb(
      app, context,
      {"replay",
       "Replay captured elections and compare the decisions",
       {"zkprobe replay outage.pcap", "zkprobe replay outage.pcap --server 3 --trace",
        "zkprobe replay outage.pcap --config members.txt --json",
        "zkprobe replay outage.pcap --target 127.0.0.1:3888 --as 3 --ensemble /tmp/e"},
       "An Election of each server's release is fed what the server received, at the times of the\n"
       "capture; what it does is compared with what the server sent. Differences that another\n"
       "order of the same moment explains, or that the capture's beginning or a loss explains,\n"
       "are said and do not count. Exit code 1 where a real difference stands.\n"
       "\n"
       "With --target one captured peer is played against a live server: it greets as SID and "
       "sends\n"
       "the votes that it sent in one election, with the times of the capture. The target is "
       "asked\n"
       "first (see 'zkprobe status --help'): rounds, zxids and epochs keep their distance from "
       "where\n"
       "it stands, ids become those of the two. Its answers are compared field by field with "
       "those\n"
       "in the capture, and at the end what it decided. A server elsewhere had heard others as "
       "well:\n"
       "what only their votes can have caused is said and does not count. Exit code 1 where an\n"
       "answer differs, 3 where the target does not answer.\n"
       "A member's id needs --ensemble DIR. Any other id must be larger than all members': its "
       "votes\n"
       "carry no configuration and are counted nowhere; what it leaves behind is what a question "
       "of\n"
       "'zkprobe status' leaves."});
  verb->add_option("FILE", options->file, "The capture; - is standard input")->required();
  verb->add_option("--server", options->servers, "Only these servers")
      ->type_name("SID")
      ->delimiter(',');
  verb->add_option("--config", options->config_file,
                   "The members, as server.N, group.N and weight.N lines, for servers of 3.3 and "
                   "3.4, which do not send them")
      ->type_name("FILE");
  verb->add_option_function<std::string>(
          "--emulate",
          [options](const std::string& text) {
            options->emulate = parse_release(text);
            if (!options->emulate) {
              throw CLI::ValidationError("--emulate",
                                         "expected a release such as 3.9.4, found '" + text + "'");
            }
          },
          "Use the rules of this release in place of what the bytes say")
      ->type_name("RELEASE");
  verb->add_flag("--trace", options->trace, "Print every message and what our election did");
  verb->add_flag("--json", options->json, "One JSON object for each server, and one for all");
  add_election_port(*verb, options->decoder.ports);
  add_live_options(*verb, options);
  verb->callback([&context, options] {
    context.run = [options] { return options->live ? run_live(*options) : run_offline(*options); };
  });
}

}  // namespace zkprobe::tool
