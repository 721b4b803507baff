#include "bench/pty.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <tuple>

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/socket.h>
#include <sys/wait.h>

namespace outrigger::bench {
namespace {

double cpu_of_this_thread() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) +
         static_cast<double>(used.tv_nsec) / 1e9;
}

} // namespace

// -- bare_pty -----------------------------------------------------------------

bare_pty::bare_pty(const std::vector<std::string>& command)
    : buffer_(read_size) {
  std::vector<char*> argv;
  for (const auto& argument : command)
    argv.push_back(const_cast<char*>(argument.c_str())); // exec's signature
  argv.push_back(nullptr);
  const winsize size{24, 80, 0, 0};
  int master = -1;
  child_ = ::forkpty(&master, nullptr, nullptr, &size);
  if (child_ < 0)
    throw failure{std::string{"forkpty: "} + std::strerror(errno)};
  if (child_ == 0) {
    for (int signal : {SIGINT, SIGQUIT, SIGHUP, SIGPIPE, SIGTERM})
      ::signal(signal, SIG_DFL);
    ::execvp(argv[0], argv.data());
    ::_exit(127);
  }
  master_.reset(master);
  ::fcntl(master, F_SETFD, FD_CLOEXEC);
  ::fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK);
}

bare_pty::~bare_pty() {
  master_.reset(); // hangs up: the whole foreground group goes
  ::kill(child_, SIGKILL);
  ::waitpid(child_, nullptr, 0);
}

bool bare_pty::receive(const output_sink& sink, std::size_t max) {
  // A read gives 4 KiB at most whatever the buffer: only looping helps.
  std::size_t size = 0;
  const auto limit = std::min(max, buffer_.size());
  bool open = true;
  while (size < limit) {
    const auto got = ::read(fd(), buffer_.data() + size, limit - size);
    if (got > 0) {
      size += static_cast<std::size_t>(got);
    } else if (got < 0 && errno == EINTR) {
      continue;
    } else {
      open = got < 0 && errno == EAGAIN;
      break;
    }
  }
  if (size > 0)
    sink(only_terminal, {buffer_.data(), size});
  return open;
}

void bare_pty::type(std::uint8_t /*id*/, std::string_view keys) {
  while (!keys.empty()) {
    const auto wrote = ::write(fd(), keys.data(), keys.size());
    if (wrote < 0)
      return; // never as much as the line discipline holds
    keys.remove_prefix(static_cast<std::size_t>(wrote));
  }
}

// -- pty_relay ----------------------------------------------------------------

pty_relay::pty_relay(const std::vector<std::string>& command)
    : pty_{command}, buffer_(read_size) {
  std::tie(server_, client_) = tcp_pair();
  thread_ = std::thread{[this] { run(); }};
}

pty_relay::~pty_relay() {
  stopped_ = true;
  ::shutdown(server_.get(), SHUT_RDWR); // wakes the relay out of send or poll
  if (thread_.joinable())
    thread_.join();
}

void pty_relay::run() {
  std::array<pollfd, 2> fds{
      {{pty_.fd(), POLLIN, 0}, {server_.get(), POLLIN, 0}}};
  std::array<char, 4096> keys;
  while (!stopped_) {
    if (::poll(fds.data(), fds.size(), -1) < 0)
      continue;
    if (fds[1].revents != 0) {
      const auto got = ::recv(server_.get(), keys.data(), keys.size(), 0);
      if (got <= 0)
        break;
      pty_.type(only_terminal, {keys.data(), static_cast<std::size_t>(got)});
    }
    const bool open = fds[0].revents == 0 || forward_output();
    used_ = cpu_of_this_thread();
    if (!open)
      break;
  }
  ::shutdown(server_.get(), SHUT_WR);
}

bool pty_relay::forward_output() {
  std::size_t size = 0;
  bool open = true;
  while (size < batch_.size()) {
    const auto got =
        ::read(pty_.fd(), batch_.data() + size, batch_.size() - size);
    if (got > 0) {
      size += static_cast<std::size_t>(got);
      continue;
    }
    open = got < 0 && (errno == EAGAIN || errno == EINTR);
    break;
  }
  return send_all(server_.get(), {batch_.data(), size}) && open;
}

bool pty_relay::receive(const output_sink& sink, std::size_t max) {
  const auto got =
      ::recv(client_.get(), buffer_.data(), std::min(max, buffer_.size()), 0);
  if (got <= 0)
    return false;
  sink(only_terminal, {buffer_.data(), static_cast<std::size_t>(got)});
  return true;
}

void pty_relay::type(std::uint8_t /*id*/, std::string_view keys) {
  send_all(client_.get(), keys);
}

} // namespace outrigger::bench
