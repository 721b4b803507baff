#include "actors/files/event_log.hpp"

#include <utility>

namespace outrigger {

namespace {

/// What an event takes, with what keeps it; not its texts, which are made when
/// it goes out.
std::size_t size_of(const watch_event& event) {
  return sizeof(logged_event) + 96 + event.path.size() + event.other.size() +
         event.reason.size();
}

} // namespace

void event_log::append(watch_event event) {
  event.sequence = next_++;
  bytes_ += size_of(event);
  events_.push_back(
      std::make_shared<const logged_event>(logged_event{std::move(event)}));
  while (bytes_ > limit_ && events_.size() > 1)
    drop_first();
}

void event_log::drop_first() {
  bytes_ -= size_of(events_.front()->event);
  events_.pop_front();
}

std::vector<event_ptr> event_log::from(std::uint64_t sequence,
                                       std::size_t bytes) const {
  std::vector<event_ptr> out;
  std::size_t taken = 0;
  for (auto at = static_cast<std::size_t>(sequence - first());
       at < events_.size() && (out.empty() || taken < bytes); ++at) {
    taken += size_of(events_[at]->event);
    out.push_back(events_[at]);
  }
  return out;
}

void event_log::forget(std::uint64_t before) {
  while (!events_.empty() && first() < before)
    drop_first();
}

} // namespace outrigger
