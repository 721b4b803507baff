// What happens in a watched folder, numbered, and how each dialect's clients
// are told. Paths are as they are shown to them.
//
//   terminals    {"channel":"watcher","type":"change","watcher_id","path","op"}
//   runtime API  {"type":"file_changed","path","event_type"}
//   workspace    {"channel":"files","type":"change","action","path",…}

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace outrigger {

enum class file_op : std::uint8_t {
  create, // or moved here
  write,
  remove,
  rename, // moved away: the path is the old one
};

enum class watch_event_kind : std::uint8_t {
  change,
  ready,    // everything below is watched; again when that was otherwise
  lost,     // changes may have been missed: look anew
  degraded, // a part is only looked at now and then
  gone,     // the folder is not where it was
};

struct watch_event {
  watch_event_kind kind = watch_event_kind::change;
  std::uint64_t sequence = 0; // of its watch, from 1 on
  // Of a change.
  file_op op = file_op::write;
  bool is_folder = false;
  std::string path;  // also of degraded: what is not watched
  std::string other; // of a rename within the folder, the other end
  // Of ready and degraded.
  std::size_t folders = 0;
  std::string reason;

  friend bool operator==(const watch_event&, const watch_event&) = default;
};

/// For whom an event is written.
struct watch_reader {
  std::string id;        // of the watcher
  std::string root;      // its folder, as shown
  std::string own_id;    // what the client called it; empty: nothing
  bool extended = false; // ?ext=1
};

/// A text frame of the channel `watcher`; empty when there is none for this
/// kind of client. Lost is `overflow`, for extended ones `resync` instead.
[[nodiscard]] std::string watcher_event_to_json(const watch_event& event,
                                                const watch_reader& reader);

/// `file_changed`, or `resync` for lost; empty for the others.
[[nodiscard]] std::string runtime_event_to_json(const watch_event& event);

/// `change` of the channel `files`, or `resync`; empty for the others.
[[nodiscard]] std::string channel_event_to_json(const watch_event& event);

} // namespace outrigger
