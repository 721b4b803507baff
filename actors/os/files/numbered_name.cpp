#include "actors/os/files/numbered_name.hpp"

#include <algorithm>
#include <climits>

namespace outrigger::os {

std::string numbered_name(std::string_view name, unsigned number) {
  constexpr std::size_t longest_ending = 64; // longer ones are none
  auto dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 == name.size() ||
      name.size() - dot > longest_ending)
    dot = name.size();
  const auto ending = name.substr(dot);
  const auto middle = "_" + std::to_string(number);
  auto size = std::min(dot, NAME_MAX - ending.size() - middle.size());
  // Not in the middle of a character.
  while (size < dot && size > 0 && (name[size] & 0xc0) == 0x80)
    --size;
  std::string made{name.substr(0, size)};
  return (made += middle).append(ending);
}

} // namespace outrigger::os
