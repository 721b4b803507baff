// INOTIFY QUEUE: the daemon's one inotify instance.
//
//   pool threads ── add(folder) ──► kernel
//   kernel ── records ──► loop: wait(), then read()
//
// Folders are watched by descriptor, so that nobody puts another one in their
// place between a look and the call. Lives as long as what watches folders.
#pragma once

#include "actors/os/result.hpp"
#include "actors/os/unique_fd.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <atomic>
#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace outrigger::os {

class inotify_queue {
public:
  static constexpr std::size_t unlimited =
      std::numeric_limits<std::size_t>::max();

  /// `max_watches`: a limit of our own, below the kernel's.
  explicit inotify_queue(boost::asio::io_context& loop,
                         std::size_t max_watches = unlimited);
  inotify_queue(const inotify_queue&) = delete;
  inotify_queue& operator=(const inotify_queue&) = delete;
  ~inotify_queue();

  /// What inotify_init1(2) says; nothing if it is open already. Until it is,
  /// add() fails. EMFILE: this user has as many instances as allowed.
  std::error_code open();
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }

  // -- any thread -------------------------------------------------------------

  /// Watches a folder that is open for reading and returns the watch's number.
  /// The same folder has one number, however often it is added. `self`: tell
  /// of the folder's own end and move as well. ENOSPC: the budget is used up;
  /// others as inotify_add_watch(2).
  [[nodiscard]] result<int> add(int folder, bool self = false);

  /// Whether a watch more could be had, tried with a folder that is open.
  [[nodiscard]] bool has_room(int folder);

  /// Watches in use.
  [[nodiscard]] std::size_t watches() const { return watches_; }

  // -- loop -------------------------------------------------------------------

  /// Ends a watch that add() gave. One that the kernel has ended already is
  /// given back all the same, once.
  void remove(int watch);

  /// Calls back once when there is something to read, never after this object
  /// is gone.
  void wait(std::function<void()> readable);

  /// The next records, at most 64 KiB; valid until the next call. Empty:
  /// nothing is there.
  [[nodiscard]] std::string_view read();

  /// Whether there are records that nobody has read.
  [[nodiscard]] bool has_more() const;

private:
  struct added {
    int watch = -1;
    bool fresh = false;
  };
  [[nodiscard]] result<added> add_locked(int folder, std::uint32_t mask);

  boost::asio::posix::stream_descriptor readable_;
  std::size_t max_watches_;
  std::atomic<int> fd_{-1}; // what readable_ owns
  std::atomic<std::size_t> watches_{0};
  std::mutex adding_; // several pool threads
  int newest_ = 0;    // the kernel gives higher and higher numbers
  std::vector<char> buffer_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

} // namespace outrigger::os
