// DEADLINE: a time limit that is moved far more often than it is reached. One
// timer stays armed and looks, when it fires, whether the limit has moved on;
// moving it costs no timer operation.
//
// Part of one connection, on the loop. The callback is called at most once
// for each set(), never after cancel() or the owner's end.

#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace outrigger {

class deadline {
public:
  using clock = std::chrono::steady_clock;

  explicit deadline(boost::asio::io_context& loop) : timer_{loop} {}

  /// What happens when it passes. `owner` must be alive then, or nothing
  /// happens; it holds this object.
  void on_passed(std::weak_ptr<void> owner, std::function<void()> passed) {
    owner_ = std::move(owner);
    passed_ = std::move(passed);
  }

  void set(clock::duration patience) {
    due_ = clock::now() + patience;
    if (!armed_until_ || *armed_until_ > *due_)
      arm();
  }

  /// The timer may still fire; it then does nothing.
  void cancel() { due_.reset(); }

private:
  void arm() {
    armed_until_ = due_;
    timer_.expires_at(*due_);
    timer_.async_wait([this, owner = owner_](boost::system::error_code ec) {
      const auto alive = owner.lock();
      if (ec || !alive)
        return; // armed anew, or nobody is left
      armed_until_.reset();
      if (!due_)
        return;
      if (clock::now() < *due_)
        return arm();
      due_.reset();
      passed_();
    });
  }

  boost::asio::steady_timer timer_;
  std::weak_ptr<void> owner_;
  std::function<void()> passed_;
  std::optional<clock::time_point> due_;
  std::optional<clock::time_point> armed_until_;
};

} // namespace outrigger
