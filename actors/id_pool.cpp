#include "actors/id_pool.hpp"

#include "protocol/limits.hpp"

namespace outrigger {

std::optional<std::uint8_t> id_pool::take() {
  std::size_t best = 0;
  for (std::size_t id = limits::min_terminal_id; id < slots_.size(); ++id)
    if (!slots_[id].taken &&
        (best == 0 || slots_[id].freed < slots_[best].freed))
      best = id;
  if (best == 0)
    return std::nullopt;
  slots_[best].taken = true;
  return static_cast<std::uint8_t>(best);
}

void id_pool::take(std::uint8_t id) {
  slots_[id].taken = true;
}

void id_pool::free(std::uint8_t id) {
  slots_[id] = {false, ++freeings_};
}

void id_pool::give_back(std::uint8_t id) {
  slots_[id].taken = false;
}

void id_pool::reconstruct(std::uint8_t newest) {
  std::size_t id = newest;
  for (freeings_ = 1; freeings_ < limits::max_terminal_id; ++freeings_) {
    id = id == limits::max_terminal_id ? limits::min_terminal_id : id + 1;
    slots_[id].freed = freeings_;
  }
}

} // namespace outrigger
