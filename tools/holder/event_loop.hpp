// The holder's one loop: epoll and timers. Every other part of the holder
// hangs its handlers in here; all of them run on the only thread.
#pragma once

#include "actors/os/result.hpp"
#include "actors/os/unique_fd.hpp"

#include <sys/epoll.h>

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

  id after(std::chrono::milliseconds delay, task on_time);
  void cancel(id timer_id);

  /// Runs until stop(); `between` runs first and after each batch.
  void run(const task& between);
  void stop() noexcept { stopped_ = true; }

private:
  struct watched {
    int fd;
    handler on_events;
  };
  struct timed {
    clock::time_point due;
    task on_time;
  };

  [[nodiscard]] int wait_time() const;
  void run_timers();

  os::unique_fd epoll_;
  id next_ = 1;
  std::map<id, std::unique_ptr<watched>> watches_;
  std::vector<std::unique_ptr<watched>> removed_; // may be running: freed later
  std::map<id, timed> timers_;
  bool stopped_ = false;
};

} // namespace outrigger::holder
