// The inside of folder_watches: the queue's reader, the one lane of scans, and
// the timers. On the loop.
#pragma once

#include "actors/os/files/folder_watches.hpp"

#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

namespace outrigger::os {

class folder_watches::engine final
    : public watch_host,
      public std::enable_shared_from_this<folder_watches::engine> {
public:
  using clock = std::chrono::steady_clock;

  engine(boost::asio::io_context& loop, worker_pool& workers,
         const watch_settings& settings);

  /// Returns what ends the interest.
  std::function<void()> watch(folder_place place,
                              std::shared_ptr<const watch_filter> filter,
                              const std::string& filter_key,
                              news_listener listener);
  void stop();
  [[nodiscard]] figures now() const;
  [[nodiscard]] bool is_at_rest() const;

  // -- watch_host -------------------------------------------------------------

  void own(int watch, watch_owner owner) override;
  void disown(int watch, watch_owner owner) override;
  void let_go(int watch) override;
  void check_root() override;
  [[nodiscard]] changes_ptr hand_out(folder_changes changes) override;
  [[nodiscard]] inotify_queue& queue() override { return queue_; }

private:
  /// A record kept longer than what it was read into.
  struct kept_record {
    inotify_record record;
    std::string name;

    explicit kept_record(const inotify_record& of)
        : record{of}, name{of.name} {}
    [[nodiscard]] inotify_record get() const {
      auto out = record;
      out.name = name;
      return out;
    }
  };
  using tree_ptr = std::shared_ptr<watched_tree>;
  struct root_state {
    tree_number tree = 0;
    folder_place place;
    bool known = false;
    std::optional<std::uint64_t> identity; // none: it is not there
  };

  // Reading.
  void read_when_ready();
  void read();
  void take_batch(std::string_view bytes);
  void take(const inotify_record& record);
  void take_move(const inotify_record& left, const inotify_record& came);
  void note_exchange(const inotify_record& left, const inotify_record& came);
  void end_move();
  void keep(kept_record what);
  void overflowed();
  void tell_lost();
  void flush();
  void released();
  [[nodiscard]] std::vector<watch_owner> owners_of(int watch) const;

  // The lane.
  void run_steps();
  [[nodiscard]] tree_ptr next_tree() const;
  bool run(const tree_ptr& tree);
  void stepped(const std::weak_ptr<watched_tree>& of, scan_step& step);
  void replay(watched_tree& tree);
  void end_watches();

  // Time.
  void plan_look();
  void look();
  void watch_roots();
  void check_roots();
  void roots_checked(const std::vector<root_state>& found);
  void leave(const std::string& key, std::uint64_t who);
  [[nodiscard]] watched_tree* find(tree_number number) const;
  void after(boost::asio::steady_timer& timer, clock::duration wait,
             void (engine::*then)());

  boost::asio::io_context& loop_;
  worker_pool& workers_;
  watch_settings settings_;
  inotify_queue queue_;
  watch_table table_;
  std::map<std::string, tree_ptr> trees_; // by folder and what is left out
  std::map<tree_number, tree_ptr> by_number_;
  tree_number last_number_ = 0;
  std::uint64_t last_listener_ = 0;

  // Reading.
  bool waiting_ = false;            // for something to read
  std::size_t handed_out_ = 0;      // lists of changes that somebody still has
  std::optional<kept_record> left_; // half of a rename
  boost::asio::steady_timer move_timer_;
  /// The last rename, if nothing came after it: there, name, here, name.
  struct rename_ends {
    int from = -1;
    std::string old_name;
    int to = -1;
    std::string new_name;
    friend bool operator==(const rename_ends&, const rename_ends&) = default;
  };
  rename_ends last_move_;
  std::uint64_t overflows_ = 0;
  clock::time_point last_overflow_;
  bool overflow_due_ = false;
  boost::asio::steady_timer overflow_timer_;

  // The lane.
  /// The queue, as long as a step may use it.
  struct gate {
    std::mutex passing;
    bool closed = false;
  };
  std::shared_ptr<gate> gate_ = std::make_shared<gate>();
  tree_number turn_ = 0;            // whose turn it was last
  std::optional<tree_number> busy_; // a step of it is on the pool
  std::deque<kept_record> parked_;  // until it has ended
  std::size_t parked_bytes_ = 0;
  bool parked_too_much_ = false;
  std::vector<int> unclaimed_; // to be ended when no scan may have them
  boost::asio::steady_timer retry_timer_;

  boost::asio::steady_timer look_timer_;
  boost::asio::steady_timer root_timer_;
  bool checking_roots_ = false;
  bool check_again_ = false;
  bool stopped_ = false;
};

} // namespace outrigger::os
