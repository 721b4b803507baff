// REST DESK: runs REST calls, which come from outside any actor, as requests
// between actors, and hands the answers back.
//
//   bridge ── desk_call ──► rest desk ── request ──► terminals, terminal
//                                    └── answer function, on the loop
//
// One per daemon. Every call is answered, at the latest by its timeout. Not
// /health: the bridge answers that without asking any actor.

#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "actors/connection.hpp"
#include "actors/desk_call.hpp"
#include "actors/metrics.hpp"
#include "actors/terminals.hpp"
#include "protocol/endpoint.hpp"
#include "protocol/meters.hpp"
#include "protocol/status_body.hpp"

namespace outrigger {

/// Checks the resume points of a client about to connect, see
/// check_resume_points.
struct desk_resume {
  connection_options options;
  std::function<void(result<connection_options>)> answer;
};

using desk_actor = call_actor::extend<caf::reacts_to<desk_resume>>;

/// What the answers are made of. The views must outlive the actor. What
/// /metrics needs may be left out, and is then missing there.
struct desk_deps {
  terminals_actor terminals;
  runtime_report runtime;
  const meters* counted = nullptr;
  const health_board* health = nullptr;
  std::function<loop_load()> load; // of the last second
  std::function<pressure()> pressures;
  std::function<process_figures()> process;
  std::function<watch_figures()> watching;
};

/// How long one terminal may keep /metrics waiting.
inline constexpr std::chrono::seconds scrape_patience{1};

struct desk_state {
  static inline const char* name = "rest desk";

  desk_actor::pointer self = nullptr;
  desk_deps deps;

  /// One round of asking the terminals, for everyone who asks meanwhile.
  struct scrape {
    std::vector<answer_function> askers;
    std::size_t waiting_for = 0; // terminals
    std::vector<viewer_lags> lags;
    std::size_t silent = 0;
  };
  std::optional<scrape> scraping;

  void run(const desk_call& request);
  void metrics(const answer_function& answer);
  void measure(const found_terminals& all);
  void measured_one();
  void answer_scrape();
  void create(const desk_call& request);
  void remove(std::uint8_t id, const answer_function& answer);
  void resize(std::uint8_t id, const desk_call& request);
  void scrollback(std::uint8_t id, const desk_call& request);
  void resume(const desk_resume& request);
};

desk_actor::behavior_type
rest_desk(desk_actor::stateful_pointer<desk_state> self, desk_deps deps);

} // namespace outrigger

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::desk_resume)
