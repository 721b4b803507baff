#include "actors/files/change_coalescer.hpp"

#include <utility>

namespace outrigger {

namespace {

file_op op_of(os::change_kind kind) {
  switch (kind) {
  case os::change_kind::created:
    return file_op::create;
  case os::change_kind::removed:
    return file_op::remove;
  case os::change_kind::moved_away:
    return file_op::rename;
  case os::change_kind::modified:
    break;
  }
  return file_op::write;
}

/// Whether nothing is there afterwards.
bool takes_away(file_op op) {
  return op == file_op::remove || op == file_op::rename;
}

} // namespace

/// The last one wins, but that what is new stays new until it was told, and
/// what came and went meanwhile was never there. With a folder its content
/// goes, of which nothing else may be told: that is never left out.
void change_coalescer::merge(slots::value_type& of, event&& next,
                             std::vector<told_change>& out) {
  auto& [path, into] = of;
  auto& waiting = into.waiting;
  if (waiting && waiting->is_folder && takes_away(waiting->op) &&
      next.op == file_op::create) {
    into.last = waiting->op;
    out.push_back({waiting->op, true, path, std::move(waiting->other)});
    waiting.reset();
  }
  const bool is_new = waiting && waiting->op == file_op::create;
  if (is_new && next.op == file_op::write)
    return;
  if (is_new && !waiting->is_folder && takes_away(next.op) &&
      takes_away(into.last)) {
    waiting.reset();
    return;
  }
  // Found by a scan and told by the kernel: a folder came only once. A file may
  // have been replaced by another.
  if (!waiting && next.op == file_op::create && into.last == file_op::create) {
    if (next.is_folder)
      return;
    next.op = file_op::write;
  }
  waiting = std::move(next);
}

void change_coalescer::take(const os::folder_change& change,
                            clock::time_point now,
                            std::vector<told_change>& out) {
  event next{op_of(change.kind), change.is_folder, change.other};
  const auto [found, quiet] = paths_.try_emplace(change.path);
  if (!quiet)
    return merge(*found, std::move(next), out);
  found->second.last = next.op;
  out.push_back({next.op, next.is_folder, change.path, std::move(next.other)});
  windows_.push_back({now + window_, &*found});
  while (paths_.size() > max_paths_)
    end_first(now, out, false);
}

void change_coalescer::end_first(clock::time_point now,
                                 std::vector<told_change>& out, bool again) {
  auto* of = windows_.front().of;
  windows_.pop_front();
  auto waiting = std::exchange(of->second.waiting, std::nullopt);
  if (waiting) {
    of->second.last = waiting->op;
    out.push_back({waiting->op, waiting->is_folder, of->first,
                   std::move(waiting->other)});
  }
  if (waiting && again)
    windows_.push_back({now + window_, of});
  else
    paths_.erase(paths_.find(of->first));
}

void change_coalescer::end_windows(clock::time_point now,
                                   std::vector<told_change>& out) {
  while (!windows_.empty() && windows_.front().end <= now)
    end_first(now, out, true);
}

std::optional<change_coalescer::clock::time_point>
change_coalescer::next_end() const {
  if (windows_.empty())
    return std::nullopt;
  return windows_.front().end;
}

void change_coalescer::clear() {
  windows_.clear();
  paths_.clear();
}

} // namespace outrigger
