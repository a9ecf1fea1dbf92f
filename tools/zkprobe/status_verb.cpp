// zkprobe status ADDRESS...: asks servers for their vote over the election port.
#include <memory>
#include <vector>

#include "address.hpp"
#include "options.hpp"
#include "verbs.hpp"

namespace zkprobe::tool {
namespace {

struct StatusOptions {
  SharedOptions shared;
  std::vector<wire::HostPort> addresses;
};

}  // namespace

void add_status_verb(CLI::App& app, Context& context) {
  auto options = std::make_shared<StatusOptions>();
  CLI::App* verb = add_verb(app, context,
                            {"status",
                             "Ask servers for their vote, without being a member",
                             {"zkprobe status zk1:3888 zk2:3888 zk3:3888"},
                             ""});
  add_addresses(*verb, &options->addresses, "Election ports, port 3888 if none is named")
      ->required();
  add_shared_options(*verb, options->shared);
  verb->callback([options, &context] {
    context.run = [options]() -> ExitCode { throw UsageError("status: not in this build"); };
  });
}

}  // namespace zkprobe::tool
