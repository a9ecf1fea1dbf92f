// Who answers, and what stands behind it where nobody does.
#include <algorithm>

#include "audit/finding.hpp"

namespace zkprobe::audit {
namespace {

// From the first question to the answer. Two ways there and back take milliseconds; a second means
// that the question had to be asked again.
constexpr Duration kSlow = std::chrono::seconds(1);

struct Meaning {
  const char* id;
  const char* title;  // after the server's name
  const char* detail;
  const char* advice;
};

Meaning meaning_of(Silence silence) {
  switch (silence) {
    case Silence::kRefused:
      return {"server_down", "is down: nothing listens on its election port",
              "The host answers and refuses the connection.",
              "Start it; if it runs, look for 'My election bind port' and bind errors in its log "
              "(before 3.5.6 the listener gives up after three tries, ZOOKEEPER-3320)."};
    case Silence::kUnresolved:
      return {"name_unresolved", "has a name that this host cannot resolve",
              "The other servers may have the same trouble: they cannot dial it then.",
              "Check DNS on every member. Releases before 3.5.9 and 3.6.3 keep a failed look-up "
              "(ZOOKEEPER-3991)."};
    case Silence::kNoRoute:
      return {"no_route", "cannot be reached: there is no route to it",
              "The network says so, not the server.",
              "Check routes and firewalls between here and it."};
    case Silence::kNoReply:
      return {"black_hole", "is a black hole: not even a connection comes about",
              "Packets vanish: the host is off, or a firewall drops them. A server that dials it "
              "waits for its whole timeout, and before 3.5.8 and 3.6.1 the election waits too "
              "(ZOOKEEPER-2930, ZOOKEEPER-3756).",
              "Start the host, or let the firewall refuse instead of dropping."};
    case Silence::kMute:
      return {
          "server_mute", "accepts connections and never answers",
          "The kernel accepts, the server does not: its process hangs or is stopped, its "
          "election listener has died (up to 3.4.6 and 3.5.0 a port scan ends it, "
          "ZOOKEEPER-2186), or the thread that reads votes has (3.5.0 to 3.5.7 and 3.6.0, "
          "ZOOKEEPER-3769). It cannot take part in an election.",
          "Take a thread dump, then restart it. A monitor that only connects does not see this."};
    case Silence::kCloses:
      return {"server_closes", "closes every connection without an answer",
              "It wants TLS or SASL on its election port, or it is no election port.",
              "Check the port; a port with TLS or SASL cannot be audited yet."};
    case Silence::kNoVote:
      return {"not_a_server", "answers with something that is no vote",
              "Something else listens there, or a proxy stands before it.", "Check the port."};
    case Silence::kMember:
      return {"asker_is_member", "belongs to an ensemble that has the id of zkprobe's questions",
              "Asking again would disturb that member.", "Give that member another id."};
    case Silence::kOther:
      break;
  }
  return {"unreachable", "cannot be reached", "", "Check the way from here to it."};
}

std::string failure_text(const Look& look) {
  const std::string address = wire::to_string(look.sighting->address);
  const std::string& text = look.sighting->result->error().text;
  return text.starts_with(address) ? text : address + ": " + text;
}

void no_answer(const Server& server, Findings& findings) {
  const auto failed = std::find_if(server.looks.begin(), server.looks.end(), [](const Look& look) {
    return look.sighting->result.has_value();
  });
  if (failed == server.looks.end()) return;  // interrupted before it could answer
  const Meaning meaning = meaning_of(silence_of(failed->sighting->result->error()));
  Finding finding;
  finding.id = meaning.id;
  finding.severity = Severity::kProblem;
  finding.title = server.name() + " " + meaning.title;
  finding.detail = meaning.detail;
  finding.advice = meaning.advice;
  finding.concern(server);
  for (const Look& look : server.looks) {
    if (look.sighting->result) finding.prove(failure_text(look));
    for (const wire::HostPort& by : look.sighting->named_by) {
      finding.prove("named by the configuration of " + wire::to_string(by));
    }
  }
  findings.push_back(std::move(finding));
}

// One of several addresses of a server that is there.
void lost_address(const Server& server, Findings& findings) {
  for (const Look& look : server.looks) {
    if (look.sighting->answer() != nullptr || !look.sighting->result) continue;
    const bool seen_from_there =
        std::any_of(server.looks.begin(), server.looks.end(), [&look](const Look& other) {
          return other.view == look.view && other.sighting->answer() != nullptr;
        });
    if (!seen_from_there) continue;  // judge_hosts tells it
    Finding finding;
    finding.id = "address_lost";
    finding.severity = Severity::kNote;
    finding.title = server.name() + " does not answer at its address " +
                    wire::to_string(look.sighting->address);
    finding.detail = "It answers at another of its addresses: the spare way to it is gone.";
    finding.advice = "Mend it before the other one fails.";
    finding.concern(server);
    finding.prove(failure_text(look));
    findings.push_back(std::move(finding));
  }
}

void slow(const Server& server, Findings& findings) {
  const peer::VoteAnswer& answer = *server.answer();
  if (answer.took < kSlow) return;
  Finding finding;
  finding.id = "slow_answer";
  finding.severity = Severity::kNote;
  finding.title = server.name() + " took " + zkprobe::to_string(answer.took) + " to answer";
  finding.detail =
      "An election port answers in milliseconds. One silent connection holds it up for syncLimit "
      "times tickTime (ZOOKEEPER-3296, ZOOKEEPER-3378); so does a machine without CPU.";
  finding.advice =
      "Look for clients that connect to the election port and say nothing: health checks, "
      "scanners.";
  finding.concern(server);
  finding.prove(wire::to_string(server.address()) + " answered after " +
                zkprobe::to_string(answer.took));
  findings.push_back(std::move(finding));
}

}  // namespace

void judge_reach(const Roster& roster, Findings& findings) {
  for (const Server& server : roster.servers()) {
    if (server.answer() == nullptr) {
      no_answer(server, findings);
    } else {
      lost_address(server, findings);
      slow(server, findings);
    }
  }
  for (const View& view : roster.views()) {
    if (view.beyond_limit == 0) continue;
    Finding finding;
    finding.id = "incomplete";
    finding.title =
        "Not every address was asked: " + std::to_string(view.beyond_limit) + " more are named";
    finding.detail = "An audit asks a limited number of addresses.";
    finding.prove(std::to_string(view.sightings.size()) + " addresses were asked");
    findings.push_back(std::move(finding));
  }
}

}  // namespace zkprobe::audit
