// FAKE HOLDER: answers as the holder actor does, with fake sessions.
//
//   terminals ── spawn_session ──► fake holder ── fake_session ──► terminals
//
// What it was asked is kept; the test plays what happens to its sessions.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "actors/holder.hpp"
#include "tests/support/fake_session.hpp"

namespace outrigger {

/// What the fake holder has and was asked, shared with the test.
struct held_sessions {
  explicit held_sessions(boost::asio::io_context& on) : loop{on} {}

  /// Makes a session as spawn_session does.
  fake_session& add(fake_session_options options);

  boost::asio::io_context& loop;
  std::map<std::uint64_t, fake_session> sessions; // by key
  std::uint64_t last_key = 0;
  fake_input input = fake_input::pipe; // of the sessions to come

  std::vector<os::spawn_request> spawned;
  std::vector<std::uint64_t> asked_to_end;
  std::vector<std::uint64_t> forgotten;
  session_listener listener;
  /// Of these something still runs: they are not forgotten.
  std::set<std::uint64_t> busy;

  /// Fails what is asked from now on.
  std::optional<error> refusal;
  /// Keeps spawns waiting until restart_holder{} is sent to the actor.
  bool hold_spawns = false;
  std::vector<std::pair<caf::typed_response_promise<spawned_session>,
                        os::spawn_request>>
      waiting;
};

holder_actor::behavior_type fake_holder(holder_actor::pointer self,
                                        std::shared_ptr<held_sessions> held);

} // namespace outrigger
