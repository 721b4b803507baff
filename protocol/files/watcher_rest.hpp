// Watchers by REST: the body that makes one, and what is answered; and what a
// watcher leaves out.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/result.hpp"

namespace outrigger {

namespace limits {

/// "5 watchers -> 409".
inline constexpr std::size_t max_watchers = 5;

/// Of one socket's own.
inline constexpr std::size_t max_own_watchers = 8;

/// Of what one watcher leaves out beside the usual.
inline constexpr std::size_t max_excludes = 64;

} // namespace limits

/// What every watcher leaves out: "Default excludes always merged".
[[nodiscard]] const std::vector<std::string>& default_excludes();

/// The default ones, then those given, each once.
[[nodiscard]] std::vector<std::string>
merged_excludes(const std::vector<std::string>& more);

struct create_watcher_body {
  std::string path;
  std::vector<std::string> excludes; // beside the default ones
};

/// `{path|root, excludes|exclude}`. Excludes are names or globs, of at most
/// 255 bytes; slashes at their ends are taken off.
[[nodiscard]] result<create_watcher_body>
parse_create_watcher(std::string_view body);

/// "1", "2" and so on; 0 for what is no id.
[[nodiscard]] std::uint64_t parse_watcher_id(std::string_view text);

enum class watch_state : std::uint8_t { scanning, active, degraded, gone };

[[nodiscard]] std::string_view watch_state_name(watch_state state);

struct degraded_part {
  std::string path;
  std::string reason;
  friend bool operator==(const degraded_part&, const degraded_part&) = default;
};

struct watcher_info {
  std::uint64_t id = 0;
  std::string root;     // as shown
  std::size_t dirs = 0; // that are watched
  std::vector<std::string> excludes;
  watch_state state = watch_state::scanning;
  std::vector<degraded_part> degraded;
};

/// `{success,watcher:{…},id,root,dirs,dir_count,excludes,…}`.
[[nodiscard]] std::string watcher_to_json(const watcher_info& watcher);
/// `{success,watchers:[…]}`.
[[nodiscard]] std::string
watchers_to_json(const std::vector<watcher_info>& watchers);
/// `{success,watcher_id}`.
[[nodiscard]] std::string watcher_deleted_to_json(std::uint64_t id);

} // namespace outrigger
