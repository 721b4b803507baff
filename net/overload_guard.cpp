#include "net/overload_guard.hpp"

#include <utility>

#include "protocol/limits.hpp"

namespace outrigger {
namespace {

constexpr auto queued_at = static_cast<std::size_t>(resource::queued);

/// What every connection may have waiting, whatever the others hold: enough
/// for keystrokes and pastes.
constexpr std::size_t least_window = 64 * 1024;

} // namespace

std::size_t overload_guard::read_window(std::size_t most) const {
  const auto budget = budget_[queued_at];
  return budget == 0 ? most : fair_window(queued(), budget, least_window, most);
}

void overload_guard::sample(std::size_t memory, std::size_t descriptors) {
  now_ = assess({memory, descriptors, queued(), counted_.unauthenticated},
                budget_);
}

void overload_guard::changed(std::size_t in_before, std::size_t in,
                             std::size_t out_before, std::size_t out) {
  counted_.queued_in += in - in_before;
  counted_.queued_out += out - out_before;
  // Ending a connection changes what is queued: not again from within.
  if (budget_[queued_at] == 0 || queued() <= budget_[queued_at] || !full_ ||
      telling_ || in + out <= in_before + out_before)
    return;
  telling_ = true;
  full_();
  telling_ = false;
}

void load_share::set(std::size_t in, std::size_t out) {
  if (released_)
    return;
  const auto in_before = std::exchange(in_, in);
  const auto out_before = std::exchange(out_, out);
  guard_.changed(in_before, in, out_before, out);
}

void load_share::release() {
  set(0, 0);
  released_ = true;
}

} // namespace outrigger
