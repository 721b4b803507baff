#include "tools/holder/event_loop.hpp"

#include <algorithm>
#include <array>

namespace outrigger::holder {

std::error_code event_loop::open() {
  epoll_.reset(::epoll_create1(EPOLL_CLOEXEC));
  return epoll_ ? std::error_code() : os::os_error();
}

os::result<event_loop::id> event_loop::watch(int fd, std::uint32_t events,
                                             handler on_events) {
  const id watch = next_++;
  epoll_event entry{};
  entry.events = events;
  entry.data.u64 = watch;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &entry) != 0)
    return os::os_error();
  watches_.emplace(watch, std::make_unique<watched>(fd, std::move(on_events)));
  return watch;
}

void event_loop::change(id watch, std::uint32_t events) {
  const auto found = watches_.find(watch);
  if (found == watches_.end())
    return;
  epoll_event entry{};
  entry.events = events;
  entry.data.u64 = watch;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, found->second->fd, &entry);
}

void event_loop::unwatch(id watch) {
  const auto found = watches_.find(watch);
  if (found == watches_.end())
    return;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, found->second->fd, nullptr);
  removed_.push_back(std::move(found->second));
  watches_.erase(found);
}

event_loop::id event_loop::after(std::chrono::milliseconds delay,
                                 task on_time) {
  const id timer_id = next_++;
  timers_.emplace(timer_id, timed{clock::now() + delay, std::move(on_time)});
  return timer_id;
}

void event_loop::cancel(id timer_id) {
  timers_.erase(timer_id);
}

int event_loop::wait_time() const {
  if (timers_.empty())
    return -1;
  auto due = clock::time_point::max();
  for (const auto& [timer_id, entry] : timers_)
    due = std::min(due, entry.due);
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(due - clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
}

void event_loop::run_timers() {
  const auto now = clock::now();
  std::vector<id> due;
  for (const auto& [timer_id, entry] : timers_)
    if (entry.due <= now)
      due.push_back(timer_id);
  for (const id timer_id : due) {
    auto node = timers_.extract(timer_id);
    if (!node.empty()) // else cancelled by one of the others
      node.mapped().on_time();
  }
}

void event_loop::run(const task& between) {
  std::array<epoll_event, 32> events{};
  between();
  while (!stopped_) {
    const int count =
        ::epoll_wait(epoll_.get(), events.data(),
                     static_cast<int>(events.size()), wait_time());
    for (int i = 0; i < count; ++i) {
      const auto& event = events[static_cast<std::size_t>(i)];
      const auto found = watches_.find(event.data.u64);
      if (found != watches_.end()) // else removed earlier in this batch
        found->second->on_events(event.events);
    }
    run_timers();
    between();
    removed_.clear();
  }
}

} // namespace outrigger::holder
