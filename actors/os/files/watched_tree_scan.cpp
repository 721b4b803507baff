// The steps of a watched tree: what is to be scanned, and what comes of it.
#include "actors/os/files/watched_tree.hpp"

#include <algorithm>
#include <utility>

namespace outrigger::os {

namespace {

/// Folders one scan begins with.
constexpr std::size_t max_starts = 256;

/// Looking takes at most a twentieth of the time.
constexpr int rest_factor = 20;

bool is_used_up(int error) {
  return error == ENOSPC || error == ENOMEM || error == EMFILE ||
         error == ENFILE;
}

std::string sentence_of(int error) {
  if (error == ENOSPC)
    return "the limit of inotify watches is reached";
  return os_error(error).message();
}

} // namespace

// -- what is next -------------------------------------------------------------

bool watched_tree::has_work() const {
  return step_ ||
         (!gone_ && (whole_wanted_ || poll_wanted_ || !fresh_.empty() ||
                     !again_.empty() || !check_.empty()));
}

std::shared_ptr<scan_step> watched_tree::next_step(clock::time_point now) {
  if (step_ || !has_work())
    return step_;
  parents_.clear();
  stack_.clear();
  overtaken_.clear();
  overtakings_ = 0;
  start_ = 0;
  if (whole_wanted_)
    begin_whole();
  else if (!fresh_.empty())
    begin_some(fresh_, purpose::fresh);
  else if (!again_.empty())
    begin_some(again_, purpose::again);
  else if (!check_.empty())
    begin_some(check_, purpose::check);
  else
    begin_look();
  if (why_ == purpose::look) {
    look_began_ = now;
    if (now >= retry_at_)
      step_->scan.probe_with(&host_.queue());
  }
  return step_;
}

void watched_tree::begin_whole() {
  whole_wanted_ = false;
  why_ = purpose::whole;
  nodes_.begin_round();
  found_unwatched_.clear();
  parents_ = {no_node};
  std::vector<folder_scan::start> starts{{"", ""}};
  step_ = std::make_shared<scan_step>(scan_step{
      {place_, filter_, {&host_.queue(), false, false}, starts}, starts});
}

void watched_tree::begin_some(places& of, purpose why) {
  why_ = why;
  std::vector<folder_scan::start> starts;
  for (auto at = of.begin(); at != of.end() && starts.size() < max_starts; ++at)
    for (const auto& name : at->second) {
      starts.push_back({nodes_.path(at->first), name, nodes_.watch(at->first)});
      parents_.push_back(at->first);
      if (starts.size() == max_starts)
        break;
    }
  // What is to be checked is in doubt until it has been.
  for (std::size_t i = 0; why != purpose::check && i < starts.size(); ++i)
    erase(of, parents_[i], starts[i].name);
  folder_scan::options how;
  how.queue = &host_.queue();
  how.entries = why == purpose::fresh;
  how.deep = why != purpose::check;
  step_ = std::make_shared<scan_step>(
      scan_step{{place_, filter_, how, starts}, starts});
}

void watched_tree::begin_look() {
  poll_wanted_ = false;
  why_ = purpose::look;
  std::vector<folder_scan::start> starts;
  for (const auto& [node, names] : unwatched_)
    for (const auto& name : names) {
      starts.push_back({node == no_node ? "" : nodes_.path(node), name});
      parents_.push_back(node);
    }
  taking_.emplace(settings_.max_snapshot);
  step_ = std::make_shared<scan_step>(
      scan_step{{place_, filter_, {nullptr, true, true}, starts}, starts});
}

// -- what came of it ----------------------------------------------------------

void watched_tree::take_step(scan_step& step, clock::time_point now) {
  if (why_ != purpose::look)
    for (const auto& row : step.rows.all())
      take_row(step, row);
  else if (!in_vain_)
    taking_->add(step.rows, step.starts);
  if (step.more && !in_vain_)
    return;
  step_.reset();
  if (std::exchange(in_vain_, false))
    return;
  if (step.scan.has_missed())
    lost();
  if (why_ == purpose::whole)
    return end_whole(now);
  if (why_ == purpose::look)
    return end_look(step, now);
  if (!unwatched_.empty() && !next_look_)
    next_look_ = now + settings_.poll_min;
  flush();
  if (!whole_wanted_ && std::exchange(lost_, false))
    report(changes_lost{});
}

void watched_tree::take_row(const scan_step& step, const scan_rows::row& row) {
  const auto name = step.rows.name(row);
  const bool itself = row.depth == 0 && name.empty();
  watch_node parent = no_node;
  if (row.depth > 0)
    parent = stack_[row.depth - 1];
  else if (start_ < parents_.size())
    parent = parent_of(step.starts[start_], name, row.error);
  if (row.is_folder) {
    stack_.resize(row.depth);
    stack_.push_back(no_node);
  }
  if (in_vain_ || (parent == no_node && !itself) ||
      contains(overtaken_, parent, name)) {
    if (row.watch != no_watch)
      host_.let_go(row.watch);
    return;
  }
  if (why_ == purpose::check)
    return check(parent, name, row);
  if (!row.is_folder)
    return tell(change_kind::created, false, entry_path(parent, name));
  if (row.depth > 0 && why_ == purpose::fresh && !is_away(row.error))
    tell(change_kind::created, true, entry_path(parent, name));
  if (itself && row.print != 0)
    identity_ = row.print;
  if (row.watch == no_watch)
    not_watched(parent, name, row.error);
  else
    stack_.back() = settle(parent, name, row.watch);
}

/// Where the next start is to be put. One whose folder was moved meanwhile was
/// looked for in the wrong place, and is looked for once more; if it was in
/// another folder all the same, that is looked at first.
watch_node watched_tree::parent_of(const folder_scan::start& at,
                                   std::string_view name, int error) {
  const auto parent = parents_[start_++];
  if (parent == no_node)
    return no_node;
  const bool moved = nodes_.path(parent) != at.folder;
  if (!moved && error != ESTALE)
    return parent;
  if (why_ == purpose::check)
    erase(check_, parent, name); // it is looked at otherwise
  if (moved)
    (why_ == purpose::fresh ? fresh_ : again_)[parent].emplace(name);
  else if (parent == root_node)
    lost();
  else
    again_[nodes_.parent(parent)].emplace(nodes_.name(parent));
  return no_node;
}

/// Whether a folder is the one we know of.
void watched_tree::check(watch_node parent, std::string_view name,
                         const scan_rows::row& row) {
  erase(check_, parent, name);
  const auto node = nodes_.find(parent, name);
  const auto known = node == no_node ? no_watch : nodes_.watch(node);
  if (row.watch != known || node == no_node)
    again_[parent].emplace(name);
  if (row.watch != no_watch && row.watch != known)
    host_.let_go(row.watch);
}

/// A folder has a watch: the one we know of, or it is another folder.
watch_node watched_tree::settle(watch_node parent, std::string_view name,
                                int watch) {
  auto node = name.empty() ? root_node : nodes_.find(parent, name);
  const auto before = node == no_node ? no_watch : nodes_.watch(node);
  if (node == no_node) {
    node = nodes_.add(parent, name, watch);
    // Only a scan of what is new tells what it finds.
    if (why_ != purpose::fresh && !contains(fresh_, parent, name))
      lost_ = lost_ || ready_;
  } else if (before != watch) {
    lost_ = lost_ || ready_;
    if (before != no_watch && node != root_node) {
      remove(node);
      node = nodes_.add(parent, name, watch);
    } else if (before != no_watch) {
      host_.disown(before, {number_, node});
    }
    nodes_.set_watch(node, watch);
  }
  if (before != watch)
    host_.own(watch, {number_, node});
  nodes_.meet(node);
  // Between the last look and the watch nobody looked.
  if (why_ != purpose::whole && erase(unwatched_, parent, name))
    lost_ = parts_changed_ = true;
  return node;
}

void watched_tree::not_watched(watch_node parent, std::string_view name,
                               int error) {
  if (!name.empty())
    if (const auto node = nodes_.find(parent, name); node != no_node)
      remove(node);
  const bool itself = name.empty();
  if (!is_used_up(error) && !(itself && error == EACCES)) {
    if (itself)
      go();
    else if (erase(unwatched_, parent, name))
      parts_changed_ = true;
    return;
  }
  why_unwatched_ = sentence_of(error);
  if (why_ == purpose::whole) {
    found_unwatched_[parent].emplace(name);
    return;
  }
  if (unwatched_[parent].emplace(name).second) {
    if (!before_) // so that what is in it counts as new
      before_.emplace(settings_.max_snapshot);
    flush();
    tell_degraded({{parent, {std::string{name}}}});
  }
  if (unwatched_.size() > settings_.max_partly_watched)
    whole_wanted_ = true;
}

void watched_tree::end_whole(clock::time_point now) {
  auto found = std::exchange(found_unwatched_, {});
  for (const auto& [node, names] : overtaken_)
    for (const auto& name : names)
      if (contains(unwatched_, node, name)) // moved there meanwhile
        found[node].emplace(name);
  if (found.size() > settings_.max_partly_watched || found.count(no_node) > 0) {
    give_up_watching();
    found = {{no_node, {""}}};
  }
  for (const auto node : nodes_.not_met())
    if (node != root_node)
      again_[nodes_.parent(node)].emplace(nodes_.name(node));
  const bool same = found == unwatched_;
  if (!same) {
    unwatched_ = std::move(found);
    before_.reset();
    lost_ = lost_ || ready_;
  }
  if (std::exchange(retrying_, false) && !unwatched_.empty())
    retry_at_ = now + settings_.retry;
  flush();
  if (!same)
    tell_degraded(unwatched_);
  // Whoever hears of it reads the folders; what is compared with from now on
  // has to be older.
  unannounced_ = !unwatched_.empty() && !before_;
  poll_wanted_ = poll_wanted_ || unannounced_;
  if (!unannounced_)
    announce();
}

void watched_tree::announce() {
  if (unwatched_.empty())
    next_look_.reset();
  unannounced_ = false;
  parts_changed_ = false;
  ready_ = true;
  report(watch_ready{folders(), degraded(unwatched_)});
  if (lost_)
    report(changes_lost{});
  lost_ = lost_ && whole_wanted_; // what was lost since is told of then
}

/// Too much of it has no watch: all of it is looked at instead.
void watched_tree::give_up_watching() {
  remove(root_node);
  nodes_.set_watch(root_node, no_watch);
  nodes_.meet(root_node);
}

void watched_tree::end_look(const scan_step& step, clock::time_point now) {
  taking_->finish();
  keep_what_is_unwatched(step);
  if (before_) {
    auto changes = taking_->changes_since(*before_);
    if (!changes)
      report(changes_lost{});
    else
      changes_.insert(changes_.end(), std::make_move_iterator(changes->begin()),
                      std::make_move_iterator(changes->end()));
  }
  before_ = std::move(taking_);
  taking_.reset();
  flush();
  if (unannounced_)
    announce();
  next_look_ =
      now + std::clamp<clock::duration>((now - look_began_) * rest_factor,
                                        settings_.poll_min, settings_.poll_max);
  if (step.scan.has_room()) {
    whole_wanted_ = true;
    retrying_ = true;
  }
}

/// What has gone meanwhile, or has another name, was told by the kernel.
void watched_tree::keep_what_is_unwatched(const scan_step& step) {
  for (std::size_t i = 0; i < step.starts.size(); ++i) {
    const auto& [folder, name, within] = step.starts[i];
    const auto parent = parents_[i];
    if (name.empty() || (parent != no_node && nodes_.path(parent) == folder &&
                         contains(unwatched_, parent, name) &&
                         !contains(overtaken_, parent, name)))
      continue;
    taking_->forget(folder.empty() ? name : folder + "/" + name);
  }
}

std::optional<watched_tree::clock::time_point> watched_tree::poll_time() const {
  if (unwatched_.empty() || step_ || poll_wanted_)
    return std::nullopt;
  return next_look_;
}

} // namespace outrigger::os
