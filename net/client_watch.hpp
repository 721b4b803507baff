// CLIENT WATCH: notices that a client has left while nothing is read from it or
// sent to it, because something for it is being made: it is looked now and
// then.
//
// Part of whatever waits, on the loop.

#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include "net/deadline.hpp"
#include "net/peer_watch.hpp"

namespace outrigger {

class client_watch {
public:
  /// `client` outlives this.
  client_watch(asio::io_context& loop, stream& client)
      : client_{client}, next_{loop} {}

  /// What happens when it has left. `owner` as deadline has it.
  void on_gone(std::weak_ptr<void> owner, std::function<void()> gone) {
    next_.on_passed(std::move(owner), [this, gone = std::move(gone)] {
      if (hung_up(client_))
        gone();
      else
        start();
    });
  }

  void start() { next_.set(interval); }
  void stop() { next_.cancel(); }

private:
  static constexpr std::chrono::seconds interval{1};

  stream& client_;
  deadline next_;
};

} // namespace outrigger
