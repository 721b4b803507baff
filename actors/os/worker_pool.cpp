#include "actors/os/worker_pool.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <atomic>
#include <utility>

namespace outrigger::os {

struct worker_pool::shared_state {
  std::atomic<bool> stopped{false}; // set on the loop, read by the threads
  std::size_t jobs = 0;             // loop thread only
};

worker_pool::worker_pool(boost::asio::io_context& loop, std::size_t threads,
                         std::size_t queue_limit)
    : loop_(loop), queue_limit_(queue_limit),
      state_(std::make_shared<shared_state>()), threads_(threads) {}

worker_pool::~worker_pool() {
  stop();
}

bool worker_pool::run(std::function<void()> work, std::function<void()> done) {
  if (state_->stopped || state_->jobs >= queue_limit_)
    return false;
  ++state_->jobs;
  auto on_loop = [state = state_, done = std::move(done)] {
    --state->jobs;
    if (!state->stopped && done)
      done();
  };
  // The guard keeps the loop running until the result has arrived.
  boost::asio::post(
      threads_,
      [state = state_, work = std::move(work), on_loop = std::move(on_loop),
       guard = boost::asio::make_work_guard(loop_)]() mutable {
        if (state->stopped)
          return;
        work();
        work = nullptr; // what it captured ends on the thread that used it
        boost::asio::post(guard.get_executor(), std::move(on_loop));
      });
  return true;
}

bool worker_pool::is_stopped() const {
  return state_->stopped;
}

void worker_pool::stop() {
  state_->stopped = true;
  threads_.join();
}

} // namespace outrigger::os
