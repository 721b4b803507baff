#include "net/undecided_socket.hpp"

#include <utility>

#include <boost/asio/steady_timer.hpp>

#include "protocol/first_frame.hpp"

namespace outrigger {
namespace {

class undecided final : public frame_handler {
public:
  undecided(asio::io_context& loop, const principal& who,
            std::weak_ptr<frame_sink> sink, socket_opener open_terminals,
            credential_check check, std::chrono::milliseconds patience)
      : sink_{std::move(sink)}, open_terminals_{std::move(open_terminals)},
        check_{std::move(check)}, authenticated_{who.authenticated}, timer_{
                                                                         loop} {
    if (authenticated_)
      return; // no-auth mode: nothing to wait for
    timer_.expires_after(patience);
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
    refuse(choice, bytes);
  }

  void on_taken(stream_id stream) override {
    if (decided_)
      decided_->on_taken(stream);
  }

  void on_access_changed() override {
    if (decided_)
      decided_->on_access_changed();
  }

  void on_closed() override {
    timer_.cancel();
    if (decided_)
      decided_->on_closed();
  }

private:
  /// The computer dialect answers in band; nobody else is told anything.
  void refuse(first_frame choice, std::string_view bytes) {
    auto out = sink_.lock();
    if (!out)
      return;
    out->consume(bytes.size());
    if (choice == first_frame::computer)
      out->send({frame_kind::text, control_stream,
                 computer_refusal(why_no_computer(bytes)), nullptr});
    out->close(close_code::policy_violation,
               authenticated_ ? "the first frame is of no known dialect"
                              : "not authenticated");
  }

  std::string why_no_computer(std::string_view bytes) {
    if (!authenticated_) {
      const auto shown = parse_authenticate_command(bytes);
      if (!shown)
        return shown.error().detail;
      const bool good = check_ && check_(shown->api_key);
      authenticated_ = good;
      if (!good)
        return "Authentication failed";
    }
    return "the computer dialect is not served by this version";
  }

  std::weak_ptr<frame_sink> sink_;
  socket_opener open_terminals_;
  std::unique_ptr<frame_handler> decided_;
  credential_check check_;
  bool authenticated_;
  asio::steady_timer timer_;
};

} // namespace

std::unique_ptr<frame_handler>
undecided_socket(asio::io_context& loop, const principal& who,
                 std::weak_ptr<frame_sink> sink, socket_opener open_terminals,
                 credential_check check, std::chrono::milliseconds patience) {
  return std::make_unique<undecided>(loop, who, std::move(sink),
                                     std::move(open_terminals),
                                     std::move(check), patience);
}

} // namespace outrigger
