// PROGRAM: what the benchmarks of a whole daemon have in common: options,
// groups that are measured one after another, the table and the JSON.

#pragma once

#include <span>

#include "bench/measure.hpp"
#include "bench/report.hpp"

namespace outrigger::bench {

struct group {
  const char* name;
  void (*measure)(const bench_settings&, report&);
};

struct bench_program {
  const char* name;
  const char* about;
  std::span<const group> groups;
  void (*prepare)(bench_settings&) = nullptr; // once, before the first group
};

/// Runs the groups that the command line asks for. Returns the exit status: 1
/// when one of them failed.
int run_program(const bench_program& program, int argc, char** argv);

} // namespace outrigger::bench
