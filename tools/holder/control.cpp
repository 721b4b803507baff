#include "tools/holder/control.hpp"

#include "tools/holder/log.hpp"
#include "tools/holder/spawn_plan.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace outrigger::holder {

namespace {

using namespace std::chrono_literals;
using os::os_error;
using os::holder::verb;

constexpr int packets_per_turn = 32;

bool same_user(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         (peer.uid == ::geteuid() || peer.uid == 0);
}

bool hung_up(int socket) {
  pollfd entry{socket, 0, 0};
  return ::poll(&entry, 1, 0) == 1 && (entry.revents & POLLHUP) != 0;
}

} // namespace

control::control(event_loop& loop, session_table& table, os::unique_fd listener)
    : loop_(loop), table_(table), listener_(std::move(listener)) {
  table_.on_events({[this](const held_session& session) {
                      os::holder::event event;
                      event.header.verb = verb::exited;
                      event.key = session.key();
                      event.signaled = session.status().signaled ? 1 : 0;
                      event.value = session.status().value;
                      send_event(event);
                    },
                    [this](std::uint64_t key) {
                      os::holder::event event;
                      event.header.verb = verb::ended;
                      event.key = key;
                      send_event(event);
                      return daemon_ != 0;
                    }});
}

control::~control() {
  loop_.unwatch(listening_);
  for (const auto& [id, open] : connections_)
    loop_.unwatch(open.watch);
}

// -- connections --------------------------------------------------------------

std::error_code control::start() {
  const auto watch = loop_.watch(listener_.get(), EPOLLIN,
                                 [this](std::uint32_t) { accept_waiting(); });
  if (!watch)
    return watch.error();
  listening_ = *watch;
  return {};
}

void control::listen_on(os::unique_fd listener) {
  accept_waiting(); // whoever still reached the former one
  loop_.unwatch(std::exchange(listening_, 0));
  listener_ = std::move(listener);
  if (start())
    pause_accepting();
}

bool control::accept_waiting() {
  for (;;) {
    os::unique_fd socket(::accept4(listener_.get(), nullptr, nullptr,
                                   SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (socket)
      accept_one(std::move(socket));
    else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
      return pause_accepting(), !connections_.empty();
    else if (errno != EINTR && errno != ECONNABORTED)
      return !connections_.empty();
  }
}

// The waiting connection would wake us on and on.
void control::pause_accepting() {
  log("control: accept", os_error());
  loop_.unwatch(std::exchange(listening_, 0));
  loop_.after(100ms, [this] {
    if (start())
      pause_accepting();
  });
}

void control::accept_one(os::unique_fd socket) {
  if (!same_user(socket.get()))
    return log("control: refused a connection of another user");
  if (connections_.size() >= max_connections)
    for (const auto& [id, open] : connections_)
      if (id != daemon_) { // the oldest that never said hello
        drop(id);
        break;
      }
  const connection_id id = next_++;
  auto watch =
      loop_.watch(socket.get(), EPOLLIN,
                  [this, id](std::uint32_t events) { on_event(id, events); });
  if (!watch)
    return log("control: watch a connection", watch.error());
  connections_[id] = {std::move(socket), *watch, {}, 0};
}

void control::on_event(connection_id id, std::uint32_t events) {
  connection& open = connections_.at(id);
  if ((events & EPOLLOUT) != 0) {
    if (!flush(open))
      return drop(id);
    if (open.outbox.empty())
      loop_.change(open.watch, EPOLLIN);
  }
  if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0)
    receive(id);
}

void control::receive(connection_id id) {
  std::array<char, os::holder::max_packet> buffer;
  for (int i = 0; i < packets_per_turn; ++i) {
    const auto found = connections_.find(id);
    if (found == connections_.end())
      return; // dropped by what it asked for
    auto packet =
        os::holder::receive_packet(found->second.socket.get(), buffer);
    if (!packet && packet.error() == os_error(EAGAIN))
      return;
    if (!packet || packet->size == 0)
      return drop(id);
    handle(id, {buffer.data(), packet->size}, std::move(packet->fds));
  }
}

void control::drop(connection_id id) {
  const auto found = connections_.find(id);
  if (found == connections_.end())
    return;
  loop_.unwatch(found->second.watch);
  connections_.erase(found);
  if (id != daemon_)
    return;
  daemon_ = 0;
  log("control: daemon gone");
  table_.daemon_gone();
}

// -- requests -----------------------------------------------------------------

void control::handle(connection_id from, std::span<const char> bytes,
                     std::vector<os::unique_fd> fds) {
  const auto head = os::holder::parse_front<os::holder::header>(bytes);
  if (!head || head->magic != os::holder::protocol_magic) {
    log("control: closed a connection that sent something else");
    return drop(from);
  }
  if (head->version != os::holder::protocol_version) {
    reply(from, *head, os_error(EPROTONOSUPPORT));
    return drop(from);
  }
  if (head->verb == verb::hello)
    return os::holder::parse<os::holder::plain_request>(bytes)
               ? hello(from, *head)
               : reply(from, *head, os_error(EINVAL));
  if (from != daemon_)
    return reply(from, *head, os_error(EPERM)); // hello comes first
  dispatch(from, *head, bytes, std::move(fds));
}

void control::hello(connection_id from, const os::holder::header& head) {
  if (daemon_ != 0 && daemon_ != from) {
    const auto older = daemon_;
    if (hung_up(connections_.at(older).socket.get()))
      while (daemon_ == older)
        receive(older); // its last requests, then its end
    else {
      reply(from, head, os_error(EBUSY));
      return drop(from);
    }
  }
  if (daemon_ != from)
    log("control: daemon connected");
  daemon_ = from;
  reply(from, head, {});
}

void control::dispatch(connection_id from, const os::holder::header& head,
                       std::span<const char> bytes,
                       std::vector<os::unique_fd> fds) {
  const bool plain =
      os::holder::parse<os::holder::plain_request>(bytes).has_value();
  switch (head.verb) {
  case verb::spawn:
    return spawn(from, head, bytes, std::move(fds));
  case verb::list:
    return plain ? list(from, head) : reply(from, head, os_error(EINVAL));
  case verb::ping:
    return reply(from, head, plain ? std::error_code() : os_error(EINVAL));
  case verb::signal:
  case verb::end:
  case verb::forget:
  case verb::close_input: {
    const auto request = os::holder::parse<os::holder::key_request>(bytes);
    return reply(from, head, request ? for_key(*request) : os_error(EINVAL));
  }
  default:
    return reply(from, head, os_error(EOPNOTSUPP));
  }
}

void control::spawn(connection_id from, const os::holder::header& head,
                    std::span<const char> bytes,
                    std::vector<os::unique_fd> fds) {
  auto order = read_spawn_order(bytes, fds);
  if (!order)
    return reply(from, head, order.error(), os::holder::step::request);
  const auto done = [this, from, head](const held_session* session,
                                       child_failure failure) {
    if (session == nullptr)
      return reply(from, head, failure.error, failure.step);
    send(from, {session->to_packet(verb::spawn, head.request), session->key()});
  };
  table_.spawn(std::move(order->plan), std::move(order->tag), order->rings,
               done);
}

void control::list(connection_id to, const os::holder::header& head) {
  for (const held_session* session : table_.all())
    send(to, {session->to_packet(verb::listed, head.request), session->key()});
  reply(to, head, {});
}

std::error_code control::for_key(const os::holder::key_request& request) {
  if (request.header.verb == verb::end)
    return table_.end(request.key);
  if (request.header.verb == verb::forget)
    return table_.forget(request.key);
  held_session* session = table_.find(request.key);
  if (session == nullptr)
    return os_error(ENOENT);
  if (request.header.verb == verb::signal)
    return session->signal(request.signo);
  session->close_input();
  return {};
}

// -- sending ------------------------------------------------------------------

void control::reply(connection_id to, const os::holder::header& request,
                    std::error_code error, os::holder::step step) {
  os::holder::reply packet;
  packet.header.verb = request.verb;
  packet.header.request = request.request;
  packet.status = error.category() == std::generic_category() ? error.value()
                  : error                                     ? EIO
                                                              : 0;
  packet.step = step;
  packet.info = request.verb == verb::hello ? ::getpid() : 0;
  send(to, {os::holder::to_packet(packet), 0});
}

void control::send_event(const os::holder::event& event) {
  if (daemon_ != 0)
    send(daemon_, {os::holder::to_packet(event), 0});
}

// Never drops the connection: callers are in the middle of something. One that
// does not read is shut down, and dropped when the loop sees its end.
void control::send(connection_id to, queued packet) {
  const auto found = connections_.find(to);
  if (found == connections_.end())
    return; // gone since it asked
  connection& open = found->second;
  if (open.outbox_bytes + packet.bytes.size() > outbox_limit) {
    log("control: the daemon does not read its replies");
    ::shutdown(open.socket.get(), SHUT_RDWR);
    return;
  }
  open.outbox_bytes += packet.bytes.size();
  open.outbox.push_back(std::move(packet));
  if (open.outbox.size() > 1)
    return;
  if (!flush(open))
    ::shutdown(open.socket.get(), SHUT_RDWR);
  else if (!open.outbox.empty())
    loop_.change(open.watch, EPOLLIN | EPOLLOUT);
}

bool control::flush(connection& to) {
  while (!to.outbox.empty()) {
    const queued& packet = to.outbox.front();
    const held_session* session =
        packet.key != 0 ? table_.find(packet.key) : nullptr;
    // One forgotten while it waited goes without: the daemon sees that.
    const auto fds = session != nullptr ? session->fds() : std::vector<int>();
    auto error = os::holder::send_packet(to.socket.get(), packet.bytes, fds);
    if (error == os_error(ETOOMANYREFS)) // too many in flight: without them
      error = os::holder::send_packet(to.socket.get(), packet.bytes);
    if (error == os_error(EAGAIN))
      return true;
    if (error)
      return false;
    to.outbox_bytes -= packet.bytes.size();
    to.outbox.pop_front();
  }
  return true;
}

} // namespace outrigger::holder
