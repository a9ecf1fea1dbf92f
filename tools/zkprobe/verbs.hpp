// Every verb: one file each, one line here and one in main.cpp.
#pragma once

#include "context.hpp"

namespace zkprobe::tool {

void add_status_verb(CLI::App& app, Context& context);
void add_join_verb(CLI::App& app, Context& context);
void add_tree_verb(CLI::App& app, Context& context);
void add_ensemble_verb(CLI::App& app, Context& context);
void add_decode_verb(CLI::App& app, Context& context);
void add_capture_verb(CLI::App& app, Context& context);
void add_report_verb(CLI::App& app, Context& context);
void add_replay_verb(CLI::App& app, Context& context);
void add_check_verb(CLI::App& app, Context& context);
void add_audit_verb(CLI::App& app, Context& context);

}  // namespace zkprobe::tool
