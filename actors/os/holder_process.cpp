#include "actors/os/holder_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

namespace outrigger::os {

namespace {

constexpr int listen_fd = 3;

// File actions and attributes of the child; freed by the destructor.
class child_setup {
public:
  child_setup() noexcept {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
  }
  child_setup(const child_setup&) = delete;
  child_setup& operator=(const child_setup&) = delete;
  ~child_setup() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }

  int prepare(int socket) noexcept {
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDWR, 0);
    ::posix_spawn_file_actions_adddup2(&actions, 2, 1);
    // Also clears close-on-exec, even when the number is 3 already.
    ::posix_spawn_file_actions_adddup2(&actions, socket, listen_fd);
    ::posix_spawn_file_actions_addclosefrom_np(&actions, listen_fd + 1);
    sigset_t all;
    sigset_t none;
    ::sigfillset(&all);
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    return ::posix_spawnattr_setflags(
        &attributes,
        static_cast<short>(POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF |
                           POSIX_SPAWN_SETSIGMASK));
  }

  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

} // namespace

result<pid_t> start_holder(const std::string& program,
                           const std::string& socket_path) {
  auto socket = listen_at(socket_path);
  if (!socket)
    return socket.error();
  child_setup setup;
  if (const int error = setup.prepare(socket->get()))
    return os_error(error);
  std::string name = program;
  std::string path = socket_path;
  std::string option_socket = "--socket";
  std::string option_fd = "--listen-fd";
  std::string number = std::to_string(listen_fd);
  char* const argv[] = {name.data(),      option_socket.data(), path.data(),
                        option_fd.data(), number.data(),        nullptr};
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, program.c_str(), &setup.actions,
                                  &setup.attributes, argv, environ);
  if (error != 0) {
    ::unlink(socket_path.c_str());
    return os_error(error);
  }
  return pid;
}

} // namespace outrigger::os
