// What happens in a watched folder, as it is told to whoever watches it. Paths
// are below that folder, as the kernel has them: bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <variant>
#include <vector>

namespace outrigger::os {

enum class change_kind : std::uint8_t {
  created, // or moved here
  modified,
  removed,
  moved_away, // renamed, or moved out of the folder
};

struct folder_change {
  change_kind kind = change_kind::modified;
  bool is_folder = false;
  std::string path;
  /// Of a rename within the folder, the other end.
  std::string other = {};

  friend bool operator==(const folder_change&, const folder_change&) = default;
};

using folder_changes = std::vector<folder_change>;

/// Changes may have been missed: what is known of the content is to be read
/// anew. What changes from now on is told again.
struct changes_lost {
  friend bool operator==(const changes_lost&, const changes_lost&) = default;
};

/// What is below is looked at now and then only.
struct watch_degraded {
  std::string path;        // "" is the folder itself
  std::size_t folders = 0; // so many in it, with all below; 0: it itself
  std::string reason;
  friend bool operator==(const watch_degraded&,
                         const watch_degraded&) = default;
};

/// Every folder below is watched, but for these parts. Comes again when that
/// changes.
struct watch_ready {
  std::size_t folders = 0;
  std::vector<watch_degraded> parts = {};
  friend bool operator==(const watch_ready&, const watch_ready&) = default;
};

/// The folder itself was removed or moved. It is looked for; when it is there
/// again, watch_ready and changes_lost follow.
struct watch_gone {
  friend bool operator==(const watch_gone&, const watch_gone&) = default;
};

/// Changes are shared by all who watch, and held by the queue's bound as long
/// as somebody has them: drop them soon.
using changes_ptr = std::shared_ptr<const folder_changes>;

using folder_news = std::variant<changes_ptr, watch_ready, changes_lost,
                                 watch_degraded, watch_gone>;

} // namespace outrigger::os
