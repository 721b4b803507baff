#include "tools/holder/holder.hpp"

#include "actors/os/listen_socket.hpp"
#include "actors/os/runtime_dir.hpp"
#include "tools/holder/log.hpp"
#include "tools/holder/signals.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <utility>

namespace outrigger::holder {

namespace {

using namespace std::chrono_literals;

constexpr auto socket_interval = 10s;

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos)
    return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool is_listening(int fd) {
  int listening = 0;
  socklen_t size = sizeof listening;
  return ::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 &&
         listening != 0;
}

} // namespace

holder::holder(options wanted) : options_(std::move(wanted)) {}

int holder::run() {
  if (const auto error = start()) {
    log("start", error);
    return 1;
  }
  if (!options_.command.empty()) {
    command_.emplace(loop_, options_.command, directory_of(options_.socket),
                     [this](int code) { finish(code); });
    if (const auto error = command_->start()) {
      log("command: start", error);
      remove_socket();
      return 127;
    }
  }
  loop_.run([this] {
    watch_socket();
    check_idle();
  });
  remove_socket();
  return exit_code_;
}

std::error_code holder::start() {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  raise_file_limit();
  if (auto error = loop_.open())
    return error;
  auto signals = open_signals();
  if (!signals)
    return signals.error();
  signals_ = std::move(*signals);
  const auto watch = loop_.watch(signals_.get(), EPOLLIN,
                                 [this](std::uint32_t) { on_signals(); });
  if (!watch)
    return watch.error();
  if (auto error = open_socket())
    return error;
  const std::string parent = options_.cgroups ? find_cgroup_parent() : "";
  remove_stale_cgroups(parent);
  table_.emplace(loop_, parent);
  control_.emplace(loop_, *table_, std::move(listener_));
  return control_->start();
}

std::error_code holder::open_socket() {
  if (options_.listen_fd >= 0) {
    listener_.reset(options_.listen_fd);
    if (!is_listening(listener_.get()))
      return os::os_error(ENOTSOCK);
    // The flags came with the descriptor, through an exec.
    if (::fcntl(listener_.get(), F_SETFD, FD_CLOEXEC) != 0 ||
        ::fcntl(listener_.get(), F_SETFL, O_NONBLOCK) != 0)
      return os::os_error();
  } else {
    auto listening = listen();
    if (!listening)
      return listening.error();
    listener_ = std::move(*listening);
  }
  remember_socket();
  return {};
}

// -- the socket's file --------------------------------------------------------

// In a fresh container nobody has made the directory yet.
os::result<os::unique_fd> holder::listen() {
  const auto directory = directory_of(options_.socket);
  if (::access(directory.c_str(), F_OK) != 0)
    if (const auto failed = os::make_runtime_dir(directory)) {
      log_once("make the socket's directory: " + failed.message());
      return failed.error;
    }
  return os::listen_at(options_.socket);
}

void holder::remember_socket() {
  if (::stat(options_.socket.c_str(), &socket_file_) != 0)
    socket_file_ = {};
}

bool holder::socket_is_ours() const {
  struct stat now {};
  return ::stat(options_.socket.c_str(), &now) == 0 &&
         now.st_ino == socket_file_.st_ino && now.st_dev == socket_file_.st_dev;
}

// Only the socket that is ours: a successor may have put its own there.
void holder::remove_socket() const {
  if (socket_is_ours())
    ::unlink(options_.socket.c_str());
}

// Without its file no daemon would ever find the sessions again.
void holder::restore_socket() {
  if (finishing_ || socket_is_ours())
    return;
  auto again = listen();
  if (!again) {
    if (again.error() != os::os_error(EADDRINUSE)) // a successor's: leave it
      log_once("listen again: " + again.error().message());
    return;
  }
  log("the socket was gone: listening again");
  last_line_.clear();
  remember_socket();
  control_->listen_on(std::move(*again));
}

// Looks when the daemon has gone, and now and then while there are sessions.
void holder::watch_socket() {
  const bool daemon = control_->has_daemon();
  if (std::exchange(had_daemon_, daemon) && !daemon)
    restore_socket();
  if (socket_timer_ == 0 && !table_->empty())
    socket_timer_ = loop_.after(socket_interval, [this] {
      socket_timer_ = 0;
      restore_socket();
    });
}

// For what may fail the same way every time.
void holder::log_once(const std::string& line) {
  if (std::exchange(last_line_, line) != line)
    log(line);
}

// -- signals ------------------------------------------------------------------

void holder::on_signals() {
  signalfd_siginfo info;
  while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
    if (info.ssi_signo == SIGCHLD)
      reap();
    else if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
      terminate(static_cast<int>(info.ssi_signo));
  }
}

// Children of ours and orphans that came to us, all that have ended: several
// may share one SIGCHLD.
void holder::reap() {
  for (;;) {
    siginfo_t info{};
    if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG) != 0 && errno == EINTR)
      continue;
    if (info.si_pid == 0)
      return;
    const child_status status{info.si_code != CLD_EXITED, info.si_status};
    if (!command_ || !command_->reaped(info.si_pid, status))
      table_->reaped(info.si_pid, status);
  }
}

// -- the end ------------------------------------------------------------------

void holder::terminate(int signo) {
  if (command_ && !finishing_)
    command_->terminate(signo);
  else
    finish(0);
}

void holder::finish(int code) {
  if (std::exchange(finishing_, true))
    return;
  exit_code_ = code;
  log("ending all sessions");
  table_->end_all([this] { loop_.stop(); });
}

void holder::check_idle() {
  const bool idle = table_->empty() && !control_->has_daemon() && !command_;
  if (idle && idle_timer_ == 0)
    idle_timer_ = loop_.after(options_.idle_exit, [this] { on_idle(); });
  else if (!idle && idle_timer_ != 0)
    loop_.cancel(std::exchange(idle_timer_, 0));
}

void holder::on_idle() {
  idle_timer_ = 0;
  if (control_->accept_waiting())
    return; // somebody came at the last moment
  log("idle");
  loop_.stop();
}

} // namespace outrigger::holder
