#include "net/undecided_socket.hpp"

#include <utility>

#include <boost/asio/steady_timer.hpp>

#include "protocol/first_frame.hpp"
#include "protocol/limits.hpp"

namespace outrigger {
namespace {

class undecided final : public frame_handler {
public:
  undecided(asio::io_context& loop, const principal& who,
            std::weak_ptr<frame_sink> sink, socket_opener open_terminals)
      : sink_{std::move(sink)}, open_terminals_{std::move(open_terminals)},
        authenticated_{who.authenticated}, timer_{loop} {
    if (authenticated_)
      return; // no-auth mode: nothing to wait for
    timer_.expires_after(limits::authenticate_timeout);
    timer_.async_wait([weak = sink_](error_code ec) {
      auto out = weak.lock();
      if (!ec && out)
        out->close(close_code::policy_violation, "authentication timeout");
    });
  }

  void on_frame(frame_kind kind, std::string bytes) override {
    if (decided_)
      return decided_->on_frame(kind, std::move(bytes));
    timer_.cancel();
    const auto choice = classify_first_frame(kind, bytes);
    if (authenticated_ && choice == first_frame::terminals) {
      decided_ = open_terminals_(sink_);
      return decided_->on_frame(kind, std::move(bytes));
    }
    refuse(choice, bytes.size());
  }

  void on_taken(stream_id stream) override {
    if (decided_)
      decided_->on_taken(stream);
  }

  void on_closed() override {
    timer_.cancel();
    if (decided_)
      decided_->on_closed();
  }

private:
  /// The computer dialect answers in band; nobody else is told anything.
  void refuse(first_frame choice, std::size_t size) {
    auto out = sink_.lock();
    if (!out)
      return;
    out->consume(size);
    if (choice == first_frame::computer)
      out->send({frame_kind::text, control_stream,
                 computer_refusal(authenticated_), nullptr});
    out->close(close_code::policy_violation,
               authenticated_ ? "the first frame is of no known dialect"
                              : "not authenticated");
  }

  std::weak_ptr<frame_sink> sink_;
  socket_opener open_terminals_;
  std::unique_ptr<frame_handler> decided_;
  bool authenticated_;
  asio::steady_timer timer_;
};

} // namespace

std::unique_ptr<frame_handler> undecided_socket(asio::io_context& loop,
                                                const principal& who,
                                                std::weak_ptr<frame_sink> sink,
                                                socket_opener open_terminals) {
  return std::make_unique<undecided>(loop, who, std::move(sink),
                                     std::move(open_terminals));
}

} // namespace outrigger
