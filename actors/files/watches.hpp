// WATCHES: the watched folders of the workspace.
//
//   watch desk   ── create, list, find, delete ──► watches
//   sockets      ── watch_folder ──► watches ── a watch of their own
//   watches      ── watcher_added, watcher_removed ──► every follower
//   watches      ── spawns a watch for each; owns what watches for all
//
// One per daemon, as long as the daemon. Watchers made by REST are the
// workspace's: each socket that may see their folder is told. Where a path
// leads is found out on the worker pool.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "actors/caf.hpp"
#include "actors/files/watch.hpp"
#include "actors/files/watch_place.hpp"
#include "actors/os/files/folder_watches.hpp"
#include "actors/os/worker_pool.hpp"

namespace outrigger {

/// A folder somebody wants to be told of.
struct watch_wish {
  std::string path;
  path_style style = path_style::machine;
  scope_set scopes;
  std::vector<std::string> excludes; // beside the default ones
};

struct create_watcher {
  watch_wish wish;
};
struct list_watchers {
  scope_set scopes;
};
struct watcher_list {
  std::vector<watcher_info> watchers;
};
struct find_watcher {
  std::uint64_t id = 0;
  scope_set scopes;
};
struct delete_watcher {
  std::uint64_t id = 0;
  scope_set scopes;
};

/// A watch of the asker's own, which ends with it.
struct watch_folder {
  watch_wish wish;
  watch_dialect dialect = watch_dialect::terminals;
  std::chrono::milliseconds window{50};
  std::string own_id; // what the client calls it
  watch_listener listener;
  std::uint64_t tag = 0; // the listener's number for it
};
struct own_watch {
  std::uint64_t id = 0;
  watch_actor watch; // the listener has joined it, and may pull
};

/// A watcher of the workspace.
struct watcher_added {
  std::uint64_t id = 0;
  watch_actor watch;
};
struct watcher_removed {
  std::uint64_t id = 0;
};

using watcher_follower =
    watch_listener::extend<caf::reacts_to<watcher_added>,
                           caf::reacts_to<watcher_removed>>;

/// Wants to know of every watcher whose folder these scopes let it see, the
/// ones there are included.
struct follow_watchers {
  watcher_follower follower;
  scope_set scopes;
};

/// INTERNAL: where a wish's path leads, or why not.
struct wish_located {
  std::uint64_t number = 0;
  result<watch_place> place = error{};
};
/// INTERNAL: a creator has waited long enough.
struct answer_creator {
  std::uint64_t id = 0;
};

using watches_actor = watch_keeper::extend<
    // Makes a watcher of the workspace. Answers when its folder was gone
    // through, or after a second. Fails with conflict when there are
    // limits::max_watchers, and as find_watch_place() does.
    caf::replies_to<create_watcher>::with<watcher_info>,
    // Those the scopes let see.
    caf::replies_to<list_watchers>::with<watcher_list>,
    // Fail with not_found, also for what the scopes do not let see.
    caf::replies_to<find_watcher>::with<watcher_info>,
    caf::replies_to<delete_watcher>::with<done>,
    // Fails as find_watch_place() does.
    caf::replies_to<watch_folder>::with<own_watch>,
    caf::reacts_to<follow_watchers>, caf::reacts_to<wish_located>,
    caf::reacts_to<answer_creator>>;

struct watches_deps {
  os::worker_pool& workers;
  std::shared_ptr<const workspace> files;
  std::shared_ptr<os::folder_watches> folders;
  watch_meters* counted = nullptr; // may be null; outlives the actor
  std::size_t log_limit = event_log::default_limit; // of each, in bytes
};

struct watches_state {
  static inline const char* name = "watches";

  struct entry {
    watch_actor watch;
    watcher_info info;
    std::string in_workspace;
    /// Whose own it is, and by which number; none: the workspace's.
    watch_listener owner;
    std::uint64_t tag = 0;
    caf::typed_response_promise<watcher_info> creator; // who waits
  };
  struct follower {
    watcher_follower who;
    scope_set scopes;
  };
  /// What is to be done with a wish's place.
  using located = std::function<void(const result<watch_place>&)>;

  watches_actor::pointer self = nullptr;
  std::shared_ptr<const watches_deps> deps;
  std::map<std::uint64_t, entry> all;
  std::vector<follower> followers;
  std::map<std::uint64_t, located> locating;
  std::uint64_t last_id = 0;
  std::uint64_t last_number = 0;

  caf::result<watcher_info> create(const create_watcher& request);
  caf::result<watcher_info> find(const find_watcher& request);
  caf::result<done> remove(const delete_watcher& request);
  caf::result<own_watch> watch_own(const watch_folder& request);
  watcher_list list(const scope_set& scopes) const;
  void follow(const follow_watchers& request);
  void changed(const watch_status& status);
  void answer(std::uint64_t id);
  void down(const caf::down_msg& message);
  void quit(const caf::exit_msg& exit);

  void locate(watch_wish wish, right wanted, located then);
  void found(const wish_located& news);
  entry& begin(const watch_place& place, const watch_wish& wish,
               watch_options options);
  entry& begin_shared(const watch_place& place, const watch_wish& wish);
  own_watch begin_own(const watch_place& place, const watch_folder& request);
  void forget(std::uint64_t id);
  [[nodiscard]] std::size_t shared() const; // how many are the workspace's
  [[nodiscard]] entry* visible(std::uint64_t id, const scope_set& scopes);
};

watches_actor::behavior_type
watches(watches_actor::stateful_pointer<watches_state> self,
        std::shared_ptr<const watches_deps> deps);

} // namespace outrigger

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::create_watcher)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::list_watchers)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::watcher_list)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::watcher_info)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::find_watcher)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::delete_watcher)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::watch_folder)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::own_watch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::watcher_added)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::watcher_removed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::follow_watchers)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::wish_located)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(outrigger::answer_creator)
