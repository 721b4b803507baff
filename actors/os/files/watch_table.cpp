#include "actors/os/files/watch_table.hpp"

#include "actors/os/files/watch_names.hpp"

namespace outrigger::os {

namespace {

constexpr std::size_t first_slots = 64;

bool same(const watch_owner& a, const watch_owner& b) {
  return a.tree == b.tree && a.node == b.node;
}

} // namespace

watch_table::watch_table() : slots_(first_slots) {}

std::size_t watch_table::home(int watch) const {
  return mixed(static_cast<std::uint64_t>(watch)) & (slots_.size() - 1);
}

void watch_table::insert(int watch, watch_owner owner) {
  if ((count_ + 1) * 4 > slots_.size() * 3)
    grow();
  auto at = home(watch);
  while (slots_[at].watch != no_watch)
    at = (at + 1) & (slots_.size() - 1);
  slots_[at] = {watch, owner};
  ++count_;
}

bool watch_table::erase(int watch, watch_owner owner) {
  const auto mask = slots_.size() - 1;
  auto hole = home(watch);
  while (slots_[hole].watch != watch || !same(slots_[hole].owner, owner)) {
    if (slots_[hole].watch == no_watch)
      return false;
    hole = (hole + 1) & mask;
  }
  // Those behind it move up, so that they are found.
  for (auto at = (hole + 1) & mask; slots_[at].watch != no_watch;
       at = (at + 1) & mask) {
    const auto wanted = home(slots_[at].watch);
    if (((at - wanted) & mask) >= ((at - hole) & mask)) {
      slots_[hole] = slots_[at];
      hole = at;
    }
  }
  slots_[hole] = {};
  --count_;
  return true;
}

bool watch_table::contains(int watch) const {
  for (auto at = home(watch); slots_[at].watch != no_watch;
       at = (at + 1) & (slots_.size() - 1))
    if (slots_[at].watch == watch)
      return true;
  return false;
}

bool watch_table::contains(int watch, watch_owner owner) const {
  for (auto at = home(watch); slots_[at].watch != no_watch;
       at = (at + 1) & (slots_.size() - 1))
    if (slots_[at].watch == watch && same(slots_[at].owner, owner))
      return true;
  return false;
}

void watch_table::find(int watch, std::vector<watch_owner>& out) const {
  for (auto at = home(watch); slots_[at].watch != no_watch;
       at = (at + 1) & (slots_.size() - 1))
    if (slots_[at].watch == watch)
      out.push_back(slots_[at].owner);
}

void watch_table::grow() {
  auto before = std::move(slots_);
  slots_.assign(before.size() * 2, slot{});
  count_ = 0;
  for (const auto& each : before)
    if (each.watch != no_watch)
      insert(each.watch, each.owner);
}

} // namespace outrigger::os
