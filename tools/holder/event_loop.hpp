// The holder's one loop: epoll and timers. Every other part of the holder
// hangs its handlers in here; all of them run on the only thread.
#pragma once

#include "actors/os/result.hpp"
#include "actors/os/unique_fd.hpp"

#include <sys/epoll.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace outrigger::holder {

class event_loop {
public:
  using clock = std::chrono::steady_clock;
  using handler = std::function<void(std::uint32_t events)>;
  using task = std::function<void()>;
  using id = std::uint64_t; // of a watch or timer, never reused; 0 is none

  /// Must succeed before anything else is called.
  std::error_code open();

  /// Watches a descriptor. A handler may unwatch anything, itself included.
  os::result<id> watch(int fd, std::uint32_t events, handler on_events);
  void change(id watch, std::uint32_t events);
  /// Must come before the descriptor is closed: its description may be shared
  /// with another process, and then epoll would keep it. 0 has no effect.
  void unwatch(id watch);

  /// Whether another descriptor than this watch's is ready: a handler with a
  /// lot to do asks now and then, and ends its turn if so.
  [[nodiscard]] bool others_ready(id own);
  /// Called by a handler whose turn took long: it goes behind all that took
  /// less, and behind those whose long turn is longer ago.
  void took_long(id watch);
  /// Its next turn is an ordinary one again.
  void took_little(id watch);

  id after(std::chrono::milliseconds delay, task on_time);
  void cancel(id timer_id);

  /// Runs until stop(); `between` runs first and after each batch.
  void run(const task& between);
  void stop() noexcept { stopped_ = true; }

private:
  struct watched {
    int fd;
    handler on_events;
    std::uint64_t long_turn = 0; // number of its last long turn; 0: ordinary
  };
  using event_list = std::array<epoll_event, 32>;
  struct timed {
    clock::time_point due;
    task on_time;
  };

  [[nodiscard]] int wait_time() const;
  void run_timers();
  void run_events();
  [[nodiscard]] std::uint64_t long_turn(const epoll_event& event) const;

  os::unique_fd epoll_;
  id next_ = 1;
  std::map<id, std::unique_ptr<watched>> watches_;
  std::vector<std::unique_ptr<watched>> removed_; // may be running: freed later
  std::map<id, timed> timers_;
  event_list events_{}; // ready, not handled yet: the first count_
  std::size_t count_ = 0;
  std::uint64_t long_turns_ = 0; // so far
  bool stopped_ = false;
};

} // namespace outrigger::holder
