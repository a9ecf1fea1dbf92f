#include "analysis/findings.hpp"

namespace zkprobe::analysis {

std::vector<Finding> findings_of_links(const Story& /*story*/) { return {}; }

}  // namespace zkprobe::analysis
