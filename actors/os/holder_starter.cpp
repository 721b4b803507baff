#include "actors/os/holder_starter.hpp"

#include "actors/os/blocking_io.hpp"
#include "actors/os/error.hpp"
#include "actors/os/holder_process.hpp"
#include "actors/os/service_environment.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <exception>

namespace outrigger::os {

namespace {

/// Numbered, so that the answer to a request that was given up is not taken
/// for that to the next.
struct start_request {
  std::uint32_t number = 0;
};

struct start_answer {
  std::uint32_t number = 0;
  std::int32_t pid = 0;
  std::int32_t error = 0; // errno; start_holder knows no other failures
};

constexpr int helper_socket = 3;

// -- the helper ---------------------------------------------------------------

void reset_signals() {
  for (int signo = 1; signo < NSIG; ++signo)
    ::signal(signo, SIG_DFL); // fails for those that have no other
  ::signal(SIGCHLD, SIG_IGN); // the kernel reaps what we start
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Only the socket and stderr stay open. The daemon's stdout may be a pipe
/// whose reader waits for the daemon's end.
bool keep_only(int socket) {
  if (::dup2(socket, helper_socket) < 0 ||
      ::fcntl(helper_socket, F_SETFD, FD_CLOEXEC) != 0)
    return false;
  ::closefrom(helper_socket + 1);
  const unique_fd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  return ::dup2(nothing.get(), STDIN_FILENO) >= 0 &&
         ::dup2(nothing.get(), STDOUT_FILENO) >= 0;
}

start_answer answer_to(start_request request, const std::string& program,
                       const std::string& socket_path,
                       const std::vector<std::string>& options) {
  try {
    const auto pid = start_holder(program, socket_path, options);
    return {request.number, pid ? *pid : 0, pid ? 0 : pid.error().value()};
  } catch (const std::exception&) {
    return {request.number, 0, ENOMEM};
  }
}

[[noreturn]] void run_helper(int socket, const std::string& program,
                             const std::string& socket_path,
                             const std::vector<std::string>& options) {
  ::prctl(PR_SET_NAME, "outrigger-start");
  ::setsid();
  reset_signals();
  if (!keep_only(socket))
    ::_exit(1);
  for (const char* name : service_variables)
    ::unsetenv(name);
  for (;;) {
    start_request request;
    const auto size = ::recv(helper_socket, &request, sizeof request, 0);
    if (size < 0 && errno == EINTR)
      continue;
    if (size != sizeof request)
      ::_exit(0); // the daemon is gone
    const auto answer = answer_to(request, program, socket_path, options);
    ::send(helper_socket, &answer, sizeof answer, MSG_NOSIGNAL);
  }
}

// -- the daemon's side --------------------------------------------------------

using clock = std::chrono::steady_clock;

} // namespace

result<holder_starter>
holder_starter::fork_off(std::string program, std::string socket_path,
                         std::vector<std::string> options) {
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0)
    return os_error();
  unique_fd ours(pair[0]);
  unique_fd theirs(pair[1]);
  const pid_t pid = ::fork();
  if (pid < 0)
    return os_error();
  if (pid == 0)
    run_helper(theirs.get(), program, socket_path, options);
  return holder_starter{std::move(ours), pid};
}

result<pid_t> holder_starter::start(std::chrono::milliseconds patience) {
  const auto deadline = clock::now() + patience;
  const start_request request{++asked_};
  if (::send(socket_.get(), &request, sizeof request,
             MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
    return errno == EAGAIN ? os_error(ETIMEDOUT)
                           : make_error_code(errc::starter_lost);
  for (;;) {
    if (auto error = await_readable(socket_.get(), deadline))
      return error;
    start_answer answer;
    const auto size =
        ::recv(socket_.get(), &answer, sizeof answer, MSG_DONTWAIT);
    if (size < 0 && (errno == EINTR || errno == EAGAIN))
      continue;
    if (size != sizeof answer)
      return make_error_code(errc::starter_lost);
    if (answer.number != request.number)
      continue; // late, to a request that was given up
    if (answer.error != 0)
      return os_error(answer.error);
    return answer.pid;
  }
}

} // namespace outrigger::os
