// FILE POOL: runs what blocks on files, and sees to it that every call is
// answered.
//
//   files desk ─► run ─► a pool's thread ─► answer, on the loop
//                  └── overdue: answered at once, and told to stop
//
// One per daemon, used from the loop's thread but for post(). Quick calls and
// slow ones have threads of their own, so that a search through everything does
// not keep a small read waiting.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include <boost/asio/io_context.hpp>

#include "actors/os/worker_pool.hpp"
#include "protocol/endpoint.hpp"

namespace outrigger {

enum class pace : std::uint8_t {
  quick, // one file, or one piece of something large
  slow,  // a whole tree
};

/// Runs on a pool's thread. Heeds the token: soon after a stop is asked for,
/// it returns, whatever.
using file_work = std::function<result<rest_answer>(std::stop_token)>;

class file_pool : public std::enable_shared_from_this<file_pool> {
public:
  using clock = std::chrono::steady_clock;

  /// How long a call may take before it is answered with 504.
  static constexpr std::chrono::seconds quick_patience{30};
  static constexpr std::chrono::seconds slow_patience{600};

  /// All of them outlive this.
  file_pool(boost::asio::io_context& loop, os::worker_pool& quick,
            os::worker_pool& slow)
      : loop_{loop}, quick_{quick}, slow_{slow} {}
  ~file_pool();

  /// Answers once, on the loop. Unavailable when too much is waiting already.
  /// The work is told to stop when `gone` is, on the loop.
  void run(pace how, file_work work, answer_function answer,
           clock::time_point now, const std::stop_token& gone = {});

  /// One step of something longer: `work` on a thread, then `done` on the
  /// loop. When too much is waiting it is tried again a little later, for it
  /// has begun and must go on. False once everything stops: neither runs.
  bool step(pace how, std::function<void()> work, std::function<void()> done);

  /// As run(), from any thread.
  void post(pace how, file_work work, answer_function answer);

  /// Answers what is overdue. To be called once a second or so.
  void sweep(clock::time_point now);

  /// Asks everything to stop, before the threads are waited for.
  void stop();

  /// Calls that run or wait.
  [[nodiscard]] std::size_t size() const { return jobs_.size(); }

private:
  struct job {
    std::stop_source stop;
    std::optional<std::stop_callback<std::function<void()>>> left;
    answer_function answer; // null once answered
    clock::time_point deadline;
  };
  os::worker_pool& pool(pace how) {
    return how == pace::quick ? quick_ : slow_;
  }
  void try_again(pace how, std::function<void()> work,
                 std::function<void()> done);

  boost::asio::io_context& loop_;
  os::worker_pool& quick_;
  os::worker_pool& slow_;
  std::list<std::shared_ptr<job>> jobs_;
};

} // namespace outrigger
