// WORKER POOL: the few threads where blocking work runs (files, hashing,
// databases), so that the loop never does.
//
//   loop: run(work, done) -> pool thread: work() -> loop: done()
//
// Lives from start to stop of the daemon; used from the loop's thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <cstddef>
#include <functional>
#include <memory>

namespace outrigger::os {

class worker_pool {
public:
  /// `queue_limit` bounds the jobs accepted and not yet finished.
  explicit worker_pool(boost::asio::io_context& loop, std::size_t threads = 2,
                       std::size_t queue_limit = 256);
  worker_pool(const worker_pool&) = delete;
  worker_pool& operator=(const worker_pool&) = delete;
  ~worker_pool();

  /// Runs `work` on a pool thread, then `done` on the loop. False, and neither
  /// runs, when the queue is full or the pool was stopped. Jobs begin in
  /// order. `work` must not throw.
  [[nodiscard]] bool run(std::function<void()> work,
                         std::function<void()> done);

  /// Waits for the work that runs, drops what is queued; no `done` runs
  /// afterwards. Called from the loop's thread; again has no effect.
  void stop();

  /// Whether stop() was called.
  [[nodiscard]] bool is_stopped() const;

private:
  struct shared_state;
  boost::asio::io_context& loop_;
  std::size_t queue_limit_;
  std::shared_ptr<shared_state> state_;
  boost::asio::thread_pool threads_;
};

} // namespace outrigger::os
