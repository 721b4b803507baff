// SESSION: one process tree of the holder, as the daemon sees it.
//
//   holder's ring --eventfd--> session --on_ready--> owner (an actor)
//   owner --write/resize--> pty master or stdin pipe
//
// Made by holder_client (spawn or list). Destroying it only lets go of the
// descriptors: the processes live on in the holder until end and forget.
// Lives on the io_context's thread.
#pragma once

#include "actors/os/result.hpp"
#include "actors/os/ring.hpp"
#include "actors/os/unique_fd.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace outrigger::os {

enum class session_kind : std::uint8_t { pty, pipes };

/// What the holder knows of a session. A key is never 0 and never reused.
struct session_info {
  std::uint64_t key = 0;
  session_kind kind = session_kind::pty;
  pid_t pid = 0;
  std::int64_t created_unix_ms = 0;
  std::uint16_t cols = 0; // pty only
  std::uint16_t rows = 0;
  bool ending = false; // to be ended, and perhaps all over, when listed
  std::string tag;     // the daemon's own bytes, at most holder::max_tag
};

/// The descriptors that come with a session, in the order of the packet.
struct session_fds {
  unique_fd output_ring;
  unique_fd error_ring; // pipes only
  unique_fd ready_event;
  unique_fd credit_event;
  unique_fd input; // pty master or stdin pipe; none once stdin was closed
};

class session {
public:
  /// For holder_client. Fails when a ring is not valid. `input_closed` tells
  /// the holder to close its copy of the stdin pipe.
  static result<std::unique_ptr<session>>
  open(boost::asio::io_context& loop, session_info info, session_fds fds,
       std::function<void()> input_closed);
  session(const session&) = delete;
  session& operator=(const session&) = delete;
  ~session();

  [[nodiscard]] const session_info& info() const noexcept { return info_; }
  /// Output of the pty, or stdout of a pipes session.
  [[nodiscard]] ring& output() noexcept { return output_; }
  /// stderr of a pipes session; null for a pty.
  [[nodiscard]] ring* errors() noexcept {
    return errors_ ? &*errors_ : nullptr;
  }
  /// Set once the leading process has ended and its output is in the ring.
  [[nodiscard]] std::optional<exit_status> exited() const noexcept;

  /// ring::set_credit of the output ring. Only errors()->set_credit() paces
  /// stderr, which otherwise runs free.
  void set_credit(std::uint64_t credit) noexcept;

  /// Calls back on the loop soon after this call, and again at each wake-up
  /// that was asked for with ring::arm(). The owner reads its rings, then
  /// arms each; while arm() returns true there is more to read.
  void on_ready(std::function<void()> callback);

  /// Hands bytes to the program; never blocks. Returns how many were taken, 0
  /// when it does not read now (see wait_writable). EIO or EPIPE once nobody
  /// can read them any more.
  result<std::size_t> write(std::string_view bytes);
  /// Calls back once when write() may take something again. The descriptor is
  /// watched only until then: a watched pty master would also wake the loop
  /// at each byte of output. A second call replaces the callback.
  void wait_writable(std::function<void()> callback);

  /// Applies a window size. EINVAL for a pipes session.
  std::error_code resize(std::uint16_t cols, std::uint16_t rows);
  /// Lets go of the program's input for good: for when the holder is gone.
  /// Ours is then the last descriptor of a pty master, and the kernel hangs
  /// the session up. Output in the ring stays readable.
  void abandon();

  /// End of file for a pipes session's stdin. No effect on a pty.
  void close_input();

private:
  using descriptor = boost::asio::posix::stream_descriptor;
  struct liveness {};

  session(boost::asio::io_context& loop, session_info info, session_fds fds,
          ring output, std::optional<ring> errors,
          std::function<void()> input_closed);
  void wait_ready();
  void stop_waiting_writable();

  boost::asio::io_context& loop_;
  session_info info_;
  unique_fd credit_event_;
  ring output_;
  std::optional<ring> errors_;
  descriptor ready_event_;
  std::shared_ptr<std::function<void()>> ready_;
  unique_fd input_;
  std::optional<descriptor> writable_; // borrows input_; set while waiting
  std::function<void()> input_closed_;
  std::shared_ptr<liveness> alive_ = std::make_shared<liveness>();
};

} // namespace outrigger::os
