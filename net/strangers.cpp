#include "net/strangers.hpp"

#include <algorithm>
#include <map>

#include "net/server.hpp"

namespace outrigger {

std::shared_ptr<session_base>
strangers::add(const std::shared_ptr<session_base>& session,
               const source& from) {
  const auto half = room_ / 2;
  std::uniform_int_distribution<std::size_t> dice{half, std::max(room_, half)};
  const bool one_goes =
      entries_.size() >= room_ ||
      (entries_.size() > half && dice(random_) < entries_.size());
  auto victim = one_goes ? take_victim() : nullptr;
  entries_.push_back({session.get(), session, from});
  return victim;
}

void strangers::remove(const session_base* session) {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(),
                   [session](const entry& e) { return e.key == session; });
  if (found == entries_.end())
    return;
  *found = std::move(entries_.back());
  entries_.pop_back();
}

std::vector<std::shared_ptr<session_base>> strangers::resize(std::size_t room) {
  room_ = std::min(room, limit_);
  std::vector<std::shared_ptr<session_base>> gone;
  while (entries_.size() > room_)
    if (auto victim = take_victim())
      gone.push_back(std::move(victim));
  return gone;
}

/// A random one of the source with most. Null when it has just ended.
std::shared_ptr<session_base> strangers::take_victim() {
  if (entries_.empty())
    return nullptr;
  std::map<source, std::size_t> counts;
  for (const auto& e : entries_)
    ++counts[e.from];
  const auto most = std::max_element(
      counts.begin(), counts.end(),
      [](const auto& a, const auto& b) { return a.second < b.second; });
  std::uniform_int_distribution<std::size_t> dice{0, most->second - 1};
  auto left = dice(random_);
  for (auto& e : entries_) {
    if (!(e.from == most->first) || left-- > 0)
      continue;
    auto victim = e.session.lock();
    remove(e.key);
    return victim;
  }
  return nullptr;
}

} // namespace outrigger
