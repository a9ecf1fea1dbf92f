#include <CLI/CLI.hpp>

int main(int argc, char** argv) {
  CLI::App app{"A ZooKeeper quorum peer and what it makes possible"};
  app.set_version_flag("--version", ZKPROBE_VERSION);
  CLI11_PARSE(app, argc, argv);
}
