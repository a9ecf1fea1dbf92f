#include "audit_run.hpp"

#include <unistd.h>

#include <algorithm>
#include <random>
#include <set>

#include "audit/roster.hpp"
#include "output.hpp"

namespace zkprobe::tool {
namespace {

// Servers that are tested at once. With --listen one port serves all, one after the other.
constexpr std::size_t kTestsAtOnce = 8;

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 && name[0] != '\0' ? name : "this host";
}

audit::DialBack::Outcome outcome_of(net::DialBackTest::Result::What what) {
  using What = net::DialBackTest::Result::What;
  switch (what) {
    case What::kCame:
      return audit::DialBack::Outcome::kCame;
    case What::kNone:
      return audit::DialBack::Outcome::kNone;
    case What::kNoGreeting:
      return audit::DialBack::Outcome::kNoGreeting;
    case What::kUntestable:
      break;
  }
  return audit::DialBack::Outcome::kUntestable;
}

}  // namespace

AuditRun::AuditRun(const AuditOptions& options)
    : options_(options),
      resolver_(std::make_shared<net::Resolver>(io_)),
      signals_(io_, [this] { stop(); }),
      walk_(options.addresses) {
  view_.host = options_.here.empty() ? host_name() : options_.here;
  view_.time = rfc3339(std::chrono::system_clock::now());
  view_.directions = options_.directions;
}

audit::View AuditRun::run() {
  ask_next();
  signals_.run([] {});
  if (!testing_) view_.sightings = walk_.sightings();
  view_.beyond_limit = walk_.beyond_limit();
  std::set<std::string> local;
  for (const audit::Sighting& sighting : view_.sightings) {
    if (sighting.remote.empty()) continue;
    if (const auto address = net::local_address_towards(sighting.remote)) {
      local.insert(address->to_string());
    }
  }
  view_.local.assign(local.begin(), local.end());
  return std::move(view_);
}

void AuditRun::ask_next() {
  for (const wire::HostPort& address : walk_.next()) {
    const peer::VoteQuery::Settings settings{options_.shared.timeout, options_.shared.emulate};
    auto asker =
        std::make_shared<net::VoteAsker>(io_, resolver_, address, settings, std::random_device{}());
    askers_.push_back(asker);
    asker->start(
        [this, address](const net::VoteAsker::Answer& answer) { answered(address, answer); });
  }
}

void AuditRun::answered(const wire::HostPort& address, const net::VoteAsker::Answer& answer) {
  walk_.answered(address, answer.result, answer.remote);
  if (!walk_.finished()) return ask_next();
  view_.sightings = walk_.sightings();
  options_.directions ? start_directions() : stop();
}

// Each server is asked to call once, however many addresses it has: it keeps one link for an id,
// and drops a second call to the same one. Learner ports are tried at each address.
void AuditRun::start_directions() {
  testing_ = true;
  const std::vector<audit::View> seen = {view_};
  const audit::Roster roster(seen);
  std::set<std::string> remotes;
  for (const audit::Server& server : roster.servers()) {
    bool dial_back = true;
    for (const audit::Look& look : server.looks) {
      if (look.sighting->answer() == nullptr) continue;
      const auto index = static_cast<std::size_t>(look.sighting - seen[0].sightings.data());
      if (!remotes.insert(look.sighting->remote).second) continue;
      to_test_.push_back({index, dial_back});
      dial_back = false;
    }
  }
  std::reverse(to_test_.begin(), to_test_.end());
  test_next();
}

void AuditRun::test_next() {
  const std::size_t at_once = options_.listen ? 1 : kTestsAtOnce;
  while (tests_ + 2 <= 2 * at_once && !to_test_.empty()) {
    const Directed next = to_test_.back();
    to_test_.pop_back();
    tests_ += 2;
    next.dial_back ? test_dial_back(next.index) : one_test_less();
    test_learner_port(next.index);
  }
  if (tests_ == 0) stop();
}

void AuditRun::test_dial_back(std::size_t index) {
  audit::Sighting& sighting = view_.sightings[index];
  if (sighting.answer()->form != wire::NotificationForm::kConfig) {
    audit::DialBack untested;
    untested.outcome = audit::DialBack::Outcome::kUntestable;
    untested.text = "releases up to 3.4.14 dial configured addresses alone";
    sighting.dial_back = std::move(untested);
    return one_test_less();
  }
  net::DialBackTest::Settings settings;
  settings.remote = sighting.remote;
  settings.timeout = options_.shared.timeout;
  settings.listen = options_.listen;
  auto test = std::make_shared<net::DialBackTest>(io_, resolver_, settings);
  dial_backs_.push_back(test);
  test->start([this, index](const net::DialBackTest::Result& result) {
    view_.sightings[index].dial_back = audit::DialBack{outcome_of(result.what),
                                                       result.greeting,
                                                       result.listener,
                                                       result.text,
                                                       result.took,
                                                       result.closed};
    one_test_less();
  });
}

// A connection, closed at once. A leader logs an EOFException because of it.
void AuditRun::test_learner_port(std::size_t index) {
  const std::optional<wire::HostPort> port = audit::learner_port_of(view_.sightings[index]);
  if (!port) return one_test_less();
  net::Dial::Settings settings;
  settings.addresses = {*port};
  settings.timeout = options_.shared.timeout;
  auto dial = std::make_shared<net::Dial>(io_, resolver_, std::move(settings));
  dials_.push_back(dial);
  dial->start([this, index, port](net::Dial::Result link) {
    if (link) (*link)->close();
    view_.sightings[index].learner_port =
        audit::PortTry{*port, link ? std::nullopt : std::optional<std::string>(link.error())};
    one_test_less();
  });
}

// Later, not from inside: a test that ends at once would recurse.
void AuditRun::one_test_less() {
  net::asio::post(io_, [this] {
    --tests_;
    if (!stopped_) test_next();
  });
}

void AuditRun::stop() {
  stopped_ = true;
  for (const auto& asker : askers_) asker->close();
  for (const auto& test : dial_backs_) test->close();
  for (const auto& dial : dials_) dial->close();
  io_.stop();
}

}  // namespace zkprobe::tool
