#include "actors/os/spawn_packet.hpp"

#include "actors/os/blocking_io.hpp"
#include "actors/os/holder_protocol.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace outrigger::os {

namespace {

// login(1) style: "-bash" tells a shell that it is the login shell.
std::string login_name(const std::string& program) {
  std::string name(1, '-');
  return name.append(program, program.rfind('/') + 1);
}

result<unique_fd> sealed_memfd(std::string_view bytes) {
  unique_fd fd(
      ::memfd_create("outrigger-spawn", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd)
    return os_error();
  if (auto error = write_all(fd.get(), bytes))
    return error;
  const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
  if (::fcntl(fd.get(), F_ADD_SEALS, seals) != 0)
    return os_error();
  return fd;
}

} // namespace

result<outgoing_packet> make_spawn_packet(const spawn_request& request,
                                          std::uint64_t id) {
  if (request.argv.empty() || request.tag.size() > holder::max_tag)
    return os_error(EINVAL);
  holder::spawn_strings strings{
      request.cwd.empty() ? std::string(1, '/') : request.cwd,
      request.argv.front(), request.argv, request.env};
  if (request.login)
    strings.argv.front() = login_name(strings.program);
  const auto bytes = holder::to_bytes(strings);
  if (!bytes ||
      !holder::parse_strings(*bytes, strings.argv.size(), strings.env.size()))
    return os_error(EINVAL);
  auto memfd = sealed_memfd(*bytes);
  if (!memfd)
    return memfd.error();
  holder::spawn_request packet;
  packet.header.verb = holder::verb::spawn;
  packet.header.request = id;
  packet.ring_capacity = request.ring_capacity;
  packet.strings_size = bytes->size();
  packet.argc = static_cast<std::uint32_t>(strings.argv.size());
  packet.envc = static_cast<std::uint32_t>(strings.env.size());
  packet.tag_size = static_cast<std::uint32_t>(request.tag.size());
  packet.cols = request.cols;
  packet.rows = request.rows;
  packet.kind = request.kind == session_kind::pty ? holder::kind::pty
                                                  : holder::kind::pipes;
  packet.paced = request.paced ? 1 : 0;
  return outgoing_packet{holder::to_packet(packet, request.tag),
                         std::move(*memfd)};
}

} // namespace outrigger::os
