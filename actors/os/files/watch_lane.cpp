// What the engine of folder_watches has done on the pool, and when: scans, one
// step at a time, looks at folders without a watch, and whether the watched
// folders are still in their places.
#include "actors/os/files/watch_engine.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace outrigger::os {

namespace {

/// Watches ended in one turn of the loop.
constexpr std::size_t ended_at_a_time = 256;

/// How long to wait when the pool takes nothing.
constexpr std::chrono::milliseconds full_pause{20};

} // namespace

void folder_watches::engine::after(boost::asio::steady_timer& timer,
                                   clock::duration wait,
                                   void (engine::*then)()) {
  timer.expires_after(wait);
  timer.async_wait(
      [weak = weak_from_this(), then](const boost::system::error_code& failed) {
        const auto self = weak.lock();
        if (!failed && self && !self->stopped_)
          ((*self).*then)();
      });
}

// -- the lane -----------------------------------------------------------------

void folder_watches::engine::run_steps() {
  if (busy_ || stopped_ || handed_out_ >= settings_.max_handed_out)
    return;
  while (const auto tree = next_tree()) {
    turn_ = tree->number();
    if (run(tree))
      return;
  }
  end_watches();
  plan_look();
}

/// Whose turn it is: the first one behind the last.
folder_watches::engine::tree_ptr folder_watches::engine::next_tree() const {
  const auto behind = by_number_.upper_bound(turn_);
  for (auto at = behind; at != by_number_.end(); ++at)
    if (at->second->has_work())
      return at->second;
  for (auto at = by_number_.begin(); at != behind; ++at)
    if (at->second->has_work())
      return at->second;
  return nullptr;
}

/// False when there was nothing to do after all.
bool folder_watches::engine::run(const tree_ptr& tree) {
  const auto step = tree->next_step(clock::now());
  if (!step)
    return false;
  busy_ = tree->number();
  const bool taken = workers_.run(
      [step, budget = settings_.step, gate = gate_] {
        const std::lock_guard passing{gate->passing};
        if (gate->closed)
          return;
        step->rows.clear();
        step->more = step->scan.step(step->rows, budget);
      },
      [weak = weak_from_this(), of = std::weak_ptr<watched_tree>(tree), step] {
        const auto self = weak.lock();
        if (self && !self->stopped_)
          self->stepped(of, *step);
      });
  if (!taken) {
    busy_.reset();
    after(retry_timer_, full_pause, &engine::run_steps);
  }
  return true;
}

void folder_watches::engine::stepped(const std::weak_ptr<watched_tree>& of,
                                     scan_step& step) {
  busy_.reset();
  if (const auto tree = of.lock()) {
    tree->take_step(step, clock::now());
    replay(*tree);
  } else {
    for (const auto& row : step.rows.all())
      if (row.watch != no_watch)
        let_go(row.watch);
    parked_.clear();
  }
  parked_bytes_ = 0;
  parked_too_much_ = false;
  flush();
}

/// What came meanwhile, now that the tree knows what it is about.
void folder_watches::engine::replay(watched_tree& tree) {
  for (const auto& kept : std::exchange(parked_, {})) {
    const auto record = kept.get();
    for (const auto& owner : owners_of(record.watch)) {
      if (owner.tree == tree.number() && table_.contains(record.watch, owner))
        tree.take(owner.node, record);
    }
  }
  if (parked_too_much_)
    tree.lost();
}

/// Watches that nobody has any more. No scan runs, so none is about to get one
/// of them again.
void folder_watches::engine::end_watches() {
  if (unclaimed_.empty())
    return;
  std::sort(unclaimed_.begin(), unclaimed_.end());
  unclaimed_.erase(std::unique(unclaimed_.begin(), unclaimed_.end()),
                   unclaimed_.end());
  for (std::size_t i = 0; i < ended_at_a_time && !unclaimed_.empty(); ++i) {
    if (!table_.contains(unclaimed_.back()))
      queue_.remove(unclaimed_.back());
    unclaimed_.pop_back();
  }
  if (unclaimed_.empty())
    return;
  boost::asio::post(loop_, [weak = weak_from_this()] {
    if (const auto self = weak.lock())
      self->run_steps();
  });
}

// -- time ---------------------------------------------------------------------

/// At the time when the first tree with folders without a watch is due.
void folder_watches::engine::plan_look() {
  const auto now = clock::now();
  std::optional<clock::time_point> first;
  for (const auto& [number, tree] : by_number_)
    if (const auto at = tree->poll_time())
      first = std::min(first.value_or(*at), *at);
  if (!first) {
    look_timer_.cancel();
    return;
  }
  after(look_timer_, std::max(*first - now, clock::duration{0}), &engine::look);
}

void folder_watches::engine::look() {
  const auto now = clock::now();
  for (const auto& [number, tree] : by_number_)
    if (const auto at = tree->poll_time(); at && *at <= now)
      tree->poll();
  run_steps();
}

void folder_watches::engine::watch_roots() {
  if (!trees_.empty() && !checking_roots_)
    after(root_timer_, settings_.root_check, &engine::check_roots);
}

void folder_watches::engine::check_roots() {
  if (std::exchange(checking_roots_, true)) {
    check_again_ = true;
    return;
  }
  if (!queue_.is_open() && !queue_.open())
    read_when_ready();
  const auto all = std::make_shared<std::vector<root_state>>();
  for (const auto& [number, tree] : by_number_)
    all->push_back({number, tree->place(), false, {}});
  const bool taken = workers_.run(
      [all] {
        for (auto& each : *all) {
          const auto opened = open_folder(each.place);
          each.known = opened || opened.error().value() != EACCES;
          if (const auto info = opened ? info_of(opened->get())
                                       : result<file_info>{opened.error()})
            each.identity = identity_of(*info);
        }
      },
      [weak = weak_from_this(), all] {
        const auto self = weak.lock();
        if (self && !self->stopped_)
          self->roots_checked(*all);
      });
  if (!taken)
    roots_checked({});
}

void folder_watches::engine::roots_checked(
    const std::vector<root_state>& found) {
  checking_roots_ = false;
  for (const auto& each : found)
    if (auto* tree = each.known ? find(each.tree) : nullptr)
      tree->take_root(each.identity);
  run_steps();
  if (std::exchange(check_again_, false))
    check_roots();
  else
    watch_roots();
}

// -- the outside --------------------------------------------------------------

struct folder_watches::interest::ended {
  std::function<void()> leave;

  explicit ended(std::function<void()> at_end) : leave(std::move(at_end)) {}
  ended(const ended&) = delete;
  ended& operator=(const ended&) = delete;
  ~ended() { leave(); }
};

folder_watches::interest::interest(std::unique_ptr<ended> at_end) noexcept
    : at_end_(std::move(at_end)) {}
folder_watches::interest::interest(interest&&) noexcept = default;
folder_watches::interest&
folder_watches::interest::operator=(interest&&) noexcept = default;
folder_watches::interest::~interest() = default;

folder_watches::folder_watches(boost::asio::io_context& loop,
                               worker_pool& workers, watch_settings settings)
    : engine_(std::make_shared<engine>(loop, workers, settings)) {}

folder_watches::~folder_watches() {
  engine_->stop();
}

folder_watches::interest
folder_watches::watch(folder_place place,
                      std::shared_ptr<const watch_filter> filter,
                      const std::string& filter_key, news_listener listener) {
  return interest{std::make_unique<interest::ended>(engine_->watch(
      std::move(place), std::move(filter), filter_key, std::move(listener)))};
}

folder_watches::figures folder_watches::now() const {
  return engine_->now();
}

bool folder_watches::is_at_rest() const {
  return engine_->is_at_rest();
}

} // namespace outrigger::os
