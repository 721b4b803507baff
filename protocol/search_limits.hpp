// Limits of searches, each with the sentence that states it. Apart from
// limits.hpp, which everything includes.

#pragma once

#include <chrono>
#include <cstddef>

namespace outrigger::limits {

using namespace std::chrono_literals;

/// "q string ≤ 1000" characters; what is answered without max_results, and the
/// most that is: all of it is one answer in memory.
inline constexpr std::size_t max_search_query = 1000;
inline constexpr std::size_t default_search_results = 100;
inline constexpr std::size_t default_search_names = 200;
inline constexpr std::size_t max_search_results = 10'000;
inline constexpr std::size_t max_search_answer = std::size_t{8} << 20;

/// "timeout: seconds, max 60", "context_lines 0-10".
inline constexpr auto default_search_timeout = 10s;
inline constexpr auto max_search_timeout = 60s;
inline constexpr std::size_t max_search_context = 10;

/// Patterns of one list, and the length of each.
inline constexpr std::size_t max_search_patterns = 64;
inline constexpr std::size_t max_search_pattern = 256;

/// Of a line that was found, what is shown: a minified script is one line.
inline constexpr std::size_t max_search_text = 4096;

/// Larger files are not searched: ripgrep holds a line in memory, however long
/// it is.
inline constexpr std::size_t max_searched_file = std::size_t{256} << 20;

/// How deep below a folder is searched: more than fits into a path.
inline constexpr std::size_t max_search_depth = 2048;

/// Searches that run, and those that wait for one of them to end.
inline constexpr std::size_t max_searches = 4;
inline constexpr std::size_t max_waiting_searches = 8;

} // namespace outrigger::limits
