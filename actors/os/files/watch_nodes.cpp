#include "actors/os/files/watch_nodes.hpp"

#include <algorithm>
#include <cassert>

namespace outrigger::os {

namespace {

constexpr std::size_t first_index = 64;

/// Names of no use any more are put up with up to here.
constexpr std::size_t spare_names = 1024;

} // namespace

watch_nodes::watch_nodes() : all_(1), index_(first_index, no_node) {
  all_[root_node].name = names_.keep("") & 0x7fff'ffffU;
}

// -- the index ----------------------------------------------------------------

std::size_t watch_nodes::home(watch_node parent, std::string_view name) const {
  const auto text = std::hash<std::string_view>{}(name);
  return mixed(text + parent * 0x9e3779b97f4a7c15ULL) & (index_.size() - 1);
}

watch_node watch_nodes::find(watch_node parent, std::string_view name) const {
  for (auto slot = home(parent, name); index_[slot] != no_node;
       slot = (slot + 1) & (index_.size() - 1)) {
    const auto& candidate = all_[index_[slot]];
    if (candidate.parent == parent && names_.at(candidate.name) == name)
      return index_[slot];
  }
  return no_node;
}

std::size_t watch_nodes::slot_of(watch_node node) const {
  auto slot = home(all_[node].parent, names_.at(all_[node].name));
  while (index_[slot] != node)
    slot = (slot + 1) & (index_.size() - 1);
  return slot;
}

void watch_nodes::grow_index() {
  auto before = std::move(index_);
  index_.assign(before.size() * 2, no_node);
  for (const auto node : before) {
    if (node == no_node)
      continue;
    auto slot = home(all_[node].parent, names_.at(all_[node].name));
    while (index_[slot] != no_node)
      slot = (slot + 1) & (index_.size() - 1);
    index_[slot] = node;
  }
}

// -- places -------------------------------------------------------------------

void watch_nodes::link(watch_node node, watch_node parent,
                       std::string_view name) {
  auto& own = all_[node];
  own.parent = parent;
  own.name = names_.keep(name) & 0x7fff'ffffU;
  own.previous = no_node;
  own.next = all_[parent].child;
  if (own.next != no_node)
    all_[own.next].previous = node;
  all_[parent].child = node;
  auto slot = home(parent, name);
  while (index_[slot] != no_node)
    slot = (slot + 1) & (index_.size() - 1);
  index_[slot] = node;
}

void watch_nodes::unlink(watch_node node) {
  // Out of the index; those behind it move up, so that they are found.
  const auto mask = index_.size() - 1;
  auto hole = slot_of(node);
  for (auto slot = (hole + 1) & mask; index_[slot] != no_node;
       slot = (slot + 1) & mask) {
    const auto& other = all_[index_[slot]];
    const auto wanted = home(other.parent, names_.at(other.name));
    if (((slot - wanted) & mask) >= ((slot - hole) & mask)) {
      index_[hole] = index_[slot];
      hole = slot;
    }
  }
  index_[hole] = no_node;

  auto& own = all_[node];
  if (own.previous != no_node)
    all_[own.previous].next = own.next;
  else
    all_[own.parent].child = own.next;
  if (own.next != no_node)
    all_[own.next].previous = own.previous;
}

watch_node watch_nodes::add(watch_node parent, std::string_view name,
                            int watch) {
  assert(find(parent, name) == no_node);
  if ((count_ + 1) * 4 > index_.size() * 3)
    grow_index();
  auto node = free_;
  if (node != no_node) {
    free_ = all_[node].child;
    all_[node] = {};
  } else {
    node = static_cast<watch_node>(all_.size());
    all_.emplace_back();
  }
  all_[node].watch = watch;
  all_[node].met = today_;
  link(node, parent, name);
  ++count_;
  return node;
}

void watch_nodes::move(watch_node node, watch_node parent,
                       std::string_view name) {
  assert(find(parent, name) == no_node && !is_below(parent, node));
  unlink(node);
  link(node, parent, name);
}

void watch_nodes::remove(
    watch_node node, const std::function<void(watch_node, int watch)>& gone) {
  auto at = node;
  for (;;) {
    while (all_[at].child != no_node)
      at = all_[at].child;
    const auto parent = all_[at].parent;
    gone(at, all_[at].watch);
    const bool last = at == node;
    if (at != root_node) {
      unlink(at);
      all_[at] = {};
      all_[at].child = free_;
      free_ = at;
      --count_;
    }
    if (last)
      break;
    at = parent;
  }
  if (names_.size() > 2 * count_ + spare_names)
    renew_names();
}

void watch_nodes::renew_names() {
  watch_names fresh;
  std::vector<watch_node> open{root_node};
  while (!open.empty()) {
    const auto node = open.back();
    open.pop_back();
    all_[node].name = fresh.keep(names_.at(all_[node].name)) & 0x7fff'ffffU;
    for (auto child = all_[node].child; child != no_node;
         child = all_[child].next)
      open.push_back(child);
  }
  names_ = std::move(fresh);
}

// -- questions ----------------------------------------------------------------

std::string_view watch_nodes::name(watch_node node) const {
  return names_.at(all_[node].name);
}

std::string watch_nodes::path(watch_node node) const {
  std::size_t size = 0;
  for (auto at = node; at != root_node; at = all_[at].parent)
    size += name(at).size() + 1;
  if (size == 0)
    return {};
  std::string out(size - 1, '/');
  auto end = out.size();
  for (auto at = node; at != root_node; at = all_[at].parent) {
    const auto part = name(at);
    end -= part.size();
    std::copy(part.begin(), part.end(),
              out.begin() + static_cast<std::ptrdiff_t>(end));
    if (end > 0)
      --end; // the slash
  }
  return out;
}

bool watch_nodes::is_below(watch_node node, watch_node folder) const {
  for (auto at = node; at != no_node; at = all_[at].parent)
    if (at == folder)
      return true;
  return false;
}

std::vector<watch_node> watch_nodes::not_met() const {
  std::vector<watch_node> out;
  std::vector<watch_node> open{root_node};
  while (!open.empty()) {
    const auto node = open.back();
    open.pop_back();
    if ((all_[node].met != 0) != today_) {
      out.push_back(node);
      continue;
    }
    for (auto child = all_[node].child; child != no_node;
         child = all_[child].next)
      open.push_back(child);
  }
  return out;
}

std::size_t watch_nodes::memory() const {
  return all_.capacity() * sizeof(entry) +
         index_.capacity() * sizeof index_[0] + names_.memory();
}

} // namespace outrigger::os
