#include "net/peer_watch.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

namespace outrigger {
namespace {

/// Bytes the kernel may hold for a slow client: enough for one slice in
/// flight and the next one behind it.
constexpr int send_buffer = 128 * 1024;
constexpr int unsent_low_water = 32 * 1024;
/// More is slower over loopback, where what waits leaves the caches; less would
/// leave a line of 1 Gbit/s idle when the loop is 2 ms late.
constexpr int unsent_in_bulk = 256 * 1024;

void keep_unsent(stream& s, const int& low_water) {
  ::setsockopt(s.socket().native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT,
               &low_water, sizeof low_water);
}

void send_at_once(stream& s) {
  const int on = 1;
  ::setsockopt(s.socket().native_handle(), IPPROTO_TCP, TCP_NODELAY, &on,
               sizeof on);
}

/// Whether the peer's machine has answered nothing for so long although we
/// wait for it: what we sent, or our probes of a full window, stay
/// unacknowledged. A program that merely does not read is not lost.
bool is_lost(stream& s, std::chrono::milliseconds patience) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(s.socket().native_handle(), IPPROTO_TCP, TCP_INFO, &info,
                   &size) != 0)
    return false;
  // One of either may be under way; a second means the first had no answer.
  return info.tcpi_last_ack_recv >=
             static_cast<std::uint32_t>(patience.count()) &&
         (info.tcpi_retransmits > 1 || info.tcpi_probes > 1);
}

} // namespace

void keep_unsent_small(stream& s) {
  keep_unsent(s, unsent_low_water);
}

void keep_unsent_large(stream& s) {
  keep_unsent(s, unsent_in_bulk);
  send_at_once(s);
}

void keep_latency_low(stream& s) {
  ::setsockopt(s.socket().native_handle(), SOL_SOCKET, SO_SNDBUF, &send_buffer,
               sizeof send_buffer);
  send_at_once(s);
  keep_unsent_small(s);
}

bool hung_up(stream& s) {
  pollfd entry{s.socket().native_handle(), POLLRDHUP, 0};
  return ::poll(&entry, 1, 0) == 1;
}

bool is_gone(stream& s, const liveness& life, bool reading,
             liveness::clock::time_point now) {
  const auto& limits = life.limits();
  if (life.is_silent(now) && (reading || is_lost(s, limits.pong_timeout)))
    return true;
  return life.is_stuck(now) && is_lost(s, limits.write_timeout);
}

} // namespace outrigger
