#include "net/penalties.hpp"

#include <algorithm>

namespace outrigger {

void penalties::failed(const source& from, clock::time_point now) {
  if (from.key.empty())
    return;
  if (!records_.contains(from))
    make_room();
  auto& r = records_.try_emplace(from, record{burst, now, {}, shortest})
                .first->second;
  if (now < r.until)
    return; // it is told each time, and pays no more for asking
  const std::chrono::duration<double> quiet = now - r.last;
  r.allowance = std::min(burst, r.allowance + per_second * quiet.count());
  if (quiet >= longest)
    r.next = shortest;
  r.last = now;
  r.allowance -= 1;
  if (r.allowance >= 0)
    return;
  r.until = now + r.next;
  r.last = r.until;
  r.next = std::min(2 * r.next, longest);
  r.allowance = burst / 2;
}

std::optional<std::chrono::seconds>
penalties::left(const source& from, clock::time_point now) const {
  const auto found = records_.find(from);
  if (found == records_.end() || now >= found->second.until)
    return std::nullopt;
  return std::chrono::ceil<std::chrono::seconds>(found->second.until - now);
}

void penalties::make_room() {
  if (records_.size() < capacity)
    return;
  records_.erase(std::min_element(records_.begin(), records_.end(),
                                  [](const auto& a, const auto& b) {
                                    return a.second.last < b.second.last;
                                  }));
}

} // namespace outrigger
