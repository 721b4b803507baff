// FOLDER WATCHES: watches folders with all below them, any number of them,
// through the one inotify queue.
//
//   inotify ─► records ─► trees ─► news ─► listeners
//   trees ─► steps of scans ─► pool threads ─► trees
//
// Whoever wants the same folder with the same things left out shares a tree;
// trees that overlap share the kernel's watches. One scan runs at a time, step
// by step, each tree in its turn. When those who listen do not keep up, the
// kernel's queue is no longer read, and overflows in the end, which they are
// told.
//
// One per daemon. On the loop, but for what runs on the pool.
#pragma once

#include "actors/os/files/watched_tree.hpp"
#include "actors/os/worker_pool.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace outrigger::os {

class folder_watches {
public:
  /// Both outlive this.
  folder_watches(boost::asio::io_context& loop, worker_pool& workers,
                 watch_settings settings = {});
  folder_watches(const folder_watches&) = delete;
  folder_watches& operator=(const folder_watches&) = delete;
  ~folder_watches();

  /// Somebody's interest in a folder; it ends with this.
  class interest {
  public:
    interest(interest&&) noexcept;
    interest& operator=(interest&&) noexcept;
    ~interest();

  private:
    friend class folder_watches;
    struct ended;
    explicit interest(std::unique_ptr<ended> at_end) noexcept;
    std::unique_ptr<ended> at_end_;
  };

  /// `filter_key` says what the filter leaves out: filters with one key are
  /// the same. The listener is called on the loop, never from here, and not
  /// after the interest has ended; first with what has been reported already.
  [[nodiscard]] interest watch(folder_place place,
                               std::shared_ptr<const watch_filter> filter,
                               const std::string& filter_key,
                               news_listener listener);

  struct figures {
    std::size_t trees = 0;
    std::size_t watches = 0;  // of the kernel
    std::size_t degraded = 0; // trees
    std::uint64_t overflows = 0;
    std::size_t memory = 0; // bytes for folders
  };
  [[nodiscard]] figures now() const;

  /// Whether everything that has happened so far in folders with a watch has
  /// been told: nothing is to be read or scanned, nothing waits. For tests.
  [[nodiscard]] bool is_at_rest() const;

private:
  class engine;
  std::shared_ptr<engine> engine_;
};

} // namespace outrigger::os
