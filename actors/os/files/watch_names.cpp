#include "actors/os/files/watch_names.hpp"

#include <cassert>
#include <functional>

namespace outrigger::os {

namespace {

constexpr std::size_t first_slots = 64;

std::size_t hash_of(std::string_view name) {
  return mixed(std::hash<std::string_view>{}(name));
}

} // namespace

std::string_view watch_names::at(std::uint32_t where) const {
  const auto size = static_cast<unsigned char>(text_[where]);
  return std::string_view{text_}.substr(where + 1, size);
}

std::uint32_t watch_names::keep(std::string_view name) {
  assert(name.size() <= 255);
  if ((count_ + 1) * 4 > slots_.size() * 3)
    grow();
  auto slot = hash_of(name) & (slots_.size() - 1);
  for (; slots_[slot] != 0; slot = (slot + 1) & (slots_.size() - 1))
    if (at(slots_[slot] - 1) == name)
      return slots_[slot] - 1;
  const auto where = static_cast<std::uint32_t>(text_.size());
  text_ += static_cast<char>(name.size());
  text_ += name;
  slots_[slot] = where + 1;
  ++count_;
  return where;
}

void watch_names::grow() {
  auto before = std::move(slots_);
  slots_.assign(before.empty() ? first_slots : before.size() * 2, 0);
  for (const auto where : before) {
    if (where == 0)
      continue;
    auto slot = hash_of(at(where - 1)) & (slots_.size() - 1);
    while (slots_[slot] != 0)
      slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = where;
  }
}

std::size_t watch_names::memory() const {
  return text_.capacity() + slots_.capacity() * sizeof slots_[0];
}

} // namespace outrigger::os
