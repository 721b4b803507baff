// HELD SESSION: one process tree and its output.
//
//   pty master or pipes --level-triggered epoll--> rings --> the daemon
//
// Made by session_table, listed until forgotten. After the leader ended and
// its last output is in the rings, the exit record is published; what the
// survivors still print is read and dropped, so that they never block.
#pragma once

#include "actors/os/holder_protocol.hpp"
#include "actors/os/ring.hpp"
#include "tools/holder/cgroup.hpp"
#include "tools/holder/child.hpp"
#include "tools/holder/event_loop.hpp"

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace outrigger::holder {

/// What a session is made with before there is a process.
struct session_rings {
  os::unique_fd ready_event;
  os::unique_fd credit_event;
  std::vector<os::ring_writer> rings; // stdout or pty, then stderr
};

/// What the rings of a session are to be like.
struct ring_plan {
  std::size_t capacity = 0;
  bool paced = false; // see os::spawn_request
};

/// Makes one ring for a pty, two for pipes.
os::result<session_rings> make_rings(os::holder::kind kind, ring_plan plan);

/// How the leader ended, as waitid tells.
struct child_status {
  bool signaled = false;
  int value = 0;
};

class held_session {
public:
  held_session(event_loop& loop, std::uint64_t key, os::holder::kind kind,
               std::string tag, session_rings rings, child process,
               cgroup group);
  held_session(const held_session&) = delete;
  held_session& operator=(const held_session&) = delete;
  ~held_session();

  /// Begins to read. `on_exit` runs once, when the exit record is published.
  std::error_code start(std::function<void()> on_exit);

  [[nodiscard]] std::uint64_t key() const noexcept { return key_; }
  [[nodiscard]] pid_t pid() const noexcept { return process_.pid; }
  [[nodiscard]] int status_fd() const noexcept { return process_.status.get(); }
  void close_status() noexcept { process_.status.reset(); }
  [[nodiscard]] holder::cgroup& group() noexcept { return group_; }
  [[nodiscard]] const holder::cgroup& group() const noexcept { return group_; }

  /// The leader was reaped: drains what is readable now, then publishes.
  void leader_exited(child_status status);
  [[nodiscard]] bool reaped() const noexcept { return status_.has_value(); }
  [[nodiscard]] bool exited() const noexcept { return published_; }
  /// Valid once reaped.
  [[nodiscard]] child_status status() const { return *status_; }

  /// Nobody reads any more: the program never waits for credit.
  void run_free();
  /// Sends a signal to the leader. ESRCH once it was reaped.
  std::error_code signal(int signo) const;
  /// Process group in the foreground of the terminal; 0 if none.
  [[nodiscard]] pid_t foreground_group() const;
  void close_input();
  /// It was asked to end: a daemon that lists it is told. From now on nothing
  /// waits for credit: a viewer that does not read must hold up neither what
  /// the program does about the hang-up nor the exit record.
  void set_ending();
  [[nodiscard]] bool ending() const noexcept { return ending_; }

  /// The packet that describes this session, and its descriptors.
  [[nodiscard]] std::string to_packet(os::holder::verb verb,
                                      std::uint64_t request) const;
  [[nodiscard]] std::vector<int> fds() const;

private:
  enum class outcome { more, empty, ended, stalled };

  // One source of output and the ring it goes to.
  struct stream {
    int source = -1;
    event_loop::id watch = 0;
    bool hung = false;    // pty without a slave: watched edge-triggered
    bool stalled = false; // out of credit: not watched
    bool drained = false; // nothing more belongs before the exit record
    std::size_t drain_left = 0;
  };

  std::error_code poll(std::size_t index);
  void on_readable(std::size_t index);
  outcome read_turn(std::size_t index, std::size_t limit);
  static outcome unreadable(int source);
  outcome read_into(stream& from, std::span<char> room, std::size_t& size);
  outcome discard(stream& from);
  void after_read(std::size_t index, outcome result);
  void drain();
  void resume();
  void publish_exit();

  event_loop& loop_;
  std::uint64_t key_;
  os::holder::kind kind_;
  std::string tag_;
  std::int64_t created_unix_ms_;
  session_rings rings_;
  child process_;
  holder::cgroup group_;
  std::array<stream, 2> streams_; // as many as there are rings
  event_loop::id credit_watch_ = 0;
  std::function<void()> on_exit_;
  std::optional<child_status> status_; // set once the leader was reaped
  std::int64_t exit_unix_ms_ = 0;
  bool published_ = false;
  bool ending_ = false;
};

} // namespace outrigger::holder
