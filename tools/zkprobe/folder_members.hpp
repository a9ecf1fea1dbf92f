// The members of an ensemble on this machine that scripts/zk-ensemble started: ended, started,
// stopped and woken through that script, which knows their processes.
#pragma once

#include "conformance/members.hpp"
#include "ensemble_folder.hpp"

namespace zkprobe::tool {

class FolderMembers final : public conformance::Members {
 public:
  explicit FolderMembers(EnsembleFolder folder);

  // Why the members of this folder cannot be touched: it names no script, or somebody else may have
  // written it. Nothing: they can.
  static std::optional<std::string> why_not(const EnsembleFolder& folder);

  std::vector<Sid> voters() const override;
  tl::expected<void, std::string> act(Sid member, conformance::Deed deed) override;
  tl::expected<void, std::string> run_all() override;
  tl::expected<void, std::string> run_alone(Sid member) override;
  // Starts those that ran when this was made and were ended since. What cannot be started is left.
  void restore();

 private:
  using Result = tl::expected<void, std::string>;
  // The folder as it is now.
  Result refresh();
  Result script(const std::vector<std::string>& words) const;

  EnsembleFolder folder_;
  std::set<Sid> ran_;  // at the beginning
};

// Whether the recorded process of a server lives.
bool is_running(const FolderServer& server);
// The last lines of a server's log, at most `count`, without stack frames; empty where there is
// none.
std::vector<std::string> last_log_lines(const std::string& log, std::size_t count);

}  // namespace zkprobe::tool
