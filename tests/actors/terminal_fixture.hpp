// A terminal actor over a fake session, and viewers that record.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/terminal.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/fake_session.hpp"
#include "tests/support/recording_viewer.hpp"

namespace outrigger {

/// A viewer of the test: its number, its actor and what it was told.
struct watcher {
  viewer_id who = 0;
  viewer_actor handle;
  std::shared_ptr<viewer_record> seen;
};

class terminal_fixture : public actor_fixture {
public:
  static constexpr std::uint8_t id = 7;

  terminal_fixture();

  /// Begins anew, with another session and another scrollback.
  void use(fake_session_options session,
           std::size_t scrollback_size = limits::default_scrollback);

  /// A viewer that has not attached.
  watcher new_viewer();
  /// A viewer that has attached, and asked for nothing yet.
  watcher watch(std::optional<std::uint64_t> after = std::nullopt);
  void attach(const watcher& viewer,
              std::optional<std::uint64_t> after = std::nullopt);

  /// Room for one slice.
  void pull(const watcher& viewer, std::size_t max = limits::max_slice);
  /// Pulls until the viewer has everything and waits for more.
  void read_all(const watcher& viewer, std::size_t max = limits::max_slice);
  /// Attaches a new viewer and reads everything.
  watcher watch_all(std::optional<std::uint64_t> after = std::nullopt);
  void ack(const watcher& viewer, std::uint64_t offset);
  void type(const watcher& viewer, std::string bytes);

  std::size_t print(std::string_view bytes);

  std::optional<fake_session> program;
  terminal_meters counted;
  terminal_actor term;
  std::vector<terminal_exited> exits; // what the listener was told
  exit_listener listener;

private:
  viewer_id last_viewer_ = 0;
};

} // namespace outrigger
