// What the holder is asked to run for a new terminal: the body of a create
// call, with the workspace's defaults where it says nothing. Used by the
// directory (actors/terminals).

#pragma once

#include <string>
#include <vector>

#include "actors/os/holder_client.hpp"
#include "protocol/terminal_rest.hpp"

namespace outrigger {

/// What new terminals get.
struct terminal_defaults {
  std::string root;  // the workspace directory
  std::string shell; // run when the creator names no command
  bool login_shell = false;
  std::vector<std::string> environment; // "NAME=value", of every session
};

/// Without the tag, which is the directory's.
[[nodiscard]] os::spawn_request to_spawn(const create_terminal_body& body,
                                         const terminal_defaults& defaults);

} // namespace outrigger
