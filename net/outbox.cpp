#include "net/outbox.hpp"

#include <algorithm>
#include <utility>

namespace outrigger {

bool outbox::push(frame out) {
  if (bytes_ + out.size() > limit)
    return false;
  bytes_ += out.size();
  auto& q = queues_[out.stream];
  if (q.frames.empty())
    // A stream that comes back from silence starts level with the others: it
    // goes first now, but gains no right to catch up.
    q.served = std::max(served_[out.stream], now_);
  q.frames.push_back(std::move(out));
  return true;
}

std::optional<frame> outbox::pop() {
  if (queues_.empty())
    return std::nullopt;
  auto next = queues_.find(control_stream);
  if (next == queues_.end())
    next = std::min_element(queues_.begin(), queues_.end(),
                            [](const auto& a, const auto& b) {
                              return a.second.served < b.second.served;
                            });
  auto& [stream, q] = *next;
  frame out = std::move(q.frames.front());
  q.frames.pop_front();
  bytes_ -= out.size();
  if (stream != control_stream) {
    now_ = q.served;
    q.served += out.size();
    served_[stream] = q.served;
  }
  if (q.frames.empty())
    queues_.erase(next);
  return out;
}

void outbox::keep_control_only() {
  std::erase_if(
      queues_, [](const auto& entry) { return entry.first != control_stream; });
  bytes_ = 0;
  for (const auto& [stream, q] : queues_)
    for (const auto& waiting : q.frames)
      bytes_ += waiting.size();
}

} // namespace outrigger
