#include "actors/os/holder_handshake.hpp"

#include "actors/os/blocking_io.hpp"
#include "actors/os/error.hpp"
#include "actors/os/holder_protocol.hpp"
#include "actors/os/listen_socket.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace outrigger::os {

namespace {

using clock = std::chrono::steady_clock;

result<holder::reply> parse_hello(std::span<const char> bytes) {
  const auto head = holder::parse_front<holder::header>(bytes);
  if (!head || head->magic != holder::protocol_magic)
    return errc::protocol_error;
  if (head->version != holder::protocol_version)
    return errc::version_mismatch;
  const auto reply = holder::parse<holder::reply>(bytes);
  if (!reply || head->verb != holder::verb::hello)
    return errc::protocol_error;
  return *reply;
}

result<holder::reply> await_hello(int socket, clock::time_point deadline) {
  std::array<char, holder::max_packet> buffer;
  for (;;) {
    if (auto error = await_readable(socket, deadline))
      return error;
    const auto packet = holder::receive_packet(socket, buffer);
    if (!packet && packet.error() == os_error(EAGAIN))
      continue;
    if (!packet)
      return packet.error();
    if (packet->size == 0)
      return errc::holder_lost;
    return parse_hello({buffer.data(), packet->size});
  }
}

// Whoever could put a socket at the path would see everything that is typed,
// and run what we spawn.
std::error_code check_peer(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
    return os_error();
  if (peer.uid != ::geteuid() && peer.uid != 0)
    return errc::foreign_owner;
  return {};
}

std::error_code refusal(int status) {
  if (status == EBUSY)
    return errc::holder_busy;
  if (status == EPROTONOSUPPORT)
    return errc::version_mismatch;
  return os_error(status);
}

} // namespace

result<holder_connection> connect_to_holder(const std::string& path,
                                            std::chrono::milliseconds timeout) {
  const auto deadline = clock::now() + timeout;
  auto socket = connect_to(path);
  // EAGAIN: more connections wait than the holder has accepted yet.
  while (!socket && socket.error() == os_error(EAGAIN) &&
         clock::now() < deadline) {
    ::poll(nullptr, 0, 1);
    socket = connect_to(path);
  }
  if (!socket)
    return socket.error();
  if (auto error = check_peer(socket->get()))
    return error;
  holder::plain_request hello;
  hello.header.verb = holder::verb::hello;
  if (auto error = holder::send_packet(socket->get(), holder::to_packet(hello)))
    return error;
  const auto reply = await_hello(socket->get(), deadline);
  if (!reply)
    return reply.error();
  if (reply->status != 0)
    return refusal(reply->status);
  return holder_connection{std::move(*socket), static_cast<pid_t>(reply->info)};
}

} // namespace outrigger::os
