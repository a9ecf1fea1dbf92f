// What the directed tests showed: does a server dial back, what does it announce, is its learner
// port there.
#include <algorithm>

#include "audit/finding.hpp"
#include "wire/ip_literal.hpp"

namespace zkprobe::audit {
namespace {

Finding finding_of(std::string id, Severity severity, std::string title, const Server& server) {
  Finding finding;
  finding.id = std::move(id);
  finding.severity = severity;
  finding.title = server.name() + " " + std::move(title);
  finding.concern(server);
  return finding;
}

std::string waited(const Look& look) {
  return look.view->host + " waited at " + wire::to_string(look.sighting->dial_back->listener);
}

// Whether the host that waited is one on which a server runs.
bool is_members_host(const Roster& roster, const View& view) {
  const auto here = [&view](const Look& look) {
    const std::string host = host_of(look.sighting->remote);
    return !is_loopback(host) &&
           std::find(view.local.begin(), view.local.end(), host) != view.local.end();
  };
  return std::any_of(roster.servers().begin(), roster.servers().end(),
                     [&here](const Server& server) {
                       return std::any_of(server.looks.begin(), server.looks.end(), here);
                     });
}

// A lost call, and a member that calls no strangers (zkprobe), look the same from here: the link is
// closed at the greeting, and nobody calls. One that takes part in its ensemble, towards a host
// that does not, has all the links that it needs.
Severity severity_of_no_call(const Roster& roster, const Look& look) {
  const bool read_it = look.sighting->dial_back->closed.has_value();
  const bool looking = look.sighting->answer() == nullptr ||
                       look.sighting->answer()->notification.state == wire::ServerState::kLooking;
  return read_it && !looking && !is_members_host(roster, *look.view) ? Severity::kNote
                                                                     : Severity::kProblem;
}

void no_call(const Roster& roster, const Server& server, const Look& look, Findings& findings) {
  Finding finding = finding_of("no_dial_back", severity_of_no_call(roster, look),
                               "does not dial back to " + look.view->host, server);
  finding.detail =
      look.sighting->dial_back->closed
          ? "It read our greeting and closed the link, as it should. Then its call was lost on the "
            "way, or it is a member that calls no strangers, as those of zkprobe do: from here "
            "both look the same. A lower id whose calls back are lost never joins ('Have smaller "
            "server identifier' in its log is normal)."
          : "It does not read the greetings of new links: a lower id cannot ask it to call back, "
            "and never joins.";
  finding.advice = "Look for firewalls, proxies and address translation on the way from it to " +
                   look.view->host + ". If " + look.view->host +
                   " is no member's host, the way to a member may be another one.";
  finding.prove(waited(look) + ": " + look.sighting->dial_back->text);
  findings.push_back(std::move(finding));
}

// Bytes that are no greeting: TLS as a rule.
void strange_call(const Server& server, const Look& look, Findings& findings) {
  Finding finding = finding_of("strange_dial_back", Severity::kNote,
                               "dials back with something that is no greeting", server);
  finding.detail = "It wants TLS or SASL with its peers, or something stands between.";
  finding.advice = "Compare sslQuorum and the SASL settings of all members.";
  finding.prove(waited(look) + ": " + look.sighting->dial_back->text);
  findings.push_back(std::move(finding));
}

void announced(const Server& server, const Look& look, Findings& findings) {
  const wire::InitialMessage& greeting = *look.sighting->dial_back->greeting;
  if (server.sid && greeting.sid != *server.sid) {
    Finding finding = finding_of("dials_back_as_another", Severity::kProblem,
                                 "says that it is server " + to_string(greeting.sid), server);
    finding.detail = "Its myid file and the configurations differ.";
    finding.advice = "Give it the myid that all configurations have for its address.";
    finding.prove(waited(look) + ": a greeting of server " + to_string(greeting.sid));
    findings.push_back(std::move(finding));
  }
  for (const wire::HostPort& address : greeting.addresses) {
    const bool wildcard = wire::is_wildcard(address);
    if (!wildcard && (!is_loopback(address.host) || is_loopback(host_of(look.sighting->remote)))) {
      continue;
    }
    Finding finding = finding_of(
        "greets_with_unusable_address", Severity::kProblem,
        "greets with " + wire::to_string(address) + ", where nobody else reaches it", server);
    finding.detail =
        "Members of 3.5.0 to 3.5.7 and 3.6.0 with a higher id dial that address back, which is "
        "themselves (ZOOKEEPER-2164).";
    finding.advice = "Write its real address in its server line.";
    finding.prove(waited(look) + ": " + wire::to_string(address) + " in the greeting");
    findings.push_back(std::move(finding));
  }
}

void learner_port(const Server& server, const Look& look, Findings& findings) {
  const PortTry& port = *look.sighting->learner_port;
  if (!port.failure) return;
  const Silence silence = silence_of_connection(*port.failure);
  const bool leads = look.sighting->answer() != nullptr &&
                     look.sighting->answer()->notification.state == wire::ServerState::kLeading;
  // Who does not lead does not listen: a refusal says that the way is open.
  if (!leads && silence == Silence::kRefused) return;
  Finding finding = finding_of(leads ? "learner_port_closed" : "learner_port_cut_off",
                               leads ? Severity::kProblem : Severity::kNote,
                               leads ? "leads, and its learner port cannot be reached"
                                     : "cannot be reached at its learner port's address",
                               server);
  finding.detail = leads
                       ? "It won the election, and nobody can follow it from here."
                       : "It does not lead now. If it is elected, nobody can follow it from here.";
  finding.advice = "Open " + wire::to_string(port.address) + " to the members.";
  finding.prove(look.view->host + ": " + *port.failure);
  findings.push_back(std::move(finding));
}

// What was asked for and could not be tested, so that nobody takes it for healthy.
void untested(const Roster& roster, Findings& findings) {
  Finding finding;
  std::size_t count = 0;
  for (const View& view : roster.views()) {
    for (const Server& server : roster.servers()) {
      const Look* answered = nullptr;
      const DialBack* test = nullptr;
      for (const Look& look : server.looks) {
        if (look.view != &view || look.sighting->answer() == nullptr) continue;
        answered = &look;
        if (look.sighting->dial_back) test = &*look.sighting->dial_back;
      }
      if (answered == nullptr || (test == nullptr && !view.directions)) continue;
      if (test != nullptr && test->outcome != DialBack::Outcome::kUntestable) continue;
      ++count;
      finding.concern(server);
      finding.prove(view.host + " and " + server.name() + ": " +
                    (test == nullptr ? "the run ended before the test" : test->text));
    }
  }
  if (count == 0) return;
  finding.id = "directions_untested";
  finding.title = "Whether " + std::to_string(count) +
                  (count == 1 ? " server dials" : " servers dial") + " back was not tested";
  finding.detail = "So nothing is known of the way from there to here.";
  findings.push_back(std::move(finding));
}

}  // namespace

void judge_directions(const Roster& roster, Findings& findings) {
  for (const Server& server : roster.servers()) {
    for (const Look& look : server.looks) {
      if (look.sighting->dial_back) {
        switch (look.sighting->dial_back->outcome) {
          case DialBack::Outcome::kCame:
            announced(server, look, findings);
            break;
          case DialBack::Outcome::kNone:
            no_call(roster, server, look, findings);
            break;
          case DialBack::Outcome::kNoGreeting:
            strange_call(server, look, findings);
            break;
          case DialBack::Outcome::kUntestable:
            break;  // see untested()
        }
      }
      if (look.sighting->learner_port) learner_port(server, look, findings);
    }
  }
  untested(roster, findings);
}

}  // namespace zkprobe::audit
