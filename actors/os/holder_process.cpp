#include "actors/os/holder_process.hpp"

#include "actors/os/spawn_setup.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace outrigger::os {

namespace {

constexpr int listen_fd = 3;

// The child's descriptors; freed by the destructor.
class child_files {
public:
  explicit child_files(int socket) noexcept {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDWR, 0);
    ::posix_spawn_file_actions_adddup2(&actions, 2, 1);
    // Also clears close-on-exec, even when the number is 3 already.
    ::posix_spawn_file_actions_adddup2(&actions, socket, listen_fd);
    ::posix_spawn_file_actions_addclosefrom_np(&actions, listen_fd + 1);
  }
  child_files(const child_files&) = delete;
  child_files& operator=(const child_files&) = delete;
  ~child_files() { ::posix_spawn_file_actions_destroy(&actions); }

  posix_spawn_file_actions_t actions{};
};

} // namespace

result<pid_t> start_holder(const std::string& program,
                           const std::string& socket_path,
                           const std::vector<std::string>& options) {
  auto socket = listen_at(socket_path);
  if (!socket)
    return socket.error();
  const child_files files(socket->get());
  const spawn_attributes attributes(POSIX_SPAWN_SETSID);
  std::vector<std::string> argv{program, "--socket", socket_path, "--listen-fd",
                                std::to_string(listen_fd)};
  argv.insert(argv.end(), options.begin(), options.end());
  pid_t pid = 0;
  const int error =
      ::posix_spawn(&pid, program.c_str(), &files.actions, attributes.get(),
                    exec_pointers(argv).data(), environ);
  if (error != 0) {
    ::unlink(socket_path.c_str());
    return os_error(error);
  }
  return pid;
}

} // namespace outrigger::os
