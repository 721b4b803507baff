// What inotify's descriptor gives: records of one folder's entry each, one
// behind the other.
//
//   [watch i32][mask u32][cookie u32][length u32][name, NULs up to length]
//
// Pure: memory in, values out.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace outrigger::os {

struct inotify_record {
  int watch = -1;           // which folder; -1: none of them
  std::uint32_t mask = 0;   // IN_CREATE and so on
  std::uint32_t cookie = 0; // both halves of a rename have the same
  std::string_view name;    // of the entry; empty: the folder itself. Borrows
};

/// Takes the first record off `bytes`. Null when there is none, or what is
/// left is not a whole one: the rest is then of no use.
[[nodiscard]] std::optional<inotify_record>
take_record(std::string_view& bytes);

} // namespace outrigger::os
