#include "actors/os/files/folder_snapshot.hpp"

#include "actors/os/files/watch_names.hpp"

#include <algorithm>

namespace outrigger::os {

void folder_snapshot::add(const scan_rows& rows,
                          const std::vector<folder_scan::start>& starts) {
  for (const auto& row : rows.all()) {
    std::string folder;
    if (row.depth == 0)
      folder = starts[starts_seen_++].folder;
    else
      folder = open_[row.depth - 1];
    auto whole = std::move(folder);
    if (!whole.empty() && row.name_size > 0)
      whole += '/';
    whole += rows.name(row);
    if (row.is_folder) {
      open_.resize(row.depth);
      open_.push_back(whole);
    }
    if (row.error != 0)
      continue; // not there, or not for us
    ++seen_;
    folders_ += row.is_folder ? 1 : 0;
    const auto own = mixed(std::hash<std::string>{}(whole) ^ row.print);
    print_ += own; // in whatever order
    if (whole.empty() || seen_ > max_entries_)
      continue;
    entries_.push_back({static_cast<std::uint32_t>(paths_.size()),
                        static_cast<std::uint32_t>(whole.size()), row.print,
                        row.is_folder});
    paths_ += whole;
  }
}

void folder_snapshot::finish() {
  if (seen_ > max_entries_) {
    entries_ = {};
    paths_ = {};
  }
  std::sort(entries_.begin(), entries_.end(),
            [this](const auto& a, const auto& b) { return path(a) < path(b); });
}

std::optional<folder_changes>
folder_snapshot::changes_since(const folder_snapshot& before) const {
  folder_changes out;
  if (print_ == before.print_ && seen_ == before.seen_)
    return out;
  if (seen_ > max_entries_ || before.seen_ > before.max_entries_)
    return std::nullopt;
  const auto tell = [&](change_kind kind, const folder_snapshot& of,
                        const entry& what) {
    out.push_back({kind, what.is_folder, std::string{of.path(what)}});
  };
  auto now = entries_.begin();
  auto then = before.entries_.begin();
  while (now != entries_.end() || then != before.entries_.end()) {
    const bool only_now =
        then == before.entries_.end() ||
        (now != entries_.end() && path(*now) < before.path(*then));
    const bool only_then =
        now == entries_.end() ||
        (then != before.entries_.end() && before.path(*then) < path(*now));
    if (only_now) {
      tell(change_kind::created, *this, *now++);
    } else if (only_then) {
      tell(change_kind::removed, before, *then++);
    } else {
      if (now->print != then->print) {
        const bool replaced = now->is_folder || then->is_folder;
        if (replaced)
          tell(change_kind::removed, before, *then);
        tell(replaced ? change_kind::created : change_kind::modified, *this,
             *now);
      }
      ++now;
      ++then;
    }
  }
  return out;
}

} // namespace outrigger::os
