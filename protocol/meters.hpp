// What the daemon counts about itself, for /metrics: plain numbers that their
// one writer, the loop thread, adds to, and that are read there too when
// somebody asks. Whoever counts holds a pointer; actors/metrics gives the
// numbers their names.

#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>

namespace outrigger {

struct route;

/// How long things took. Bounds in seconds, as Prometheus wants them.
struct duration_histogram {
  static constexpr std::array<double, 13> bounds{
      0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
      0.025,  0.05,    0.1,    0.25,  1,      5};

  std::array<std::uint64_t, bounds.size() + 1> counts{}; // the last: above all
  double sum = 0;                                        // seconds

  void observe(std::chrono::nanoseconds took) {
    const double seconds = std::chrono::duration<double>(took).count();
    std::size_t bucket = 0;
    while (bucket < bounds.size() && seconds > bounds[bucket])
      ++bucket;
    ++counts[bucket];
    sum += seconds;
  }
};

/// Why a request was not let in.
enum class denial : std::uint8_t {
  missing,   // no credential
  invalid,   // a wrong, expired or unreadable one
  scope,     // a good one, not for this
  host,      // a Host that is not ours
  origin,    // an Origin or a cross-site request that is not allowed
  malformed, // the gate refused how it is written
  throttled, // its source is being penalised
  overload,  // there is no room for strangers now
};
inline constexpr std::size_t denial_count = 8;

/// Of net/.
struct edge_meters {
  // Now.
  std::size_t http_connections = 0;
  std::size_t websockets = 0;
  std::size_t unauthenticated = 0; // connections that showed no credential yet
  std::size_t queued_out = 0;      // bytes waiting for sockets
  std::size_t queued_in = 0;       // bytes read and not yet consumed
  // Since the start.
  std::uint64_t accepted = 0;
  std::uint64_t evicted = 0;     // strangers dropped for newer ones
  std::uint64_t shed = 0;        // closed unserved: no descriptors
  std::uint64_t slow_closed = 0; // closed because overload needed the memory
  std::uint64_t accept_errors = 0;
  std::array<std::uint64_t, denial_count> denied{};
  std::uint64_t messages_in = 0;
  std::uint64_t messages_out = 0;
  std::uint64_t bytes_in = 0; // of WebSocket messages
  std::uint64_t bytes_out = 0;
  std::map<std::uint16_t, std::uint64_t> closed; // WebSockets, by close code
  /// Answers by route and status; a null route is none of the table.
  std::map<std::pair<const route*, unsigned>, std::uint64_t> answers;
  std::map<const route*, duration_histogram> durations;
};

/// Of the terminals.
struct terminal_meters {
  std::uint64_t output_bytes = 0;  // given to viewers
  std::uint64_t input_bytes = 0;   // taken by ptys
  std::uint64_t dropped_bytes = 0; // skipped for viewers left behind
  std::uint64_t gaps = 0;          // how often that was
  std::uint64_t pauses = 0;        // a program began to wait for a viewer
  std::uint64_t left_behind = 0;   // viewers it no longer waits for
};

/// Of the watched folders.
struct watch_meters {
  std::uint64_t events = 0; // changes told, however many listened
  std::uint64_t lost = 0;   // listeners that did not keep up
};

struct meters {
  edge_meters edge;
  terminal_meters terminals;
  watch_meters watches;
};

} // namespace outrigger
