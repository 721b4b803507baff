#include "actors/input_queue.hpp"

#include <utility>

#include "protocol/limits.hpp"

namespace outrigger {

bool input_queue::push(std::string bytes, std::size_t frame_size) {
  // Small frames behind the one at the terminal go on as one.
  if (waiting_.size() > 1 &&
      waiting_.back().bytes.size() + bytes.size() <= limits::input_chunk) {
    waiting_.back().bytes += bytes;
    waiting_.back().frame_size += frame_size;
    return false;
  }
  waiting_.push_back({std::move(bytes), frame_size});
  return waiting_.size() == 1;
}

std::string input_queue::next() {
  auto& front = waiting_.front();
  return front.bytes.size() <= limits::input_chunk
             ? std::exchange(front.bytes, {})
             : front.bytes.substr(done_, limits::input_chunk);
}

std::size_t input_queue::taken(std::size_t bytes) {
  if (waiting_.empty())
    return 0; // dropped meanwhile
  done_ += bytes;
  if (done_ < waiting_.front().bytes.size())
    return 0;
  const auto size = waiting_.front().frame_size;
  waiting_.pop_front();
  done_ = 0;
  return size;
}

std::size_t input_queue::clear() {
  std::size_t size = 0;
  for (const auto& dropped : std::exchange(waiting_, {}))
    size += dropped.frame_size;
  done_ = 0;
  return size;
}

std::string input_queue::rest() const {
  std::string all;
  for (const auto& input : waiting_) {
    const bool under_way = &input == &waiting_.front();
    const auto begin = under_way ? done_ + limits::input_chunk : 0;
    if (begin < input.bytes.size())
      all.append(input.bytes, begin);
  }
  return all;
}

} // namespace outrigger
