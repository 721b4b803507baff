#include "actors/os/holder_protocol.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cstdio>

namespace outrigger::os::holder {

namespace {

// Takes one NUL-terminated string off the front.
std::optional<std::string> take_string(std::string_view& bytes) {
  const auto end = bytes.find('\0');
  if (end == std::string_view::npos)
    return std::nullopt;
  std::string value(bytes.substr(0, end));
  bytes.remove_prefix(end + 1);
  return value;
}

bool take_strings(std::string_view& bytes, std::size_t count,
                  std::vector<std::string>& out) {
  if (count > bytes.size()) // each needs its NUL: bounds the reserve
    return false;
  out.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    auto value = take_string(bytes);
    if (!value)
      return false;
    out.push_back(std::move(*value));
  }
  return true;
}

bool append(std::string& bytes, std::string_view value) {
  if (value.find('\0') != std::string_view::npos)
    return false;
  bytes += value;
  bytes += '\0';
  return bytes.size() <= max_spawn_strings;
}

} // namespace

std::size_t fd_count(const session_packet& packet) noexcept {
  return (packet.kind == kind::pipes ? 4u : 3u) + (packet.has_input ? 1u : 0u);
}

std::optional<spawn_strings> parse_strings(std::string_view bytes,
                                           std::size_t argc, std::size_t envc) {
  auto cwd = take_string(bytes);
  auto program = take_string(bytes);
  spawn_strings strings;
  if (argc == 0 || !cwd || !program || program->empty() ||
      !take_strings(bytes, argc, strings.argv) ||
      !take_strings(bytes, envc, strings.env) || !bytes.empty())
    return std::nullopt;
  for (const auto& entry : strings.env)
    if (entry.empty() || entry.find('=', 1) == std::string::npos)
      return std::nullopt;
  strings.cwd = std::move(*cwd);
  strings.program = std::move(*program);
  return strings;
}

std::optional<std::string> to_bytes(const spawn_strings& strings) {
  std::string bytes;
  bool fits = append(bytes, strings.cwd) && append(bytes, strings.program);
  for (const auto& argument : strings.argv)
    fits = fits && append(bytes, argument);
  for (const auto& entry : strings.env)
    fits = fits && append(bytes, entry);
  if (!fits)
    return std::nullopt;
  return bytes;
}

std::error_code send_packet(int socket, std::string_view packet,
                            std::span<const int> fds) noexcept {
  if (fds.size() > max_packet_fds)
    return os_error(EINVAL);
  iovec part{const_cast<char*>(packet.data()), packet.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(max_packet_fds * sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (!fds.empty()) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(fds.size_bytes());
    cmsghdr* entry = CMSG_FIRSTHDR(&message);
    entry->cmsg_level = SOL_SOCKET;
    entry->cmsg_type = SCM_RIGHTS;
    entry->cmsg_len = CMSG_LEN(fds.size_bytes());
    std::memcpy(CMSG_DATA(entry), fds.data(), fds.size_bytes());
  }
  ssize_t sent = 0;
  do {
    sent = ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (sent < 0 && errno == EINTR);
  return sent < 0 ? os_error() : std::error_code();
}

result<received_packet> receive_packet(int socket, std::span<char> buffer) {
  iovec part{buffer.data(), buffer.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(max_packet_fds * sizeof(int))];
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t got = 0;
  do {
    got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  } while (got < 0 && errno == EINTR);
  if (got < 0)
    return os_error();
  received_packet packet;
  packet.size = static_cast<std::size_t>(got);
  for (cmsghdr* entry = CMSG_FIRSTHDR(&message); entry != nullptr;
       entry = CMSG_NXTHDR(&message, entry)) {
    if (entry->cmsg_level != SOL_SOCKET || entry->cmsg_type != SCM_RIGHTS)
      continue;
    const std::size_t count = (entry->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(entry) + i * sizeof(int), sizeof(int));
      packet.fds.emplace_back(fd);
    }
  }
  if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
    packet.fds.clear(); // its size or their number will be refused
  return packet;
}

std::string key_name(std::uint64_t key) {
  char name[17];
  std::snprintf(name, sizeof name, "%016llx",
                static_cast<unsigned long long>(key));
  return name;
}

} // namespace outrigger::os::holder
