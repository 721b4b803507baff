#include "tools/holder/spawn_plan.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace outrigger::holder {

namespace {

using os::os_error;

os::result<std::string> read_memfd(int fd, std::size_t size) {
  struct stat status {};
  // Only a memfd has seals; a pipe or terminal here could block the holder.
  const int seals = ::fcntl(fd, F_GET_SEALS);
  if (seals < 0 || (seals & F_SEAL_WRITE) == 0 || ::fstat(fd, &status) != 0)
    return os_error(EBADF);
  if (static_cast<std::size_t>(status.st_size) != size)
    return os_error(EBADMSG);
  std::string bytes(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got =
        ::pread(fd, bytes.data() + done, size - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return os_error(EBADMSG);
    done += static_cast<std::size_t>(got);
  }
  return bytes;
}

} // namespace

os::result<spawn_order>
read_spawn_order(std::span<const char> packet,
                 const std::vector<os::unique_fd>& fds) {
  const auto request =
      os::holder::parse_front<os::holder::spawn_request>(packet);
  const auto tag =
      request ? os::holder::tag_of(*request, packet) : std::nullopt;
  if (!request || !tag || request->kind > os::holder::kind::pipes ||
      request->strings_size == 0 ||
      request->strings_size > os::holder::max_spawn_strings ||
      request->ring_capacity < os::min_ring_capacity ||
      request->ring_capacity > os::max_ring_capacity)
    return os_error(EINVAL);
  if (fds.size() != 1)
    return os_error(EBADF);
  const auto bytes = read_memfd(
      fds.front().get(), static_cast<std::size_t>(request->strings_size));
  if (!bytes)
    return bytes.error();
  auto strings =
      os::holder::parse_strings(*bytes, request->argc, request->envc);
  if (!strings)
    return os_error(EBADMSG);
  return spawn_order{
      {0, request->kind, request->cols, request->rows, std::move(*strings)},
      std::string(*tag),
      {static_cast<std::size_t>(request->ring_capacity), request->paced != 0}};
}

} // namespace outrigger::holder
