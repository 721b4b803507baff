// WATCHED TREE: one folder with all below it, as it is watched: which folders
// have a watch, which are only looked at now and then, what is still to be
// scanned; and what of all that is told to whoever watches.
//
//   records of inotify ──► take() ──► changes
//   steps of scans     ──► take_step() ──► nodes, changes
//
// Shared by all who want the same folder with the same things left out. Made
// and run by folder_watches, on the loop; only its steps run elsewhere.
#pragma once

#include "actors/os/files/folder_news.hpp"
#include "actors/os/files/folder_scan.hpp"
#include "actors/os/files/folder_snapshot.hpp"
#include "actors/os/files/inotify_record.hpp"
#include "actors/os/files/watch_nodes.hpp"
#include "actors/os/files/watch_table.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace outrigger::os {

using news_listener = std::function<void(const folder_news&)>;

/// Times and bounds; the tests have smaller ones.
struct watch_settings {
  /// Of our own, below the kernel's.
  std::size_t max_watches = inotify_queue::unlimited;
  /// How long one step of a scan may keep a pool thread.
  std::chrono::milliseconds step{10};
  /// Folders without a watch are looked at this often, or so seldom that it
  /// takes a twentieth of the time.
  std::chrono::milliseconds poll_min{2000};
  std::chrono::milliseconds poll_max{60'000};
  /// How long to wait before watches are tried to be had again, after they
  /// could be had for some folders but not for all.
  std::chrono::milliseconds retry{30'000};
  /// How often it is looked whether a watched folder is still in its place.
  std::chrono::milliseconds root_check{2000};
  /// How long the first half of a rename waits for the other one.
  std::chrono::milliseconds move_patience{5};
  /// Between two scans because the queue ran over.
  std::chrono::milliseconds overflow_pause{500};
  /// Entries of folders without a watch whose names are kept.
  std::size_t max_snapshot = 100'000;
  /// Folders that may have some below them without a watch; beyond it the
  /// whole tree is without.
  std::size_t max_partly_watched = 64;
  /// Records that may wait for a step to end, in bytes.
  std::size_t max_parked = 1024 * 1024;
  /// Lists of changes that may be under way to those who watch.
  std::size_t max_handed_out = 16;
};

/// What a tree needs of what it is in.
class watch_host {
public:
  virtual ~watch_host() = default;
  /// A watch stands for a node from now on, and no longer.
  virtual void own(int watch, watch_owner owner) = 0;
  virtual void disown(int watch, watch_owner owner) = 0;
  /// A watch that a scan was given and no node took.
  virtual void let_go(int watch) = 0;
  /// Whether the folder is still in its place is to be found out now.
  virtual void check_root() = 0;
  /// Makes changes that count as long as somebody has them.
  [[nodiscard]] virtual changes_ptr hand_out(folder_changes changes) = 0;
  [[nodiscard]] virtual inotify_queue& queue() = 0;
};

/// Work for the pool.
struct scan_step {
  folder_scan scan;
  std::vector<folder_scan::start> starts;
  scan_rows rows = {};
  bool more = true;
};

class watched_tree {
public:
  using clock = std::chrono::steady_clock;

  watched_tree(watch_host& host, tree_number number, folder_place place,
               std::shared_ptr<const watch_filter> filter,
               const watch_settings& settings);
  watched_tree(const watched_tree&) = delete;
  watched_tree& operator=(const watched_tree&) = delete;
  ~watched_tree();

  // -- those who watch --------------------------------------------------------

  /// Somebody who is told nothing before greet().
  void join(std::uint64_t who, news_listener listener);
  /// Tells a newcomer what has been reported already: whether the tree is
  /// ready, degraded, gone.
  void greet(std::uint64_t who);
  void leave(std::uint64_t who) { listeners_.erase(who); }
  [[nodiscard]] bool is_watched() const { return !listeners_.empty(); }
  /// Hands out the changes that were collected.
  void flush();

  // -- the kernel -------------------------------------------------------------

  /// What a record says about the entry `record.name` of a node, or the node.
  void take(watch_node node, const inotify_record& record);
  /// Both halves of a rename within the tree.
  void take_move(watch_node from, const inotify_record& left, watch_node to,
                 const inotify_record& came);
  /// Records were lost.
  void lost();
  /// What is at the tree's place, if it is a folder.
  void take_root(std::optional<std::uint64_t> identity);

  // -- steps ------------------------------------------------------------------

  [[nodiscard]] bool has_work() const;
  /// What to do next; the same one until it has no more. Null: nothing.
  [[nodiscard]] std::shared_ptr<scan_step> next_step(clock::time_point now);
  void take_step(scan_step& step, clock::time_point now);
  /// When the folders without a watch are to be looked at again.
  [[nodiscard]] std::optional<clock::time_point> poll_time() const;
  void poll() { poll_wanted_ = true; }

  [[nodiscard]] const folder_place& place() const { return place_; }
  [[nodiscard]] tree_number number() const { return number_; }
  /// Folders with a watch.
  [[nodiscard]] std::size_t folders() const;
  [[nodiscard]] bool is_degraded() const { return !unwatched_.empty(); }
  [[nodiscard]] std::size_t memory() const { return nodes_.memory(); }

private:
  /// Names below nodes. Below no_node: the whole tree, without a name.
  using places = std::map<watch_node, std::set<std::string>>;
  enum class purpose { whole, fresh, again, check, look };

  // Records.
  [[nodiscard]] std::string entry_path(watch_node node,
                                       std::string_view name) const;
  [[nodiscard]] bool is_left_out(watch_node node, std::string_view name) const;
  void tell(change_kind kind, bool is_folder, std::string path,
            std::string other = {});
  [[nodiscard]] std::string path_in_base(std::string_view path) const;
  [[nodiscard]] bool is_bound_to_path(std::string_view here,
                                      std::string_view there) const;
  [[nodiscard]] bool is_known(watch_node node, std::string_view name) const;
  [[nodiscard]] bool is_doubtful(watch_node node) const;
  void move_node(watch_node from, std::string_view old_name, watch_node to,
                 std::string_view new_name);
  void appeared(watch_node node, const inotify_record& record);
  void vanished(watch_node node, std::string_view name);
  void overtake(watch_node node, std::string_view name, bool is_folder);
  void unwatched_by_kernel(watch_node node);
  void remove(watch_node node);
  static bool erase(places& from, watch_node node, std::string_view name);
  [[nodiscard]] static bool contains(const places& in, watch_node node,
                                     std::string_view name);

  // Steps.
  void begin_whole();
  void begin_some(places& of, purpose why);
  void begin_look();
  void take_row(const scan_step& step, const scan_rows::row& row);
  [[nodiscard]] watch_node parent_of(const folder_scan::start& at,
                                     std::string_view name, int error);
  void check(watch_node parent, std::string_view name,
             const scan_rows::row& row);
  [[nodiscard]] watch_node settle(watch_node parent, std::string_view name,
                                  int watch);
  void not_watched(watch_node parent, std::string_view name, int error);
  void end_whole(clock::time_point now);
  void announce();
  void end_look(const scan_step& step, clock::time_point now);
  void keep_what_is_unwatched(const scan_step& step);
  void give_up_watching();
  void tell_degraded(const places& where);
  [[nodiscard]] std::vector<watch_degraded> degraded(const places& where) const;

  void report(const folder_news& news);
  void go();
  void clear();

  watch_host& host_;
  tree_number number_;
  folder_place place_;
  std::shared_ptr<const watch_filter> filter_;
  const watch_settings& settings_;
  bool guarded_; // something in it is kept closed
  watch_nodes nodes_;
  struct watcher {
    news_listener tell;
    bool greeted = false;
  };
  std::map<std::uint64_t, watcher> listeners_;
  folder_changes changes_;

  bool gone_ = false;
  bool ready_ = false;
  std::optional<std::uint64_t> identity_; // of the folder that is watched

  // What is to be done.
  bool whole_wanted_ = true;
  bool lost_ = false; // when it is done, whoever watches has to look anew
  places fresh_;      // new folders
  places again_;      // folders that may have gone
  places check_;      // folders that may be others, until it is known
  bool poll_wanted_ = false;

  // What is being done.
  std::shared_ptr<scan_step> step_;
  purpose why_ = purpose::whole;
  bool in_vain_ = false;            // the folder went meanwhile
  std::vector<watch_node> parents_; // of the starts
  std::size_t start_ = 0;           // the next one
  std::vector<watch_node> stack_;   // by depth
  places overtaken_; // what the kernel has told of since the scan began
  std::size_t overtakings_ = 0;
  places found_unwatched_;

  // Folders without a watch.
  places unwatched_;
  std::string why_unwatched_;
  bool parts_changed_ = false; // without anybody being told
  bool unannounced_ = false;   // waits for the first look
  std::optional<folder_snapshot> before_;
  std::optional<folder_snapshot> taking_;
  clock::time_point look_began_;
  std::optional<clock::time_point> next_look_;
  clock::time_point retry_at_;
  bool retrying_ = false;
};

} // namespace outrigger::os
