#include "actors/os/files/watch_engine.hpp"

#include <boost/asio/post.hpp>

#include <sys/inotify.h>

#include <algorithm>
#include <utility>

namespace outrigger::os {

namespace {

/// How far behind its first half the second half of a rename is looked for.
constexpr std::size_t move_distance = 64;

bool has(const inotify_record& record, std::uint32_t bits) {
  return (record.mask & bits) != 0;
}

std::string text_of(const folder_place& place, const std::string& filter_key) {
  return place.real_path() + '\0' + filter_key;
}

/// A list of changes, and whom to tell when nobody has it any more.
struct counted_changes {
  folder_changes changes;
  std::function<void()> dropped;

  counted_changes(folder_changes list, std::function<void()> at_end)
      : changes(std::move(list)), dropped(std::move(at_end)) {}
  counted_changes(const counted_changes&) = delete;
  counted_changes& operator=(const counted_changes&) = delete;
  ~counted_changes() { dropped(); }
};

} // namespace

folder_watches::engine::engine(boost::asio::io_context& loop,
                               worker_pool& workers,
                               const watch_settings& settings)
    : loop_(loop), workers_(workers), settings_(settings),
      queue_(loop, settings.max_watches), move_timer_(loop),
      last_overflow_(clock::now() - settings.overflow_pause),
      overflow_timer_(loop), retry_timer_(loop), look_timer_(loop),
      root_timer_(loop) {}

/// A step that is on the pool is waited for: it uses the queue.
void folder_watches::engine::stop() {
  stopped_ = true;
  {
    const std::lock_guard nobody{gate_->passing};
    gate_->closed = true;
  }
  for (auto* timer : {&move_timer_, &overflow_timer_, &retry_timer_,
                      &look_timer_, &root_timer_})
    timer->cancel();
  by_number_.clear();
  trees_.clear();
}

std::function<void()> folder_watches::engine::watch(
    folder_place place, std::shared_ptr<const watch_filter> filter,
    const std::string& filter_key, news_listener listener) {
  // Without an instance every folder is without a watch, and looked at.
  const auto no_instance = queue_.open();
  if (!no_instance)
    read_when_ready();
  const auto key = text_of(place, filter_key);
  auto& tree = trees_[key];
  if (!tree) {
    tree = std::make_shared<watched_tree>(
        *this, ++last_number_, std::move(place), std::move(filter), settings_);
    by_number_[tree->number()] = tree;
  }
  const auto who = ++last_listener_;
  tree->join(who, std::move(listener));
  boost::asio::post(loop_, [weak = weak_from_this(), key, who] {
    const auto self = weak.lock();
    if (!self || self->stopped_)
      return;
    if (const auto found = self->trees_.find(key); found != self->trees_.end())
      found->second->greet(who);
    self->run_steps();
  });
  watch_roots();
  return [weak = weak_from_this(), key, who] {
    if (const auto self = weak.lock())
      self->leave(key, who);
  };
}

void folder_watches::engine::leave(const std::string& key, std::uint64_t who) {
  const auto found = trees_.find(key);
  if (found == trees_.end())
    return;
  found->second->leave(who);
  if (found->second->is_watched())
    return;
  by_number_.erase(found->second->number());
  trees_.erase(found);
  if (trees_.empty())
    root_timer_.cancel();
  run_steps();
}

watched_tree* folder_watches::engine::find(tree_number number) const {
  const auto found = by_number_.find(number);
  return found == by_number_.end() ? nullptr : found->second.get();
}

folder_watches::figures folder_watches::engine::now() const {
  figures out{trees_.size(), queue_.watches(), 0, overflows_, table_.memory()};
  for (const auto& [key, tree] : trees_) {
    out.degraded += tree->is_degraded() ? 1 : 0;
    out.memory += tree->memory();
  }
  return out;
}

bool folder_watches::engine::is_at_rest() const {
  return !busy_ && !left_ && !overflow_due_ && !checking_roots_ &&
         !queue_.has_more() &&
         std::none_of(trees_.begin(), trees_.end(),
                      [](const auto& each) { return each.second->has_work(); });
}

// -- watch_host ---------------------------------------------------------------

void folder_watches::engine::own(int watch, watch_owner owner) {
  table_.insert(watch, owner);
}

void folder_watches::engine::disown(int watch, watch_owner owner) {
  if (table_.erase(watch, owner) && !table_.contains(watch))
    let_go(watch);
}

/// Not at once: a scan may be about to get this very watch for another tree,
/// or for the folder's new place.
void folder_watches::engine::let_go(int watch) {
  unclaimed_.push_back(watch);
}

void folder_watches::engine::check_root() {
  check_roots();
}

changes_ptr folder_watches::engine::hand_out(folder_changes changes) {
  ++handed_out_;
  const auto counted = std::make_shared<counted_changes>(
      std::move(changes), [weak = weak_from_this()] {
        if (const auto self = weak.lock())
          self->released();
      });
  return {counted, &counted->changes};
}

void folder_watches::engine::released() {
  if (--handed_out_ + 1 != settings_.max_handed_out)
    return;
  boost::asio::post(loop_, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self || self->stopped_)
      return;
    self->read_when_ready();
    self->run_steps();
  });
}

// -- reading ------------------------------------------------------------------

void folder_watches::engine::read_when_ready() {
  if (waiting_ || stopped_ || !queue_.is_open() ||
      handed_out_ >= settings_.max_handed_out)
    return;
  waiting_ = true;
  queue_.wait([this] {
    waiting_ = false;
    if (!stopped_)
      read();
  });
}

void folder_watches::engine::read() {
  take_batch(queue_.read());
  flush();
  read_when_ready();
}

void folder_watches::engine::take_batch(std::string_view bytes) {
  std::vector<inotify_record> all;
  while (const auto record = take_record(bytes))
    all.push_back(*record);
  std::vector<bool> taken(all.size());
  const auto second_half = [&](std::uint32_t cookie, std::size_t from) {
    const auto end = std::min(all.size(), from + move_distance);
    for (auto i = from; i < end; ++i)
      if (has(all[i], IN_MOVED_TO) && all[i].cookie == cookie)
        return i;
    return all.size();
  };
  if (left_) {
    const auto i = second_half(left_->record.cookie, 0);
    if (i < all.size()) {
      const auto left = *std::exchange(left_, std::nullopt);
      take_move(left.get(), all[i]);
      taken[i] = true;
    }
    end_move();
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (taken[i])
      continue;
    if (!has(all[i], IN_MOVED_FROM)) {
      take(all[i]);
      continue;
    }
    const auto j = second_half(all[i].cookie, i + 1);
    if (j < all.size()) {
      take_move(all[i], all[j]);
      taken[j] = true;
    } else if (i + 1 == all.size()) {
      left_.emplace(all[i]); // the other half may be the next thing to read
      after(move_timer_, settings_.move_patience, &engine::end_move);
    } else {
      take(all[i]);
    }
  }
}

/// The other half did not come: it went out of what is watched.
void folder_watches::engine::end_move() {
  move_timer_.cancel();
  if (!left_)
    return;
  const auto left = *std::exchange(left_, std::nullopt);
  take(left.get());
  flush();
}

std::vector<watch_owner> folder_watches::engine::owners_of(int watch) const {
  std::vector<watch_owner> out;
  table_.find(watch, out);
  return out;
}

void folder_watches::engine::take(const inotify_record& record) {
  last_move_ = {};
  if (has(record, IN_Q_OVERFLOW))
    return overflowed();
  bool busy_has_it = false;
  for (const auto& owner : owners_of(record.watch)) {
    busy_has_it = busy_has_it || busy_ == owner.tree;
    // The one before may have ended this one's.
    auto* tree = find(owner.tree);
    if (tree != nullptr && table_.contains(record.watch, owner))
      tree->take(owner.node, record);
  }
  // The step that runs may be given this watch just now.
  if (busy_ && !busy_has_it)
    keep(kept_record{record});
}

void folder_watches::engine::take_move(const inotify_record& left,
                                       const inotify_record& came) {
  note_exchange(left, came);
  bool busy_left = false;
  bool busy_came = false;
  auto to = owners_of(came.watch);
  for (const auto& a : owners_of(left.watch)) {
    auto* tree = find(a.tree);
    if (tree == nullptr || !table_.contains(left.watch, a))
      continue;
    // To a tree that has but one end, it is no rename.
    const auto b = std::find_if(to.begin(), to.end(), [&](const auto& each) {
      return each.tree == a.tree && table_.contains(came.watch, each);
    });
    busy_left = busy_left || busy_ == a.tree;
    if (b == to.end()) {
      tree->take(a.node, left);
      continue;
    }
    busy_came = busy_came || busy_ == a.tree;
    tree->take_move(a.node, left, b->node, came);
    to.erase(b);
  }
  for (const auto& b : to) {
    busy_came = busy_came || busy_ == b.tree;
    auto* tree = find(b.tree);
    if (tree != nullptr && table_.contains(came.watch, b))
      tree->take(b.node, came);
  }
  if (busy_ && !busy_left)
    keep(kept_record{left});
  if (busy_ && !busy_came)
    keep(kept_record{came});
}

/// Two that change places at once look as one that goes there and back, but for
/// what is there in the end: that has to be looked at.
void folder_watches::engine::note_exchange(const inotify_record& left,
                                           const inotify_record& came) {
  const rename_ends back{came.watch, std::string{came.name}, left.watch,
                         std::string{left.name}};
  const bool exchanged = last_move_ == back;
  last_move_ = {left.watch, std::string{left.name}, came.watch,
                std::string{came.name}};
  if (!exchanged)
    return;
  for (const auto& watch : {left.watch, came.watch})
    for (const auto& owner : owners_of(watch))
      if (auto* tree = find(owner.tree))
        tree->lost();
}

void folder_watches::engine::keep(kept_record what) {
  parked_bytes_ += sizeof what + what.name.size();
  parked_too_much_ = parked_too_much_ || parked_bytes_ > settings_.max_parked;
  if (parked_too_much_)
    parked_.clear();
  else
    parked_.push_back(std::move(what));
}

void folder_watches::engine::overflowed() {
  ++overflows_;
  const auto next = last_overflow_ + settings_.overflow_pause;
  if (std::exchange(overflow_due_, true))
    return;
  if (clock::now() >= next)
    return tell_lost();
  after(overflow_timer_, next - clock::now(), &engine::tell_lost);
}

void folder_watches::engine::tell_lost() {
  overflow_due_ = false;
  last_overflow_ = clock::now();
  for (const auto& [key, tree] : trees_)
    tree->lost();
  run_steps();
}

void folder_watches::engine::flush() {
  for (const auto& [key, tree] : trees_)
    tree->flush();
  run_steps();
}

} // namespace outrigger::os
