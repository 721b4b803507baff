// CHANGE COALESCER: makes few events of many changes. The first one of a path
// that was quiet goes out at once; what follows within the window is merged
// and goes out at its end. So nobody waits for the first, and a file that is
// written all the time is told of once in a window.
//
// Part of a watch. Time is given, never asked for. Bounded: with too many
// paths in their windows the oldest windows end early, and nothing is lost.

#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/os/files/folder_news.hpp"
#include "protocol/files/watch_event.hpp"

namespace outrigger {

/// One change to be told. Paths are below the watched folder.
struct told_change {
  file_op op = file_op::write;
  bool is_folder = false;
  std::string path;
  std::string other;

  friend bool operator==(const told_change&, const told_change&) = default;
};

class change_coalescer {
public:
  using clock = std::chrono::steady_clock;

  /// Paths that may be in their windows at a time.
  static constexpr std::size_t default_paths = 8192;

  explicit change_coalescer(clock::duration window,
                            std::size_t max_paths = default_paths)
      : window_{window}, max_paths_{max_paths} {}

  /// Appends what is to be told now.
  void take(const os::folder_change& change, clock::time_point now,
            std::vector<told_change>& out);

  /// Appends what waited for the windows that are over.
  void end_windows(clock::time_point now, std::vector<told_change>& out);

  /// When the next window is over; null when none is open.
  [[nodiscard]] std::optional<clock::time_point> next_end() const;

  /// Drops what waits: it counts as lost.
  void clear();

private:
  struct event {
    file_op op = file_op::write;
    bool is_folder = false;
    std::string other;
  };
  struct slot {
    file_op last = file_op::write; // what was told last
    std::optional<event> waiting;
  };
  using slots = std::unordered_map<std::string, slot>;
  struct open_window {
    clock::time_point end;
    slots::value_type* of; // which stays where it is
  };
  static void merge(slots::value_type& of, event&& next,
                    std::vector<told_change>& out);
  void end_first(clock::time_point now, std::vector<told_change>& out,
                 bool again);

  clock::duration window_;
  std::size_t max_paths_;
  slots paths_;
  std::deque<open_window>
      windows_; // all of one length, so in the order they end
};

} // namespace outrigger
