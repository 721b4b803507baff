// METRICS: what the daemon counts and measures, as text for Prometheus.
//
//   meters, health board, loop, terminals' viewers ─► to_prometheus() ─► text
//
// Nothing here is kept or counted: names and labels are put to the numbers
// when somebody asks. Series are bounded: routes by pattern, close codes by
// those that mean something here, viewers by the laggiest.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/loop_scheduler.hpp"
#include "actors/terminal.hpp"
#include "protocol/meters.hpp"
#include "protocol/overload.hpp"
#include "protocol/status_body.hpp"

namespace outrigger {

/// Viewers that get a series of their own; the rest only count for their
/// terminal's maximum.
inline constexpr std::size_t max_viewer_series = 200;

/// Of the process itself. Whoever fills it in knows these anyway: an empty
/// value is left out.
struct process_figures {
  std::optional<std::uint64_t> resident_bytes;
  std::optional<std::uint64_t> open_files;
  std::optional<std::uint64_t> max_files;
  std::optional<double> cpu_seconds;     // user and system, since the start
  std::optional<double> started_seconds; // of unix time
  std::optional<std::size_t> dropped_log_lines;
};

/// Of the folders that are watched.
struct watch_figures {
  std::size_t folders = 0;  // watched, with all below each
  std::size_t watches = 0;  // of the kernel
  std::size_t degraded = 0; // watched folders a part of which has no watch
  std::uint64_t overflows = 0;
  std::size_t memory = 0; // bytes
};

/// Everything there is to tell at one moment. What is null or empty is left
/// out of the text.
struct metrics_snapshot {
  const meters* counted = nullptr;
  const health_board* health = nullptr;
  /// Of the terminals that answered in time, and how many did not.
  std::vector<viewer_lags> lags;
  std::size_t silent_terminals = 0;
  std::optional<std::size_t> actors;
  std::optional<loop_load> load;
  std::optional<pressure> load_ratios;
  std::optional<watch_figures> watching;
  process_figures process;
};

/// Prometheus' text format, version 0.0.4.
[[nodiscard]] std::string to_prometheus(const metrics_snapshot& now);

/// The Content-Type of that text.
inline constexpr std::string_view prometheus_type =
    "text/plain; version=0.0.4; charset=utf-8";

} // namespace outrigger
