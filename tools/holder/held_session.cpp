#include "tools/holder/held_session.hpp"

#include "actors/os/event_fd.hpp"
#include "tools/holder/log.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

namespace outrigger::holder {

namespace {

constexpr std::size_t turn_size = std::size_t{64} << 10;
// The kernel hands out a flooding pty's output at some 80 MB/s, so that a
// whole turn takes most of a millisecond. After every so many bytes others
// that wait get their turn: about 0.1 ms.
constexpr std::size_t long_turn = std::size_t{8} << 10;
// More than a pty ever buffers: a bound, should survivors keep it from ever
// becoming empty.
constexpr std::size_t pty_drain_limit = std::size_t{1} << 20;

std::int64_t unix_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch())
      .count();
}

std::size_t readable_bytes(int fd) {
  int count = 0;
  return ::ioctl(fd, FIONREAD, &count) == 0 && count > 0
             ? static_cast<std::size_t>(count)
             : 0;
}

} // namespace

os::result<session_rings> make_rings(os::holder::kind kind, ring_plan plan) {
  session_rings made;
  made.ready_event.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  made.credit_event.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!made.ready_event || !made.credit_event)
    return os::os_error();
  const std::size_t count = kind == os::holder::kind::pipes ? 2 : 1;
  while (made.rings.size() < count) {
    auto ring = os::ring_writer::create(plan.capacity, made.ready_event.get());
    if (!ring)
      return ring.error();
    made.rings.push_back(std::move(*ring));
  }
  if (plan.paced)
    made.rings.front().pace();
  return made;
}

held_session::held_session(event_loop& loop, std::uint64_t key,
                           os::holder::kind kind, std::string tag,
                           session_rings rings, child process,
                           holder::cgroup group)
    : loop_(loop), key_(key), kind_(kind), tag_(std::move(tag)),
      created_unix_ms_(unix_ms()), rings_(std::move(rings)),
      process_(std::move(process)), group_(std::move(group)) {
  const bool pipes = kind_ == os::holder::kind::pipes;
  streams_[0].source = pipes ? process_.output.get() : process_.input.get();
  streams_[1].source = process_.errors.get();
}

held_session::~held_session() {
  loop_.unwatch(credit_watch_);
  for (const auto& from : streams_)
    loop_.unwatch(from.watch);
}

std::error_code held_session::start(std::function<void()> on_exit) {
  on_exit_ = std::move(on_exit);
  auto credit = loop_.watch(rings_.credit_event.get(), EPOLLIN,
                            [this](std::uint32_t) { resume(); });
  if (!credit)
    return credit.error();
  credit_watch_ = *credit;
  for (std::size_t i = 0; i < rings_.rings.size(); ++i)
    if (auto error = poll(i))
      return error;
  return {};
}

// -- reading ------------------------------------------------------------------

std::error_code held_session::poll(std::size_t index) {
  stream& from = streams_[index];
  if (from.watch != 0 || from.source < 0)
    return {};
  const auto watch =
      loop_.watch(from.source, EPOLLIN,
                  [this, index](std::uint32_t) { on_readable(index); });
  if (!watch)
    return watch.error();
  from.watch = *watch;
  from.hung = false;
  return {};
}

void held_session::on_readable(std::size_t index) {
  // Between the leader's end and its exit record only drain() reads.
  if (status_ && !published_)
    return drain();
  after_read(index, published_ ? discard(streams_[index])
                               : read_turn(index, turn_size));
}

// Fills the ring with what is readable now, publishes and notifies once: a
// read of a pty returns 4 KiB at most, whatever the buffer.
held_session::outcome held_session::read_turn(std::size_t index,
                                              std::size_t limit) {
  os::ring_writer& ring = rings_.rings[index];
  const auto room = ring.reserve(std::min(limit, turn_size));
  if (room.empty())
    return unreadable(streams_[index].source);
  std::size_t size = 0;
  const outcome result = read_into(streams_[index], room, size);
  ring.publish(size);
  return result;
}

// Out of credit: but is there anything to wait for?
held_session::outcome held_session::unreadable(int source) {
  pollfd entry{source, POLLIN, 0};
  if (::poll(&entry, 1, 0) != 1)
    return outcome::empty;
  return (entry.revents & POLLIN) != 0 ? outcome::stalled : outcome::ended;
}

held_session::outcome
held_session::read_into(stream& from, std::span<char> room, std::size_t& size) {
  std::size_t look_at = long_turn;
  loop_.took_little(from.watch);
  while (size < room.size()) {
    if (size >= look_at) {
      look_at = size + long_turn;
      loop_.took_long(from.watch);
      if (loop_.others_ready(from.watch))
        return outcome::more;
    }
    const ssize_t got =
        ::read(from.source, room.data() + size, room.size() - size);
    if (got > 0)
      size += static_cast<std::size_t>(got);
    else if (got == 0)
      return outcome::ended;
    else if (errno == EAGAIN)
      return outcome::empty;
    else if (errno != EINTR)
      return outcome::ended; // EIO: a pty nobody has open
  }
  return outcome::more;
}

held_session::outcome held_session::discard(stream& from) {
  static std::array<char, 4096> scratch;
  std::size_t size = 0;
  return read_into(from, scratch, size);
}

void held_session::after_read(std::size_t index, outcome result) {
  stream& from = streams_[index];
  const bool pty = kind_ == os::holder::kind::pty;
  if (result == outcome::stalled) {
    // Not watched at all: a hang-up would wake us on and on.
    loop_.unwatch(from.watch);
    from.watch = 0;
    from.stalled = true;
  } else if (result == outcome::ended && pty && !from.hung) {
    // EIO until somebody opens the terminal again; its edge tells us.
    from.hung = true;
    loop_.change(from.watch, EPOLLIN | EPOLLET);
  } else if (result == outcome::ended && !pty) {
    loop_.unwatch(from.watch);
    from.watch = 0;
    from.source = -1;
    (index == 0 ? process_.output : process_.errors).reset();
  } else if (result != outcome::ended && from.hung) {
    from.hung = false;
    loop_.change(from.watch, EPOLLIN);
  }
}

void held_session::resume() {
  os::drain_event(rings_.credit_event.get());
  for (std::size_t i = 0; i < rings_.rings.size(); ++i) {
    if (!streams_[i].stalled)
      continue;
    streams_[i].stalled = false;
    if (auto error = poll(i)) {
      log("session " + os::holder::key_name(key_) + ": resume reading", error);
      streams_[i].stalled = true; // the next credit tries again
    }
  }
  if (status_ && !published_)
    drain();
}

// -- the end ------------------------------------------------------------------

void held_session::leader_exited(child_status status) {
  status_ = status;
  exit_unix_ms_ = unix_ms();
  for (std::size_t i = 0; i < rings_.rings.size(); ++i) {
    stream& from = streams_[i];
    from.drained = from.source < 0;
    // A pipe knows what the leader left in it; survivors may write on.
    if (!from.drained)
      from.drain_left = kind_ == os::holder::kind::pty
                            ? pty_drain_limit
                            : readable_bytes(from.source);
  }
  drain();
}

void held_session::drain() {
  bool all = true;
  for (std::size_t i = 0; i < rings_.rings.size(); ++i) {
    stream& from = streams_[i];
    while (!from.drained && !from.stalled) {
      const auto before = rings_.rings[i].head();
      const outcome result =
          from.drain_left > 0 ? read_turn(i, from.drain_left) : outcome::empty;
      from.drain_left -=
          static_cast<std::size_t>(rings_.rings[i].head() - before);
      from.drained = result == outcome::empty || result == outcome::ended ||
                     (result == outcome::more && from.drain_left == 0);
      if (result != outcome::empty || from.watch != 0)
        after_read(i, result);
    }
    all = all && from.drained;
  }
  if (all)
    publish_exit();
}

void held_session::publish_exit() {
  published_ = true;
  const os::exit_status record{status_->signaled, status_->value, 0,
                               exit_unix_ms_};
  // The first ring last: its record is the session's.
  for (std::size_t i = rings_.rings.size(); i-- > 0;)
    rings_.rings[i].set_exited(record);
  on_exit_();
}

// -- requests -----------------------------------------------------------------

void held_session::run_free() {
  for (auto& ring : rings_.rings)
    ring.run_free();
  resume();
}

void held_session::set_ending() {
  ending_ = true;
  for (auto& ring : rings_.rings)
    ring.ignore_credit();
  resume();
}

std::error_code held_session::signal(int signo) const {
  if (status_)
    return os::os_error(ESRCH);
  return ::syscall(SYS_pidfd_send_signal, process_.pidfd.get(), signo, nullptr,
                   0) == 0
             ? std::error_code()
             : os::os_error();
}

pid_t held_session::foreground_group() const {
  pid_t group = 0;
  if (kind_ != os::holder::kind::pty ||
      ::ioctl(process_.input.get(), TIOCGPGRP, &group) != 0)
    return 0;
  return group;
}

void held_session::close_input() {
  if (kind_ == os::holder::kind::pipes)
    process_.input.reset();
}

std::string held_session::to_packet(os::holder::verb verb,
                                    std::uint64_t request) const {
  os::holder::session_packet packet;
  packet.header.verb = verb;
  packet.header.request = request;
  packet.key = key_;
  packet.created_unix_ms = created_unix_ms_;
  packet.pid = process_.pid;
  packet.tag_size = static_cast<std::uint32_t>(tag_.size());
  packet.kind = kind_;
  packet.has_input = process_.input ? 1 : 0;
  packet.ending = ending_ ? 1 : 0;
  winsize size{}; // the daemon resizes on its own: ask the terminal
  if (kind_ == os::holder::kind::pty &&
      ::ioctl(process_.input.get(), TIOCGWINSZ, &size) == 0) {
    packet.cols = size.ws_col;
    packet.rows = size.ws_row;
  }
  return os::holder::to_packet(packet, tag_);
}

std::vector<int> held_session::fds() const {
  std::vector<int> list;
  for (const auto& ring : rings_.rings)
    list.push_back(ring.memfd());
  list.push_back(rings_.ready_event.get());
  list.push_back(rings_.credit_event.get());
  if (process_.input)
    list.push_back(process_.input.get());
  return list;
}

} // namespace outrigger::holder
