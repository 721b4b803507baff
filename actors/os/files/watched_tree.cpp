#include "actors/os/files/watched_tree.hpp"

#include <sys/inotify.h>

#include <algorithm>
#include <utility>

namespace outrigger::os {

namespace {

bool has(const inotify_record& record, std::uint32_t bits) {
  return (record.mask & bits) != 0;
}

} // namespace

watched_tree::watched_tree(watch_host& host, tree_number number,
                           folder_place place,
                           std::shared_ptr<const watch_filter> filter,
                           const watch_settings& settings)
    : host_(host), number_(number), place_(std::move(place)),
      filter_(std::move(filter)), settings_(settings),
      guarded_(place_.base.has_closed(place_.path)) {}

watched_tree::~watched_tree() {
  clear();
}

// -- those who watch ----------------------------------------------------------

void watched_tree::join(std::uint64_t who, news_listener listener) {
  listeners_.emplace(who, watcher{std::move(listener)});
}

void watched_tree::greet(std::uint64_t who) {
  const auto found = listeners_.find(who);
  if (found == listeners_.end())
    return;
  flush(); // what was collected is not for the newcomer
  auto& [tell, greeted] = found->second;
  greeted = true;
  if (gone_)
    return tell(watch_gone{});
  if (ready_)
    tell(watch_ready{folders(), degraded(unwatched_)});
}

void watched_tree::report(const folder_news& news) {
  for (const auto& [who, listener] : listeners_)
    if (listener.greeted)
      listener.tell(news);
}

void watched_tree::flush() {
  if (!changes_.empty())
    report(host_.hand_out(std::exchange(changes_, {})));
}

std::size_t watched_tree::folders() const {
  const bool root = nodes_.watch(root_node) != no_watch;
  return nodes_.size() - (root ? 0 : 1);
}

std::vector<watch_degraded> watched_tree::degraded(const places& where) const {
  std::vector<watch_degraded> out;
  for (const auto& [node, names] : where)
    if (node == no_node)
      out.push_back({"", 0, why_unwatched_});
    else if (names.size() == 1)
      out.push_back({entry_path(node, *names.begin()), 0, why_unwatched_});
    else
      out.push_back({nodes_.path(node), names.size(), why_unwatched_});
  return out;
}

void watched_tree::tell_degraded(const places& where) {
  for (const auto& each : degraded(where))
    report(each);
}

// -- records ------------------------------------------------------------------

std::string watched_tree::entry_path(watch_node node,
                                     std::string_view name) const {
  auto path = nodes_.path(node);
  if (!path.empty())
    path += '/';
  path += name;
  return path;
}

bool watched_tree::is_left_out(watch_node node, std::string_view name) const {
  const auto folder = nodes_.path(node);
  if (filter_ && filter_->leaves_out(folder, name))
    return true;
  if (!guarded_)
    return false;
  auto path = place_.path;
  for (const auto part : {std::string_view{folder}, name})
    if (!part.empty())
      path.append(path.empty() ? "" : "/").append(part);
  return place_.base.is_closed(path);
}

void watched_tree::tell(change_kind kind, bool is_folder, std::string path,
                        std::string other) {
  changes_.push_back({kind, is_folder, std::move(path), std::move(other)});
}

void watched_tree::take(watch_node node, const inotify_record& record) {
  if (has(record, IN_IGNORED))
    return unwatched_by_kernel(node);
  if (record.name.empty()) {
    if (node == root_node &&
        has(record, IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT))
      host_.check_root();
    return;
  }
  if (is_left_out(node, record.name))
    return;
  const bool is_folder = has(record, IN_ISDIR);
  auto path = entry_path(node, record.name);
  if (has(record, IN_CREATE | IN_MOVED_TO)) {
    tell(change_kind::created, is_folder, std::move(path));
    if (is_folder)
      appeared(node, record.name);
  } else if (has(record, IN_DELETE | IN_MOVED_FROM)) {
    tell(has(record, IN_DELETE) ? change_kind::removed
                                : change_kind::moved_away,
         is_folder, std::move(path));
    if (is_folder)
      vanished(node, record);
  } else if (has(record, IN_MODIFY) && !is_folder) {
    tell(change_kind::modified, false, std::move(path));
  }
}

/// The step has found what had gone again. What came after that, by the same
/// name, is still to be scanned.
void watched_tree::take_late(watch_node node, const inotify_record& record) {
  erase(unwatched_, node, record.name);
  if (const auto known = nodes_.find(node, record.name); known != no_node)
    remove(known);
}

void watched_tree::take_move(watch_node from, const inotify_record& left,
                             watch_node to, const inotify_record& came) {
  if (is_left_out(from, left.name))
    return take(to, came);
  if (is_left_out(to, came.name))
    return take(from, left);
  const bool is_folder = has(left, IN_ISDIR);
  auto old_path = entry_path(from, left.name);
  auto new_path = entry_path(to, came.name);
  tell(change_kind::moved_away, is_folder, old_path, new_path);
  tell(change_kind::created, is_folder, std::move(new_path),
       std::move(old_path));
  if (!is_folder)
    return;
  // What was there before could only be replaced when it was empty.
  if (const auto replaced = nodes_.find(to, came.name); replaced != no_node)
    remove(replaced);
  const auto node = nodes_.find(from, left.name);
  const bool known = node != no_node && !nodes_.is_below(to, node);
  if (known)
    nodes_.move(node, to, came.name);
  else
    vanished(from, left);
  if (const auto found = unwatched_.find(from);
      found != unwatched_.end() &&
      found->second.count(std::string{left.name}) > 0) {
    erase(unwatched_, from, left.name);
    unwatched_[to].emplace(came.name);
  } else if (!known) {
    fresh_[to].emplace(came.name);
  }
}

void watched_tree::appeared(watch_node node, std::string_view name) {
  const auto known = nodes_.find(node, name);
  // A scan that read the folder meanwhile may have found this very one.
  (known == no_node ? fresh_ : again_)[node].emplace(name);
}

void watched_tree::vanished(watch_node node, const inotify_record& record) {
  erase(unwatched_, node, record.name);
  erase(fresh_, node, record.name);
  erase(again_, node, record.name);
  if (const auto known = nodes_.find(node, record.name); known != no_node)
    remove(known);
  else
    host_.park(number_, record); // a scan may have found it before it went
}

void watched_tree::unwatched_by_kernel(watch_node node) {
  host_.disown(nodes_.watch(node), {number_, node});
  nodes_.set_watch(node, no_watch);
  if (node == root_node) {
    identity_ = 0; // a new one may have the same number
    return host_.check_root();
  }
  again_[nodes_.parent(node)].emplace(nodes_.name(node));
}

bool watched_tree::erase(places& from, watch_node node, std::string_view name) {
  const auto found = from.find(node);
  if (found == from.end())
    return false;
  const bool was_there = found->second.erase(std::string{name}) > 0;
  if (found->second.empty())
    from.erase(found);
  return was_there;
}

void watched_tree::remove(watch_node node) {
  nodes_.remove(node, [this](watch_node gone, int watch) {
    if (watch != no_watch)
      host_.disown(watch, {number_, gone});
    unwatched_.erase(gone);
    fresh_.erase(gone);
    again_.erase(gone);
    found_unwatched_.erase(gone);
    // The scan that goes on below it has no place to put what it finds.
    std::replace(stack_.begin(), stack_.end(), gone, no_node);
    std::replace(parents_.begin(), parents_.end(), gone, no_node);
  });
}

void watched_tree::lost() {
  if (gone_)
    return;
  whole_wanted_ = true;
  lost_ = true;
}

// -- the folder itself --------------------------------------------------------

void watched_tree::take_root(std::optional<std::uint64_t> identity) {
  if (!gone_ && (!identity_ || identity == identity_))
    return; // as it was, or the first scan has still to see it
  if (!gone_)
    go();
  if (!identity)
    return;
  gone_ = false;
  whole_wanted_ = true;
  lost_ = true;
}

void watched_tree::go() {
  flush();
  clear();
  gone_ = true;
  ready_ = false;
  whole_wanted_ = false;
  poll_wanted_ = false;
  identity_.reset();
  next_look_.reset();
  in_vain_ = step_ != nullptr;
  report(watch_gone{});
}

void watched_tree::clear() {
  remove(root_node);
  nodes_.set_watch(root_node, no_watch);
  unwatched_.clear();
  fresh_.clear();
  again_.clear();
  found_unwatched_.clear();
  before_.reset();
  taking_.reset();
}

} // namespace outrigger::os
