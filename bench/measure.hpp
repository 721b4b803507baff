// MEASURE: the groups of the benchmark. Each adds its rows to the report;
// ours and the references take turns, round by round.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "bench/report.hpp"

namespace outrigger::bench {

struct bench_settings {
  std::string daemon;    // the program
  std::string directory; // for everything made on disk
  int rounds = 7;
  bool quick = false;
  std::string lines; // a file of numbered 77-byte lines
  /// What a terminal prints of it: CR LF line ends. A mapped file, which makes
  /// no fork of ours slower.
  std::string_view lines_output;
};

void measure_throughput(const bench_settings& settings, report& out);
void measure_echo(const bench_settings& settings, report& out);
void measure_flood(const bench_settings& settings, report& out);
void measure_interrupt(const bench_settings& settings, report& out);
void measure_stopped(const bench_settings& settings, report& out);
void measure_crowd(const bench_settings& settings, report& out);
void measure_memory(const bench_settings& settings, report& out);
void measure_start(const bench_settings& settings, report& out);

using command = std::vector<std::string>;

/// What programs print once they are ready for the first key.
inline constexpr std::string_view ready = "READY";

/// Prints READY, waits for Return, prints the lines once.
[[nodiscard]] command lines_once(const bench_settings& settings);

/// Prints READY, waits for Return, prints the lines for ever.
[[nodiscard]] command lines_for_ever(const bench_settings& settings);

/// Prints READY, waits for Return, prints two-byte lines for ever.
[[nodiscard]] command yes_for_ever();

/// Prints READY; the line discipline then echoes every key.
[[nodiscard]] command echoing();

} // namespace outrigger::bench
