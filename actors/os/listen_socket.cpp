#include "actors/os/listen_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

namespace outrigger::os {

namespace {

result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return os_error(ENAMETOOLONG);
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

unique_fd make_socket() noexcept {
  return unique_fd(
      ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

const sockaddr* generic(const sockaddr_un& address) noexcept {
  return reinterpret_cast<const sockaddr*>(&address);
}

// Removes the socket of a process that is gone.
std::error_code remove_stale(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0)
    return errno == ENOENT ? std::error_code() : os_error();
  if (!S_ISSOCK(status.st_mode))
    return os_error(EEXIST);
  if (holder_listening(path))
    return os_error(EADDRINUSE);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT)
    return os_error();
  return {};
}

} // namespace

result<unique_fd> listen_at(const std::string& path) {
  const auto address = address_of(path);
  if (!address)
    return address.error();
  if (auto error = remove_stale(path))
    return error;
  unique_fd socket = make_socket();
  if (!socket)
    return os_error();
  // fchmod before bind sets the mode the path is created with; there is no
  // moment in which others could connect.
  if (::fchmod(socket.get(), 0600) != 0 ||
      ::bind(socket.get(), generic(*address), sizeof *address) != 0 ||
      ::chmod(path.c_str(), 0600) != 0 || ::listen(socket.get(), 128) != 0)
    return os_error();
  return socket;
}

result<unique_fd> connect_to(const std::string& path) {
  const auto address = address_of(path);
  if (!address)
    return address.error();
  unique_fd socket = make_socket();
  if (!socket)
    return os_error();
  // A unix socket connects at once or not at all (EAGAIN: backlog is full).
  while (::connect(socket.get(), generic(*address), sizeof *address) != 0)
    if (errno != EINTR)
      return os_error();
  return socket;
}

bool holder_listening(const std::string& path) {
  const auto socket = connect_to(path);
  return socket || socket.error() == os_error(EAGAIN);
}

} // namespace outrigger::os
