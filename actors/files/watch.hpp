// WATCH: one watched folder, for the clients of one dialect.
//
//   folder_watches ── folder_told ──► watch ── coalesces ──► log
//   listener ── pull_events ──► watch ── watch_slice ──► listener
//
// Lives until it is told to end, or, if it is somebody's own, until nobody
// listens any more. A listener gets one slice for each pull, so it decides its
// own pace; one that stays behind for longer than the log is told that
// something was lost. A listener that ends is forgotten.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/caf.hpp"
#include "actors/files/change_coalescer.hpp"
#include "actors/files/event_log.hpp"
#include "actors/os/files/folder_news.hpp"
#include "protocol/files/watcher_rest.hpp"
#include "protocol/meters.hpp"

namespace outrigger {

/// Whose clients are told, and how they are.
enum class watch_dialect : std::uint8_t { terminals, runtime, channel };

struct watch_options;

/// Events of a watch, in order. One of the kind `lost` stands for all that
/// the listener did not fetch in time.
struct watch_slice {
  std::uint64_t tag = 0; // the listener's own number for the watch
  std::vector<event_ptr> events;
  std::shared_ptr<const watch_options> of; // for text_of()
};

/// The watch failed; there is nothing more to come.
struct watch_ended {
  std::uint64_t tag = 0;
};

using watch_listener =
    caf::typed_actor<caf::reacts_to<watch_slice>, caf::reacts_to<watch_ended>>;

struct join_watch {
  watch_listener listener;
  std::uint64_t tag = 0;
};
struct leave_watch {
  watch_listener listener;
  std::uint64_t tag = 0;
};
struct pull_events {
  watch_listener listener;
  std::uint64_t tag = 0;
  std::size_t bytes = 0;
};
/// INTERNAL, from the kernel's side.
struct folder_told {
  os::folder_news news;
};
/// INTERNAL: windows are over.
struct end_windows {};

using watch_actor = caf::typed_actor<
    // Adds a listener. Its first slice says what the state is (ready,
    // degraded, gone), if it is known already; then everything as it happens.
    caf::reacts_to<join_watch>, caf::reacts_to<leave_watch>,
    // Asks for the next slice, of about so many bytes, as soon as there is
    // something.
    caf::reacts_to<pull_events>, caf::reacts_to<folder_told>,
    caf::reacts_to<end_windows>>;

/// What others may know of a watch. Sent to its owner whenever it changes.
struct watch_status {
  std::uint64_t id = 0;
  watch_state state = watch_state::scanning;
  std::size_t folders = 0;
  std::vector<degraded_part> degraded;
};

using watch_keeper = caf::typed_actor<caf::reacts_to<watch_status>>;

struct watch_options {
  std::uint64_t id = 0;
  watch_dialect dialect = watch_dialect::terminals;
  std::string root;   // how the folder is shown; paths begin with it
  std::string own_id; // what the client called it
  std::vector<std::string> excludes;
  bool own = false; // ends when nobody listens any more
  std::chrono::milliseconds window{50};
  std::size_t log_limit = event_log::default_limit;
  watch_meters* counted = nullptr; // may be null; outlives the actor
  caf::weak_actor_ptr keeper;      // a watch_keeper, or none
  /// Begins to watch; what it returns ends that when it goes.
  std::function<std::shared_ptr<void>(
      std::function<void(const os::folder_news&)>)>
      begin;
};

/// The text of an event for a client of the watch's dialect; null when it has
/// none. Made once.
[[nodiscard]] bytes_ptr text_of(const logged_event& event,
                                const watch_options& watch, bool extended);

struct watch_actor_state {
  static inline const char* name = "watch";

  struct reader {
    watch_listener who;
    std::uint64_t tag = 0;
    std::uint64_t next = 0;      // in the log
    std::vector<event_ptr> news; // before that
    std::size_t wants = 0;       // bytes; 0: nothing now
  };

  watch_actor::pointer self = nullptr;
  std::shared_ptr<const watch_options> options;
  std::shared_ptr<void> interest;
  std::optional<change_coalescer> coalescer;
  std::optional<event_log> log;
  std::vector<reader> readers;
  watch_status status;
  bool ticking = false;         // end_windows is on its way
  std::uint64_t last_state = 0; // the last event that is no change

  void told(const os::folder_news& news);
  void changed(const os::folder_changes& changes);
  void note(std::vector<told_change> changes);
  void windows_over();
  void plan_end();
  void happened(watch_event event);
  void join(const join_watch& request);
  void leave(const caf::actor_addr& who, std::optional<std::uint64_t> tag);
  void pull(const pull_events& request);
  void pump();
  [[nodiscard]] std::string shown(const std::string& path) const;
  [[nodiscard]] watch_event event_of(const os::watch_degraded& part) const;
  [[nodiscard]] std::vector<event_ptr> state_events() const;
};

watch_actor::behavior_type
watch(watch_actor::stateful_pointer<watch_actor_state> self,
      std::shared_ptr<const watch_options> options);

} // namespace outrigger

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::watch_slice)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::watch_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::join_watch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::leave_watch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::pull_events)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::folder_told)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::end_windows)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::watch_status)
