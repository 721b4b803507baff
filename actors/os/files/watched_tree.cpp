#include "actors/os/files/watched_tree.hpp"

#include <sys/inotify.h>

#include <algorithm>
#include <utility>

namespace outrigger::os {

namespace {

/// Entries that may change while one scan goes on, before it was in vain.
constexpr std::size_t max_overtakings = 16'384;

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
  if (std::exchange(parts_changed_, false) && ready_)
    report(watch_ready{folders(), degraded(unwatched_)});
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
  return guarded_ &&
         place_.base.is_closed(path_in_base(entry_path(node, name)));
}

std::string watched_tree::path_in_base(std::string_view path) const {
  return std::string{place_.path}
      .append(place_.path.empty() || path.empty() ? "" : "/")
      .append(path);
}

/// Whether something may be left out of a folder here that is not left out of
/// it there, or the other way round.
bool watched_tree::is_bound_to_path(std::string_view here,
                                    std::string_view there) const {
  if (filter_ && filter_->looks_at_folders())
    return true;
  return guarded_ && (place_.base.has_closed(path_in_base(here)) ||
                      place_.base.has_closed(path_in_base(there)));
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
    overtake(node, record.name, is_folder);
    tell(change_kind::created, is_folder, std::move(path));
    if (is_folder)
      appeared(node, record);
  } else if (has(record, IN_DELETE | IN_MOVED_FROM)) {
    overtake(node, record.name, is_folder);
    tell(has(record, IN_DELETE) ? change_kind::removed
                                : change_kind::moved_away,
         is_folder, std::move(path));
    if (is_folder)
      vanished(node, record.name);
  } else if (has(record, IN_MODIFY) && !is_folder) {
    tell(change_kind::modified, false, std::move(path));
  }
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
  if (is_folder && (!is_known(from, left.name) || is_doubtful(from) ||
                    is_bound_to_path(old_path, new_path))) {
    // Its content will be told: it has not just another name.
    take(from, left);
    return take(to, came);
  }
  overtake(from, left.name, is_folder);
  overtake(to, came.name, is_folder);
  // An empty one is replaced; or it comes later and a scan was ahead: what that
  // has told of it counts no more, and who listens knows what is moved.
  if (is_folder && is_known(to, came.name)) {
    tell(change_kind::removed, true, new_path);
    if (before_)
      before_->forget(new_path);
    if (erase(unwatched_, to, came.name))
      parts_changed_ = true;
  }
  tell(change_kind::moved_away, is_folder, old_path, new_path);
  tell(change_kind::created, is_folder, new_path, old_path);
  if (!is_folder)
    return;
  if (before_)
    before_->rename(old_path, new_path);
  move_node(from, left.name, to, came.name);
}

/// Whether a folder is watched, or looked at.
bool watched_tree::is_known(watch_node node, std::string_view name) const {
  return nodes_.find(node, name) != no_node || contains(unwatched_, node, name);
}

/// Whether it is not certain that a folder is the one that we have below this
/// path, or one that it is in.
bool watched_tree::is_doubtful(watch_node node) const {
  for (; node != root_node; node = nodes_.parent(node))
    for (const auto* doubts : {&check_, &again_})
      if (contains(*doubts, nodes_.parent(node), nodes_.name(node)))
        return true;
  return false;
}

void watched_tree::move_node(watch_node from, std::string_view old_name,
                             watch_node to, std::string_view new_name) {
  const auto replaced = nodes_.find(to, new_name);
  const bool around = replaced != no_node && nodes_.is_below(from, replaced);
  if (replaced != no_node)
    remove(replaced);
  const auto node = around ? no_node : nodes_.find(from, old_name);
  if (around || (node != no_node && nodes_.is_below(to, node)))
    return lost(); // a scan has found what comes later
  erase(found_unwatched_, from, old_name);
  if (erase(unwatched_, from, old_name)) {
    unwatched_[to].emplace(new_name);
    parts_changed_ = true;
    return;
  }
  nodes_.move(node, to, new_name);
  // What was to be done with it, or is being done, is to be done there.
  if (erase(fresh_, from, old_name) || (step_ && why_ == purpose::fresh))
    fresh_[to].emplace(new_name);
  if (erase(again_, from, old_name) || step_ || replaced != no_node)
    again_[to].emplace(new_name);
  // A scan may have found another one by that name, which comes later.
  erase(check_, from, old_name);
  check_[to].emplace(new_name);
  // It was empty, or the two have changed places.
  if (replaced != no_node)
    again_[from].emplace(old_name);
}

void watched_tree::appeared(watch_node node, const inotify_record& record) {
  const auto known = nodes_.find(node, record.name);
  if (known == no_node)
    fresh_[node].emplace(record.name);
  // Where one is none can be made: a scan has found this very one. But one can
  // be moved there.
  else if (step_ || has(record, IN_MOVED_TO))
    again_[node].emplace(record.name);
}

void watched_tree::vanished(watch_node node, std::string_view name) {
  if (erase(unwatched_, node, name))
    parts_changed_ = true;
  erase(found_unwatched_, node, name);
  erase(fresh_, node, name);
  erase(again_, node, name);
  erase(check_, node, name);
  if (before_)
    before_->forget(entry_path(node, name));
  if (const auto known = nodes_.find(node, name); known != no_node)
    remove(known);
}

/// What the scan that is under way has still to say of an entry is older than
/// this, and is passed over: what there is will be scanned again.
void watched_tree::overtake(watch_node node, std::string_view name,
                            bool is_folder) {
  if (!step_ || (!is_folder && why_ != purpose::fresh))
    return;
  if (overtakings_ == max_overtakings)
    return lost();
  if (overtaken_[node].emplace(name).second)
    ++overtakings_;
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

bool watched_tree::contains(const places& in, watch_node node,
                            std::string_view name) {
  const auto found = in.find(node);
  return found != in.end() && found->second.count(std::string{name}) > 0;
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
    parts_changed_ = unwatched_.erase(gone) > 0 || parts_changed_;
    fresh_.erase(gone);
    again_.erase(gone);
    check_.erase(gone);
    found_unwatched_.erase(gone);
    overtaken_.erase(gone);
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
  check_.clear();
  found_unwatched_.clear();
  overtaken_.clear();
  before_.reset();
  taking_.reset();
  parts_changed_ = false;
  unannounced_ = false;
}

} // namespace outrigger::os
