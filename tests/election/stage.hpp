// A stage for transcripts: election machines on one clock, the messages between them, and the
// directives that move them. fixtures/election/README.md lists the directives.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>

#include "election/election.hpp"
#include "election/transcript.hpp"

namespace zkprobe::test {

class Stage {
 public:
  // Throws std::runtime_error with the line where a directive is not understood.
  std::string answer(const Directive& directive);

 private:
  struct Server {
    election::Election machine;
    election::LogPosition own;
  };
  struct Message {
    Sid from;
    Sid to;
    Bytes payload;
  };

  std::string config(const Directive& directive);
  std::string server(const Directive& directive);
  std::string look(const Directive& directive);
  std::string receive(const Directive& directive);
  std::string time(const Directive& directive);
  std::string settle(const Directive& directive);
  std::string hold(const Directive& directive);
  std::string oracle(const Directive& directive);
  std::string ask(const Directive& directive);
  std::string deliver(const Directive& directive);
  std::string run(const Directive& directive);
  std::string states(const Directive& directive);
  std::string remove(const Directive& directive);
  std::string cut(const Directive& directive);
  std::string show(const Directive& directive);

  Server& server_of(const Directive& directive, Sid& sid);
  const wire::QuorumConfig& config_named(const Directive& directive, const std::string& name) const;
  Bytes payload_of(const Directive& directive) const;
  // Steps the machine, loops what it sends to itself back, queues what it sends to others, and
  // says what happened.
  std::string step(Sid sid, const election::Input& input);
  std::string apply(Sid sid, const election::Effects& effects, std::deque<Message>& loop);
  bool is_cut(Sid from, Sid to) const;
  std::string deliver_one();
  bool shown(const election::Effect& effect) const;

  std::map<std::string, wire::QuorumConfig> configs_;
  std::map<Sid, Server> servers_;
  std::deque<Message> wire_;
  std::set<Sid> cut_;
  std::set<std::string> shown_{"sends", "reports"};
  Instant now_;
};

}  // namespace zkprobe::test
