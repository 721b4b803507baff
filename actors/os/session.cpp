#include "actors/os/session.hpp"

#include "actors/os/event_fd.hpp"

#include <boost/asio/post.hpp>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace outrigger::os {

namespace {

// Writing to a pipe nobody reads raises SIGPIPE, and write(2) has no flag
// against it: block it for the call and take back the one we caused.
class no_sigpipe {
public:
  no_sigpipe() noexcept {
    ::sigemptyset(&pipe_);
    ::sigaddset(&pipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  no_sigpipe(const no_sigpipe&) = delete;
  no_sigpipe& operator=(const no_sigpipe&) = delete;
  ~no_sigpipe() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  void consume() const noexcept {
    const timespec now{};
    while (::sigtimedwait(&pipe_, nullptr, &now) < 0 && errno == EINTR) {
    }
  }

private:
  sigset_t pipe_{};
  sigset_t before_{};
};

ssize_t write_some(int fd, std::string_view bytes) noexcept {
  ssize_t written = 0;
  do {
    written = ::write(fd, bytes.data(), bytes.size());
  } while (written < 0 && errno == EINTR);
  return written;
}

ssize_t write_to_pipe(int fd, std::string_view bytes) noexcept {
  const no_sigpipe guard;
  const ssize_t written = write_some(fd, bytes);
  const int saved = errno;
  if (written < 0 && saved == EPIPE)
    guard.consume();
  errno = saved;
  return written;
}

} // namespace

result<std::unique_ptr<session>>
session::open(boost::asio::io_context& loop, session_info info, session_fds fds,
              std::function<void()> input_closed) {
  auto output = ring::attach(fds.output_ring.get(), fds.credit_event.get());
  if (!output)
    return output.error();
  std::optional<ring> errors;
  if (fds.error_ring) {
    auto mapped = ring::attach(fds.error_ring.get(), fds.credit_event.get());
    if (!mapped)
      return mapped.error();
    errors = std::move(*mapped);
  }
  // A blocking eventfd from a confused peer would stop the loop at the drain.
  if (::fcntl(fds.ready_event.get(), F_SETFL, O_NONBLOCK) != 0)
    return os_error();
  return std::unique_ptr<session>(
      new session(loop, std::move(info), std::move(fds), std::move(*output),
                  std::move(errors), std::move(input_closed)));
}

session::session(boost::asio::io_context& loop, session_info info,
                 session_fds fds, ring output, std::optional<ring> errors,
                 std::function<void()> input_closed)
    : loop_(loop), info_(std::move(info)),
      credit_event_(std::move(fds.credit_event)), output_(std::move(output)),
      errors_(std::move(errors)), ready_event_(loop, fds.ready_event.release()),
      input_(std::move(fds.input)), input_closed_(std::move(input_closed)) {}

session::~session() {
  stop_waiting_writable();
}

std::optional<exit_status> session::exited() const noexcept {
  return output_.exited();
}

void session::set_credit(std::uint64_t credit) noexcept {
  output_.set_credit(credit);
}

void session::on_ready(std::function<void()> callback) {
  const bool waiting = ready_ != nullptr;
  ready_ = std::make_shared<std::function<void()>>(std::move(callback));
  // Whatever a predecessor of this daemon consumed, begin with one wake-up.
  raise_event(ready_event_.native_handle());
  if (!waiting)
    wait_ready();
}

void session::wait_ready() {
  ready_event_.async_wait(
      descriptor::wait_read, [this, alive = std::weak_ptr<liveness>(alive_)](
                                 const boost::system::error_code& error) {
        if (alive.expired() || error)
          return;
        drain_event(ready_event_.native_handle());
        const auto callback = ready_; // may replace itself or destroy us
        (*callback)();
        if (!alive.expired())
          wait_ready();
      });
}

result<std::size_t> session::write(std::string_view bytes) {
  if (!input_)
    return os_error(EPIPE);
  if (bytes.empty())
    return std::size_t{0};
  const ssize_t written = info_.kind == session_kind::pipes
                              ? write_to_pipe(input_.get(), bytes)
                              : write_some(input_.get(), bytes);
  if (written >= 0)
    return static_cast<std::size_t>(written);
  if (errno == EAGAIN || errno == EWOULDBLOCK)
    return std::size_t{0};
  return os_error();
}

void session::wait_writable(std::function<void()> callback) {
  stop_waiting_writable();
  if (!input_)
    return;
  writable_.emplace(loop_);
  boost::system::error_code failed;
  writable_->assign(input_.get(), failed);
  if (failed) { // out of watches: the caller tries again at once instead
    writable_.reset();
    boost::asio::post(loop_, [alive = std::weak_ptr<liveness>(alive_),
                              callback = std::move(callback)] {
      if (!alive.expired())
        callback();
    });
    return;
  }
  writable_->async_wait(
      descriptor::wait_write,
      [this, alive = std::weak_ptr<liveness>(alive_),
       callback = std::move(callback)](const boost::system::error_code& error) {
        if (alive.expired() || error)
          return;
        stop_waiting_writable();
        callback();
      });
}

void session::stop_waiting_writable() {
  if (!writable_)
    return;
  // release() unregisters: the holder shares this file description, so that
  // closing our descriptor alone would leave it in the loop's epoll set.
  [[maybe_unused]] const int borrowed = writable_->release();
  writable_.reset();
}

std::error_code session::resize(std::uint16_t cols, std::uint16_t rows) {
  if (info_.kind != session_kind::pty)
    return os_error(EINVAL);
  winsize size{};
  size.ws_col = cols;
  size.ws_row = rows;
  if (::ioctl(input_.get(), TIOCSWINSZ, &size) != 0)
    return os_error();
  info_.cols = cols;
  info_.rows = rows;
  return {};
}

void session::abandon() {
  stop_waiting_writable();
  input_.reset();
}

void session::close_input() {
  if (info_.kind != session_kind::pipes || !input_)
    return;
  abandon();
  if (input_closed_)
    input_closed_();
}

} // namespace outrigger::os
