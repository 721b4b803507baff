// SOURCE: anything terminal output arrives from – a pty, a relay's TCP
// connection, a WebSocket of the daemon – so that one loop drives them all
// and measures ours and the references in the same way.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "bench/statistics.hpp"

namespace outrigger::bench {

/// Takes a piece of output of terminal `id`.
using output_sink =
    std::function<void(std::uint8_t id, std::string_view bytes)>;

/// What the benchmark cannot go on after: printed as one line.
struct failure : std::runtime_error {
  using runtime_error::runtime_error;
};

class source {
public:
  source() = default;
  source(const source&) = delete;
  source& operator=(const source&) = delete;
  virtual ~source() = default;

  /// To be polled for input.
  [[nodiscard]] virtual int fd() const = 0;

  /// One read of at most `max` bytes from fd(), which is readable. False at
  /// its end.
  virtual bool receive(const output_sink& sink, std::size_t max) = 0;

  /// Types into terminal `id`.
  virtual void type(std::uint8_t id, std::string_view keys) = 0;
};

inline constexpr std::size_t read_size = 256 * 1024;

struct drive_plan {
  std::vector<source*> sources;
  /// Typed into this terminal of sources.front(); 0: nothing.
  std::uint8_t echo_id = 0;
  /// Pause between an echo and the next key.
  std::chrono::microseconds gap{0};
  /// Ends when so many keys were echoed, after this time, or when every
  /// source gave so many bytes besides echoes, whichever comes first.
  std::size_t keys = SIZE_MAX;
  std::chrono::duration<double> time{10};
  std::uint64_t bytes_each = UINT64_MAX;
};

struct drive_result {
  std::vector<double> echo_us;
  std::vector<std::uint64_t> bytes; // of each source, echoes not counted
  double seconds = 0;
  std::size_t keys_lost = 0; // keys whose echo had not come at the end

  [[nodiscard]] double mb_per_s() const; // of all sources

  /// Adds what the same sources did next.
  drive_result& operator+=(const drive_result& next);
};

/// Reads all sources as they become readable, types, and times the echoes.
drive_result drive(const drive_plan& plan);

/// Reads until terminal `id` printed `text`; throws after 10 s.
void wait_for(source& from, std::uint8_t id, std::string_view text);

} // namespace outrigger::bench
