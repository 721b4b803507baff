#include "actors/os/files/folder_snapshot.hpp"

#include "actors/os/files/watch_names.hpp"

#include <algorithm>
#include <set>

namespace outrigger::os {

namespace {

std::uint64_t print_of(std::string_view path, std::uint64_t content) {
  return mixed(std::hash<std::string_view>{}(path) ^ content);
}

bool is_at_or_below(std::string_view path, std::string_view top) {
  return path.starts_with(top) &&
         (path.size() == top.size() || path[top.size()] == '/');
}

} // namespace

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
    if (whole.empty())
      ++seen_;
    else
      add(whole, row.print, row.is_folder);
  }
}

void folder_snapshot::add(std::string_view path, std::uint64_t print,
                          bool is_folder) {
  ++seen_;
  folders_ += is_folder ? 1 : 0;
  print_ += print_of(path, print); // in whatever order
  if (seen_ > max_entries_)
    return;
  entries_.push_back({static_cast<std::uint32_t>(paths_.size()),
                      static_cast<std::uint32_t>(path.size()), print,
                      is_folder});
  paths_ += path;
}

void folder_snapshot::finish() {
  if (seen_ > max_entries_) {
    entries_ = {};
    paths_ = {};
  }
  sort();
}

void folder_snapshot::sort() {
  std::sort(entries_.begin(), entries_.end(),
            [this](const auto& a, const auto& b) { return path(a) < path(b); });
}

/// Puts what is at a path and below it behind everything else; it begins
/// there.
folder_snapshot::iterator folder_snapshot::last_of(std::string_view top) {
  return std::stable_partition(
      entries_.begin(), entries_.end(),
      [&](const auto& each) { return !is_at_or_below(path(each), top); });
}

void folder_snapshot::forget(std::string_view top) {
  if (seen_ > max_entries_) {
    ++print_; // something differs then
    return;
  }
  const auto gone = last_of(top);
  for (auto at = gone; at != entries_.end(); ++at) {
    print_ -= print_of(path(*at), at->print);
    folders_ -= at->is_folder ? 1 : 0;
    --seen_;
  }
  entries_.erase(gone, entries_.end());
}

void folder_snapshot::rename(std::string_view from, std::string_view to) {
  if (seen_ > max_entries_) {
    ++print_;
    return;
  }
  const auto first = last_of(from);
  if (first == entries_.end())
    return;
  const std::vector<entry> moved{first, entries_.end()};
  entries_.erase(first, entries_.end());
  for (const auto& each : moved) {
    const auto whole = std::string{to}.append(path(each).substr(from.size()));
    print_ -= print_of(path(each), each.print);
    folders_ -= each.is_folder ? 1 : 0;
    --seen_;
    add(whole, each.print, each.is_folder);
  }
  sort();
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
  // With a folder goes all that was known of it.
  std::set<std::string_view> replaced;
  const auto is_forgotten = [&](std::string_view path) {
    for (auto end = path.rfind('/'); end != path.npos && !replaced.empty();
         end = path.rfind('/', end - 1))
      if (replaced.count(path.substr(0, end)) > 0)
        return true;
    return false;
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
      if (is_forgotten(path(*now))) {
        tell(change_kind::created, *this, *now);
      } else if (now->print != then->print) {
        const bool another = now->is_folder || then->is_folder;
        if (another) {
          tell(change_kind::removed, before, *then);
          replaced.insert(before.path(*then));
        }
        tell(another ? change_kind::created : change_kind::modified, *this,
             *now);
      }
      ++now;
      ++then;
    }
  }
  return out;
}

} // namespace outrigger::os
