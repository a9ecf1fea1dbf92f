// scenario_tool FILE machine|HOST:PORT [RELEASE]: plays one scenario against our election machine,
// in this process and without waiting, or against a server; prints the verdict and what went over
// the wire as one JSON object. The machine is server 1 of three.
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "conformance/machine_endpoint.hpp"
#include "conformance/runner.hpp"
#include "conformance/tcp_endpoint.hpp"

namespace {

using namespace zkprobe;
using namespace zkprobe::conformance;

constexpr const char* kThree =
    "server.1=127.0.0.1:2881:3881:participant\nserver.2=127.0.0.1:2882:3882:participant\n"
    "server.3=127.0.0.1:2883:3883:participant\nversion=0";

Result play(const Scenario& scenario, const std::string& where, Release release) {
  Target target;
  target.release = {release, release};
  target.sid = Sid(1);
  if (where != "machine") {
    TcpEndpoint endpoint(*wire::parse_host_port(where));
    return Runner(endpoint, target).run(scenario);
  }
  MachineEndpoint endpoint(Sid(1), *wire::parse_quorum_config(kThree), release);
  return Runner(endpoint, target).run(scenario);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: scenario_tool FILE machine|HOST:PORT [RELEASE]\n";
    return 2;
  }
  std::ifstream file(argv[1]);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const auto scenario = parse_scenario(argv[1], text);
  const auto release = argc > 3 ? parse_release(argv[3]) : kNewestRelease;
  if (!scenario || !release) {
    std::cerr << (scenario ? "expected a release" : scenario.error()) << "\n";
    return 2;
  }
  const Result result = play(*scenario, argv[2], *release);
  nlohmann::ordered_json record;
  record["result"] = std::string(to_string(result.verdict));
  record["expected"] = result.expected;
  record["observed"] = result.observed;
  record["line"] = result.line;
  record["transcript"] = result.transcript;
  std::cout << record.dump() << "\n";
  return 0;
}
