// FILES BENCH: the daemon's files against the programs that do nothing else:
// downloads and small reads against nginx, listings against find, searches
// against rg, changes against inotifywait. Prints a table, and JSON on demand.
// See README.md for what the rows mean.

#include <array>

#include "bench/measure_files.hpp"
#include "bench/program.hpp"

namespace outrigger::bench {
namespace {

constexpr std::array groups{
    group{"download", measure_download},
    group{"reads", measure_reads},
    group{"listing", measure_listing},
    group{"search", measure_search},
    group{"events", measure_events},
    group{"large_watch", measure_large_watch},
};

} // namespace
} // namespace outrigger::bench

int main(int argc, char** argv) {
  using namespace outrigger::bench;
  return run_program(
      {"files_bench",
       "outrigger's files against nginx, find, rg and inotifywait", groups},
      argc, argv);
}
