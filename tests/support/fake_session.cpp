#include "tests/support/fake_session.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace outrigger {
namespace {

void require(bool ok, const char* what) {
  if (!ok)
    throw std::runtime_error{std::string{"fake session: "} + what};
}

os::unique_fd new_event() {
  os::unique_fd event{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  require(bool{event}, "eventfd");
  return event;
}

os::unique_fd duplicate(int fd) {
  os::unique_fd copy{::fcntl(fd, F_DUPFD_CLOEXEC, 0)};
  require(bool{copy}, "dup");
  return copy;
}

/// The daemon's end and the program's.
std::pair<os::unique_fd, os::unique_fd> open_input(fake_input kind) {
  if (kind == fake_input::broken)
    return {os::unique_fd{::open("/dev/full", O_WRONLY | O_CLOEXEC)},
            os::unique_fd{}};
  if (kind == fake_input::pty) {
    os::unique_fd pty{::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)};
    require(bool{pty}, "pty");
    auto copy = duplicate(pty.get());
    return {std::move(pty), std::move(copy)};
  }
  std::array<int, 2> ends{};
  require(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0, "pipe");
  ::fcntl(ends[1], F_SETPIPE_SZ, static_cast<int>(fake_session::pipe_size));
  return {os::unique_fd{ends[1]}, os::unique_fd{ends[0]}};
}

os::ring_writer make_ring(std::size_t capacity, int ready_event) {
  auto ring = os::ring_writer::create(capacity, ready_event);
  require(ring.has_value(), "ring");
  return std::move(*ring);
}

std::size_t write_to(os::ring_writer& ring, std::string_view bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto room = ring.reserve(bytes.size() - done);
    if (room.empty())
      break;
    std::copy_n(bytes.data() + done, room.size(), room.begin());
    ring.publish(room.size());
    done += room.size();
  }
  return done;
}

std::int64_t unix_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch())
      .count();
}

} // namespace

fake_session::fake_session(boost::asio::io_context& loop,
                           fake_session_options options)
    : ready_event_{new_event()}, credit_event_{new_event()},
      ring_{make_ring(options.capacity, ready_event_.get())} {
  if (options.paced)
    ring_.pace();
  if (options.pipes)
    errors_ = make_ring(options.capacity, ready_event_.get());
  auto [daemon, program] = open_input(options.input);
  program_ = std::move(program);
  os::session_info info;
  info.key = options.key;
  info.kind = options.pipes ? os::session_kind::pipes : os::session_kind::pty;
  info.pid = 4242;
  info.created_unix_ms = options.created_unix_ms;
  info.cols = options.cols;
  info.rows = options.rows;
  info.ending = options.ending;
  info.tag = std::move(options.tag);
  os::session_fds fds;
  fds.output_ring = duplicate(ring_.memfd());
  if (errors_)
    fds.error_ring = duplicate(errors_->memfd());
  fds.ready_event = duplicate(ready_event_.get());
  fds.credit_event = duplicate(credit_event_.get());
  fds.input = std::move(daemon);
  auto opened = os::session::open(loop, std::move(info), std::move(fds), {});
  require(opened.has_value(), "open");
  session_ = std::move(*opened);
}

std::size_t fake_session::print(std::string_view bytes) {
  return write_to(ring_, bytes);
}

void fake_session::complain(std::string_view bytes) {
  require(errors_ && write_to(*errors_, bytes) == bytes.size(), "complain");
}

std::uint64_t fake_session::print_quickly(std::uint64_t count) {
  std::uint64_t done = 0;
  while (done < count) {
    const auto wanted = std::min<std::uint64_t>(count - done, capacity());
    const auto room = ring_.reserve(static_cast<std::size_t>(wanted));
    if (room.empty())
      break;
    ring_.publish(room.size());
    done += room.size();
  }
  return done;
}

bool fake_session::woken() {
  std::uint64_t count = 0;
  return ::read(credit_event_.get(), &count, sizeof count) == sizeof count;
}

void fake_session::exit(int code, std::chrono::milliseconds ago) {
  ring_.set_exited({false, code, 0, unix_ms() - ago.count()});
}

void fake_session::die(int signal) {
  ring_.set_exited({true, signal, 0, unix_ms()});
}

std::string fake_session::typed() {
  std::string all;
  std::array<char, pipe_size> some{};
  for (;;) {
    const auto count = ::read(program_.get(), some.data(), some.size());
    if (count <= 0)
      return all;
    all.append(some.data(), static_cast<std::size_t>(count));
  }
}

std::pair<int, int> fake_session::window() const {
  winsize size{};
  require(::ioctl(program_.get(), TIOCGWINSZ, &size) == 0, "window size");
  return {size.ws_col, size.ws_row};
}

std::string numbered_lines(std::size_t size) {
  std::string lines;
  for (int number = 0; lines.size() < size; ++number)
    lines += "line " + std::to_string(number) + "\n";
  lines.resize(size);
  return lines;
}

} // namespace outrigger
