// scenario_tool FILE machine|HOST:PORT [RELEASE [DIR]]: plays one scenario against our election
// machine, in this process and without waiting, or against a server; prints the verdict and what
// went over the wire as one JSON object. The machine is server 1 of three. DIR: an ensemble's
// folder, which tells the members' learner ports; nobody is ended or started.
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

// Every address of the folder; the sid of the server at `where`.
void know(TcpEndpoint& endpoint, const std::string& dir, const std::string& where, Target& target) {
  std::ifstream file(dir + "/ensemble.json");
  const auto folder = nlohmann::json::parse(file);
  for (const auto& server : folder.at("servers")) {
    const Sid sid(server.at("sid").get<std::int64_t>());
    const std::string election = server.at("election");
    const auto learner = *wire::parse_host_port(server.at("quorum").get<std::string>());
    endpoint.know({Place::Port::kLearner, sid}, learner);
    endpoint.know({Place::Port::kElection, sid}, *wire::parse_host_port(election));
    if (election != where) continue;
    target.sid = sid;
    endpoint.know({Place::Port::kLearner, {}}, learner);
  }
}

Result play(const Scenario& scenario, const std::string& where, Release release,
            const std::string& dir) {
  Target target;
  target.release = {release, release};
  target.sid = Sid(1);
  if (where != "machine") {
    TcpEndpoint endpoint(*wire::parse_host_port(where));
    if (!dir.empty()) know(endpoint, dir, where, target);
    return Runner(endpoint, target).run(scenario);
  }
  target.lacks = MachineEndpoint::lacks();
  MachineEndpoint endpoint(Sid(1), *wire::parse_quorum_config(kThree), release);
  return Runner(endpoint, target).run(scenario);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: scenario_tool FILE machine|HOST:PORT [RELEASE [DIR]]\n";
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
  const Result result = play(*scenario, argv[2], *release, argc > 4 ? argv[4] : "");
  nlohmann::ordered_json record;
  record["result"] = std::string(to_string(result.verdict));
  record["expected"] = result.expected;
  record["observed"] = result.observed;
  record["line"] = result.line;
  record["transcript"] = result.transcript;
  std::cout << record.dump() << "\n";
  return 0;
}
