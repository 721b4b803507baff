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
  watches_.emplace(
      watch, std::make_unique<watched>(watched{fd, std::move(on_events)}));
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

// -- turns --------------------------------------------------------------------

bool event_loop::others_ready(id own) {
  if (count_ == 0) {
    const int found = ::epoll_wait(epoll_.get(), events_.data(),
                                   static_cast<int>(events_.size()), 0);
    count_ = found > 0 ? static_cast<std::size_t>(found) : 0;
  }
  const auto end = events_.begin() + static_cast<std::ptrdiff_t>(count_);
  if (std::any_of(events_.begin(), end, [own](const epoll_event& event) {
        return event.data.u64 != own;
      }))
    return true; // kept in events_ for the next round
  count_ = 0;    // its own, which is reported again
  return false;
}

void event_loop::took_long(id watch) {
  if (const auto found = watches_.find(watch); found != watches_.end())
    found->second->long_turn = ++long_turns_;
}

void event_loop::took_little(id watch) {
  if (const auto found = watches_.find(watch); found != watches_.end())
    found->second->long_turn = 0;
}

std::uint64_t event_loop::long_turn(const epoll_event& event) const {
  const auto found = watches_.find(event.data.u64);
  return found == watches_.end() ? 0 : found->second->long_turn;
}

// Ordinary handlers first, then the one whose long turn is longest ago, and
// after that one a new look: what became ready meanwhile may be a keystroke's
// echo. The other long ones are level-triggered and are reported again.
void event_loop::run_events() {
  auto batch = events_;
  const auto end = batch.begin() + static_cast<std::ptrdiff_t>(count_);
  count_ = 0;
  std::sort(batch.begin(), end,
            [this](const epoll_event& a, const epoll_event& b) {
              return long_turn(a) < long_turn(b);
            });
  const auto before = long_turns_;
  for (auto event = batch.begin(); event != end; ++event) {
    const auto found = watches_.find(event->data.u64);
    if (found == watches_.end())
      continue; // removed earlier in this batch
    if (long_turns_ == before || found->second->long_turn == 0)
      found->second->on_events(event->events);
  }
}

void event_loop::run(const task& between) {
  between();
  while (!stopped_) {
    if (count_ == 0) {
      const int found =
          ::epoll_wait(epoll_.get(), events_.data(),
                       static_cast<int>(events_.size()), wait_time());
      count_ = found > 0 ? static_cast<std::size_t>(found) : 0;
    }
    run_events();
    run_timers();
    between();
    removed_.clear();
  }
}

} // namespace outrigger::holder
