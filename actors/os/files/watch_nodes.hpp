// WATCH NODES: the folders of one watched tree, in little memory: about 60
// bytes each, so that a hundred thousand are no burden.
//
//   node: parent, name (kept once), watch, first child, siblings
//   index: (parent, name) ─► node, one for the whole tree
//
// Knows no kernel and no paths but those it puts together. Loop only.
#pragma once

#include "actors/os/files/watch_names.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace outrigger::os {

/// Numbers one folder while it is in the tree; used again afterwards.
using watch_node = std::uint32_t;
inline constexpr watch_node no_node = UINT32_MAX;
inline constexpr watch_node root_node = 0;
inline constexpr int no_watch = -1;

class watch_nodes {
public:
  /// Only the root, not watched.
  watch_nodes();

  /// A child that is not there yet.
  watch_node add(watch_node parent, std::string_view name, int watch);
  [[nodiscard]] watch_node find(watch_node parent, std::string_view name) const;

  /// Gives a folder another place, where none is. Not below itself.
  void move(watch_node node, watch_node parent, std::string_view name);

  /// Takes a folder out with all below it, and says so of each, the children
  /// first. The root stays, without children; it is told of all the same.
  void remove(watch_node node,
              const std::function<void(watch_node, int watch)>& gone);

  [[nodiscard]] int watch(watch_node node) const { return all_[node].watch; }
  void set_watch(watch_node node, int watch) { all_[node].watch = watch; }
  [[nodiscard]] watch_node parent(watch_node node) const {
    return all_[node].parent;
  }
  /// Borrows, until the tree changes.
  [[nodiscard]] std::string_view name(watch_node node) const;
  /// Below the root; "" of the root itself.
  [[nodiscard]] std::string path(watch_node node) const;
  [[nodiscard]] bool is_below(watch_node node, watch_node folder) const;

  /// Marks are for whoever goes through everything and wants to know what it
  /// has not met. New nodes have the mark of the day.
  void begin_round() { today_ = !today_; }
  void meet(watch_node node) { all_[node].met = today_; }
  /// Those that were not met, but not what is below one of them.
  [[nodiscard]] std::vector<watch_node> not_met() const;

  /// Folders, the root included.
  [[nodiscard]] std::size_t size() const { return count_; }
  /// Bytes of memory.
  [[nodiscard]] std::size_t memory() const;

private:
  struct entry {
    watch_node parent = no_node;
    std::uint32_t name : 31 = 0; // where it is kept
    std::uint32_t met : 1 = 0;
    int watch = no_watch;
    watch_node child = no_node; // the first one; of a free entry, the next
    watch_node next = no_node;  // siblings
    watch_node previous = no_node;
  };
  [[nodiscard]] std::size_t home(watch_node parent,
                                 std::string_view name) const;
  [[nodiscard]] std::size_t slot_of(watch_node node) const;
  void link(watch_node node, watch_node parent, std::string_view name);
  void unlink(watch_node node);
  void grow_index();
  void renew_names();

  std::vector<entry> all_;
  std::vector<watch_node> index_; // open addressing; no_node: free
  watch_names names_;
  watch_node free_ = no_node;
  std::size_t count_ = 1;
  bool today_ = false;
};

} // namespace outrigger::os
