// Text frames of the channel `watcher` that a client of /ws?ext=1 sends, and
// the error it may get: watchers of its own, which end with its socket.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/result.hpp"
#include "protocol/terminal_message.hpp"

namespace outrigger {

/// Wants to be told what happens in a folder.
struct watch_message {
  std::string id; // what the client calls it; empty: nothing
  std::string path;
  std::vector<std::string> excludes;
};

/// Wants that no longer.
struct unwatch_message {
  std::uint64_t watcher = 0;
};

/// Everything a client of /ws may say in text.
using socket_message =
    std::variant<resize_message, ack_message, attach_message, detach_message,
                 watch_message, unwatch_message>;

/// Of either channel; a missing one counts as "terminal". See
/// parse_terminal_message.
[[nodiscard]] result<socket_message>
parse_socket_message(std::string_view json);

/// `{"channel":"watcher","type":"error","id"?,"watcher_id"?,"code","error",
/// "message"}`.
[[nodiscard]] std::string watch_error_to_json(const std::string& own_id,
                                              std::uint64_t watcher,
                                              const error& err);

/// `{"channel":"watcher","type":"unwatched","watcher_id"}`.
[[nodiscard]] std::string unwatched_to_json(std::uint64_t watcher);

} // namespace outrigger
