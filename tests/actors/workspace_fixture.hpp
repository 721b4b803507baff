// The directory of terminals over a fake holder, and a listener that records.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "actors/terminals.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/fake_holder.hpp"

namespace outrigger {

[[nodiscard]] inline bool mentions(std::string_view text,
                                   std::string_view part) {
  return text.find(part) != text.npos;
}

/// What a terminal_listener was told.
struct directory_record {
  std::vector<terminal_added> added;
  std::vector<terminal_removed> removed;
  /// How many had been added when the list was said to be complete.
  std::vector<std::size_t> complete_at;
};

class workspace_fixture : public actor_fixture {
public:
  workspace_fixture();

  /// Begins anew with other options.
  void use(terminals_options options);

  result<terminal_summary> try_create(create_terminal_body body = {});
  /// Starts a terminal and returns its id.
  std::uint8_t create(create_terminal_body body = {});
  result<done> remove(std::uint8_t id);
  std::vector<terminal_summary> list();
  terminal_counts count();
  terminal_actor find(std::uint8_t id);

  /// The session behind a listed terminal.
  fake_session& program(std::uint8_t id);
  /// The holder says that nothing of a session runs any more.
  void session_over(std::uint64_t key);
  /// The program ends; nobody deletes its terminal.
  void exit(std::uint8_t id, int code);
  /// The terminal's actor fails.
  void fail(std::uint8_t id);

  /// Subscribes a listener that records.
  std::shared_ptr<directory_record> subscribe();

  std::shared_ptr<held_sessions> held;
  holder_actor holder;
  terminals_actor terminals;
  terminal_listener last_listener; // made by subscribe()
};

} // namespace outrigger
