// Removing a tree of any size and depth by descriptors, from the leaves up.
// Follows no link and stays below the entry it was given. Blocks: for the
// worker pool.
#pragma once

#include "actors/os/result.hpp"

#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>

namespace outrigger::os {

/// How often a folder that was found empty and is not any more is looked at
/// again.
inline constexpr int removal_rounds = 4;

/// How many names of folders are held at a time, besides those on the way down:
/// a folder with more is read again when these are gone.
inline constexpr std::size_t removal_names = 10'000;

/// Removes an entry of an open folder: a link itself, a folder with what is in
/// it. Returns how many entries went. What cannot be removed stays, the rest
/// goes, and the first reason is the error. ECANCELED when asked to stop.
[[nodiscard]] result<std::uint64_t>
remove_tree(int folder, const std::string& name, std::stop_token stop);

} // namespace outrigger::os
