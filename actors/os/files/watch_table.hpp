// WATCH TABLE: which folders a watch's number stands for. One, mostly; several
// when trees overlap, for the kernel has one watch for one folder, whoever
// wants it. 12 bytes an entry. Loop only.
#pragma once

#include "actors/os/files/watch_nodes.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace outrigger::os {

/// Numbers a tree.
using tree_number = std::uint32_t;

struct watch_owner {
  tree_number tree = 0;
  watch_node node = no_node;
};

class watch_table {
public:
  watch_table();

  void insert(int watch, watch_owner owner);
  /// False when there was no such entry.
  bool erase(int watch, watch_owner owner);

  [[nodiscard]] bool contains(int watch) const;
  [[nodiscard]] bool contains(int watch, watch_owner owner) const;
  /// Everyone a watch stands for, appended.
  void find(int watch, std::vector<watch_owner>& out) const;

  [[nodiscard]] std::size_t size() const { return count_; }
  /// Bytes of memory.
  [[nodiscard]] std::size_t memory() const {
    return slots_.capacity() * sizeof(slot);
  }

private:
  struct slot {
    int watch = no_watch; // free
    watch_owner owner;
  };
  [[nodiscard]] std::size_t home(int watch) const;
  void grow();

  std::vector<slot> slots_; // open addressing
  std::size_t count_ = 0;
};

} // namespace outrigger::os
