// SESSION TABLE: every session the holder has, from spawn to forget.
//
//   control --requests--> session_table --events--> control
//   signals --reap-----^
//
// Knows no sockets. Lives as long as the holder.
#pragma once

#include "actors/os/holder_protocol.hpp"
#include "tools/holder/end_ladder.hpp"
#include "tools/holder/event_loop.hpp"
#include "tools/holder/held_session.hpp"

#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace outrigger::holder {

class session_table {
public:
  static constexpr std::size_t max_sessions = 4096;

  /// The answer to a spawn: a session, or why there is none.
  using spawned = std::function<void(held_session*, child_failure)>;

  struct events {
    std::function<void(const held_session&)> exited;
    /// False when there is no daemon to be told.
    std::function<bool(std::uint64_t key)> ended;
  };

  /// `cgroup_parent`: see find_cgroup_parent; "" for no cgroups.
  session_table(event_loop& loop, std::string cgroup_parent);

  void on_events(events handlers) { events_ = std::move(handlers); }

  /// `done` runs later, or at once when it fails early. EAGAIN once all
  /// sessions are being ended, or when there are too many.
  void spawn(child_plan plan, std::string tag, ring_plan rings, spawned done);
  [[nodiscard]] held_session* find(std::uint64_t key);
  [[nodiscard]] std::vector<held_session*> all();
  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }

  std::error_code end(std::uint64_t key);
  /// EBUSY while the leader runs, its exit waits for credit, or a ladder runs.
  std::error_code forget(std::uint64_t key);
  /// Ends every session. `done` runs when none has a process left.
  void end_all(std::function<void()> done);

  /// The daemon is gone: no program waits for credit, and spawns under way
  /// are nobody's; should one fail, it stays listed with exit code 127.
  void daemon_gone();
  /// A child of ours was reaped, a session's leader or an orphan.
  void reaped(pid_t pid, child_status status);

private:
  struct entry {
    std::unique_ptr<held_session> session;
    spawned on_spawned; // set until the program was started
    bool orphaned = false;
    event_loop::id status_watch = 0;
    std::unique_ptr<end_ladder> ladder;
  };

  std::uint64_t new_key() const;
  void insert(std::uint64_t key, std::unique_ptr<held_session> session,
              spawned done);
  void read_status(std::uint64_t key, bool final);
  void settle(std::uint64_t key, child_failure failure);
  void ladder_done(std::uint64_t key, bool empty);
  void remove(std::uint64_t key);
  void remove_cgroups();
  void check_end_all();

  event_loop& loop_;
  std::string cgroup_parent_;
  events events_;
  std::map<std::uint64_t, entry> entries_;
  std::vector<cgroup> leftover_cgroups_; // of forgotten sessions' survivors
  bool ending_all_ = false;
  std::function<void()> all_ended_;
};

} // namespace outrigger::holder
