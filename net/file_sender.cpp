#include "net/file_sender.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <sys/sendfile.h>

#include "net/blocking_job.hpp"
#include "net/file_pieces.hpp"
#include "net/http_writer.hpp"
#include "net/piece_sender.hpp"
#include "net/request_log.hpp"

namespace outrigger {
namespace {

/// What one job sends at most, so that others get their turn, and what it asks
/// for at a time.
constexpr std::uint64_t most_per_job = 4 * 1024 * 1024;
constexpr std::uint64_t most_per_call = 2 * 1024 * 1024;

/// One visit to the other thread.
struct file_push {
  int socket;
  std::shared_ptr<const int> file;
  std::uint64_t offset;
  std::uint64_t size;
  std::uint64_t sent = 0;
  bool full = false;   // the socket
  bool short_ = false; // the file
  int error = 0;

  /// SIGPIPE is ignored by the daemon; sendfile has no flag for it.
  void run() {
    auto at = static_cast<off_t>(offset);
    const auto most = std::min(size, most_per_job);
    while (sent < most) {
      const auto n = ::sendfile(
          socket, *file, &at,
          static_cast<std::size_t>(std::min(size - sent, most_per_call)));
      if (n > 0)
        sent += static_cast<std::uint64_t>(n);
      else if (n == 0)
        short_ = true;
      else if (errno == EAGAIN || errno == EWOULDBLOCK)
        full = true;
      else if (errno != EINTR)
        error = errno;
      if (full || short_ || error != 0)
        return;
    }
  }
};

class file_sender final : public transfer {
public:
  file_sender(transfer_setup setup, file_body file)
      : transfer{std::move(setup)}, file_{std::move(file)} {}

  void start() override {
    error_code ec;
    setup_.to.socket().native_non_blocking(true, ec);
    if (ec)
      return finish(ec);
    setup_.clock.start();
    write_all(setup_.to, {setup_.head},
              [self = shared<file_sender>()](error_code failed) {
                self->setup_.clock.stop();
                if (failed)
                  return self->finish(failed);
                self->push();
              });
  }

private:
  void push() {
    if (is_over())
      return;
    setup_.to.lend();
    auto job = std::make_shared<file_push>(
        file_push{setup_.to.socket().native_handle(), file_.descriptor,
                  file_.offset, file_.size});
    run_job(
        setup_.context, [job] { job->run(); },
        [self = shared<file_sender>(), job] {
          self->setup_.to.take_back();
          self->pushed(*job);
        });
  }

  void pushed(const file_push& job) {
    file_.offset += job.sent;
    file_.size -= job.sent;
    sent_ += job.sent;
    if (is_over())
      return;
    setup_.clock.moved(job.sent);
    if (sent_ == 0 && job.error == EINVAL)
      return read_instead();
    if (job.error != 0)
      return finish({job.error, boost::system::system_category()});
    if (job.short_)
      return cut();
    if (file_.size == 0)
      return finish({});
    if (!job.full)
      return push();
    setup_.clock.start();
    setup_.to.socket().async_wait(
        stream::socket_type::wait_write,
        [self = shared<file_sender>()](error_code ec) {
          self->setup_.clock.stop();
          if (ec)
            return self->finish(ec);
          self->push();
        });
  }

  void cut() {
    log_warn(setup_.request_id,
             "http: an answer is cut short: the file has become shorter");
    setup_.to.reset();
    finish(asio::error::connection_aborted);
  }

  /// Some file systems do not let the kernel do it.
  void read_instead() {
    transfer_setup rest{
        setup_.to,
        setup_.context,
        setup_.clock,
        {},
        setup_.request_id,
        setup_.owner,
        [self = shared<file_sender>()](error_code ec, std::uint64_t sent) {
          self->sent_ = sent;
          self->instead_.reset();
          self->finish(ec);
        }};
    instead_ = send_pieces(std::move(rest), file_pieces(setup_.context, file_),
                           piece_framing::plain, true);
    const auto kept = instead_; // it may be over at once
    kept->start();
  }

  void forget() override {
    if (const auto instead = std::exchange(instead_, nullptr))
      instead->abandon();
  }

  file_body file_; // what is left of it
  std::shared_ptr<transfer> instead_;
};

} // namespace

std::shared_ptr<transfer> send_file(transfer_setup setup, file_body file) {
  return std::make_shared<file_sender>(std::move(setup), std::move(file));
}

} // namespace outrigger
