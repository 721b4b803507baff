// PENALTIES: sources that showed wrong credentials too often, and until when
// they are slowed down. One per daemon, on the loop. A right credential is
// always taken, whoever else uses the address: behind a reverse proxy that is
// everybody.

#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>

#include "net/source.hpp"

namespace outrigger {

class penalties {
public:
  using clock = std::chrono::steady_clock;

  /// Wrong credentials a source may show at once, and how fast it may show
  /// more: people mistype, programs with an old token retry.
  static constexpr double burst = 20;
  static constexpr double per_second = 1;

  /// The first penalty; doubled each time until the longest. A source that
  /// behaved for the longest begins anew.
  static constexpr std::chrono::seconds shortest{5};
  static constexpr std::chrono::seconds longest{60};

  /// Sources remembered; when full the one unheard of for longest goes.
  static constexpr std::size_t capacity = 4096;

  /// The source showed a wrong credential.
  void failed(const source& from, clock::time_point now);

  /// How long it is still penalised; nothing when it is not.
  [[nodiscard]] std::optional<std::chrono::seconds>
  left(const source& from, clock::time_point now) const;

  [[nodiscard]] std::size_t size() const { return records_.size(); }

private:
  struct record {
    double allowance = burst;
    clock::time_point last;  // when it failed last
    clock::time_point until; // of the penalty
    std::chrono::seconds next = shortest;
  };

  void make_room();

  std::map<source, record> records_;
};

} // namespace outrigger
