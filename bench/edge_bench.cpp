// EDGE BENCH: the daemon's network edge against a bare Beast server and
// against its own promises: requests per second, how fast a client gets in
// while crowds are there, memory while clients flood, compression. Prints a
// table, and JSON on demand. See README.md for what the rows mean.

#include <array>

#include "bench/measure_edge.hpp"
#include "bench/program.hpp"

namespace outrigger::bench {
namespace {

constexpr std::array groups{
    group{"health", measure_health},
    group{"connect", measure_connect},
    group{"flood", measure_flooders},
    group{"deflate", measure_deflate},
};

} // namespace
} // namespace outrigger::bench

int main(int argc, char** argv) {
  using namespace outrigger::bench;
  return run_program({"edge_bench",
                      "outrigger's network edge against a bare server and its "
                      "own promises",
                      groups},
                     argc, argv);
}
