#include "actors/os/holder_client_impl.hpp"

#include "actors/os/holder_handshake.hpp"

#include <boost/asio/post.hpp>

#include <array>
#include <utility>

namespace outrigger::os {

namespace {

const char* step_name(holder::step step) noexcept {
  switch (step) {
  case holder::step::request:
    return "request";
  case holder::step::ring:
    return "ring";
  case holder::step::pty:
    return "pty";
  case holder::step::fork:
    return "fork";
  case holder::step::cgroup:
    return "cgroup";
  case holder::step::chdir:
    return "chdir";
  case holder::step::exec:
    return "exec";
  case holder::step::none:
    break;
  }
  return "holder";
}

} // namespace

std::error_code holder_client::impl::connect(const std::string& path) {
  auto holder = connect_to_holder(path, connect_timeout);
  return holder ? use(std::move(*holder)) : holder.error();
}

std::error_code holder_client::impl::use(holder_connection connection) {
  pid = connection.pid;
  boost::system::error_code failed;
  socket_.assign(connection.socket.get(), failed);
  if (failed)
    return failed;
  [[maybe_unused]] const int owned = connection.socket.release();
  wait_readable();
  return {};
}

void holder_client::impl::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
  pending_.clear();
  outbox_.clear();
  exited = nullptr;
  ended = nullptr;
  lost = nullptr;
}

// -- requests -----------------------------------------------------------------

void holder_client::impl::spawn(const spawn_request& request,
                                spawn_callback done) {
  pending entry;
  entry.spawned = std::move(done);
  const auto id = add(std::move(entry));
  auto packet = make_spawn_packet(request, id);
  if (!packet)
    return fail_later(id, packet.error());
  submit(id, std::move(*packet));
}

void holder_client::impl::list(list_callback done) {
  pending entry;
  entry.listed = std::move(done);
  const auto id = add(std::move(entry));
  holder::plain_request packet;
  packet.header.verb = holder::verb::list;
  packet.header.request = id;
  submit(id, {holder::to_packet(packet), {}});
}

void holder_client::impl::request(holder::verb verb, done_callback done) {
  pending entry;
  entry.done = std::move(done);
  const auto id = add(std::move(entry));
  holder::plain_request packet;
  packet.header.verb = verb;
  packet.header.request = id;
  submit(id, {holder::to_packet(packet), {}});
}

void holder_client::impl::request(holder::verb verb, std::uint64_t key,
                                  int signo, done_callback done) {
  pending entry;
  entry.done = std::move(done);
  const auto id = add(std::move(entry));
  holder::key_request packet;
  packet.header.verb = verb;
  packet.header.request = id;
  packet.key = key;
  packet.signo = signo;
  submit(id, {holder::to_packet(packet), {}});
}

std::uint64_t holder_client::impl::add(pending entry) {
  entry.deadline = clock::now() + request_timeout;
  const auto id = next_id_++;
  pending_.emplace(id, std::move(entry));
  watch_deadlines();
  return id;
}

void holder_client::impl::submit(std::uint64_t id, outgoing_packet packet) {
  if (auto error = send(std::move(packet)))
    fail_later(id, error);
}

void holder_client::impl::fail_later(std::uint64_t id, std::error_code error) {
  boost::asio::post(loop_, [weak = weak_from_this(), id, error] {
    if (const auto self = weak.lock())
      self->finish(id, error, "request");
  });
}

void holder_client::impl::finish(std::uint64_t id, std::error_code error,
                                 std::string step) {
  const auto found = pending_.find(id);
  if (found == pending_.end())
    return; // timed out
  pending entry = std::move(found->second);
  pending_.erase(found);
  if (entry.spawned)
    return entry.spawned(
        spawn_error{error ? error : errc::protocol_error, std::move(step)});
  if (entry.listed) {
    if (!error)
      error = entry.list_error;
    return entry.listed(error ? list_result(error)
                              : list_result(std::move(entry.sessions)));
  }
  if (entry.done)
    entry.done(error);
}

void holder_client::impl::watch_deadlines() {
  if (timing_ || pending_.empty())
    return;
  timing_ = true;
  timer_.expires_at(pending_.begin()->second.deadline);
  timer_.async_wait(
      [weak = weak_from_this()](const boost::system::error_code& error) {
        const auto self = weak.lock();
        if (!self || error)
          return;
        self->timing_ = false;
        while (!self->pending_.empty() &&
               self->pending_.begin()->second.deadline <= clock::now())
          self->finish(self->pending_.begin()->first, os_error(ETIMEDOUT),
                       "holder");
        self->watch_deadlines();
      });
}

// -- sending ------------------------------------------------------------------

std::error_code holder_client::impl::send(outgoing_packet packet) {
  if (!socket_.is_open())
    return errc::holder_lost;
  if (outbox_bytes_ + packet.bytes.size() > outbox_limit)
    return errc::queue_full;
  outbox_bytes_ += packet.bytes.size();
  outbox_.push_back(std::move(packet));
  if (outbox_.size() == 1)
    flush();
  return {};
}

void holder_client::impl::flush() {
  while (!outbox_.empty()) {
    const auto& packet = outbox_.front();
    const int fd = packet.fd.get();
    const auto error = holder::send_packet(
        socket_.native_handle(), packet.bytes,
        packet.fd ? std::span<const int>(&fd, 1) : std::span<const int>());
    if (error == os_error(EAGAIN))
      return wait_writable();
    if (error) { // the request times out, or the socket's end is read soon
      const auto head = holder::parse_front<holder::header>(packet.bytes);
      fail_later(head ? head->request : 0, error);
    }
    outbox_bytes_ -= packet.bytes.size();
    outbox_.pop_front();
  }
}

void holder_client::impl::wait_writable() {
  socket_.async_wait(
      boost::asio::posix::descriptor_base::wait_write,
      [weak = weak_from_this()](const boost::system::error_code& error) {
        const auto self = weak.lock();
        if (self && !error && self->socket_.is_open())
          self->flush();
      });
}

// -- receiving ----------------------------------------------------------------

void holder_client::impl::wait_readable() {
  socket_.async_wait(
      boost::asio::posix::descriptor_base::wait_read,
      [weak = weak_from_this()](const boost::system::error_code& error) {
        const auto self = weak.lock();
        if (self && !error && self->socket_.is_open())
          self->receive();
      });
}

void holder_client::impl::receive() {
  std::array<char, holder::max_packet> buffer;
  while (socket_.is_open()) { // a callback may close
    auto packet = holder::receive_packet(socket_.native_handle(), buffer);
    if (!packet && packet.error() == os_error(EAGAIN))
      return wait_readable();
    if (!packet)
      return lose(packet.error());
    if (packet->size == 0)
      return lose(errc::holder_lost);
    handle({buffer.data(), packet->size}, std::move(packet->fds));
  }
}

void holder_client::impl::handle(std::span<const char> bytes,
                                 std::vector<unique_fd> fds) {
  const auto head = holder::parse_front<holder::header>(bytes);
  if (!head || head->magic != holder::protocol_magic ||
      head->version != holder::protocol_version)
    return lose(errc::protocol_error);
  if (head->verb == holder::verb::exited || head->verb == holder::verb::ended) {
    const auto event = holder::parse<holder::event>(bytes);
    return event ? handle_event(*event) : lose(errc::protocol_error);
  }
  if (const auto reply = holder::parse<holder::reply>(bytes))
    return finish(head->request,
                  reply->status != 0 ? os_error(reply->status)
                                     : std::error_code(),
                  step_name(reply->step));
  handle_session(bytes, std::move(fds));
}

void holder_client::impl::handle_session(std::span<const char> bytes,
                                         std::vector<unique_fd> fds) {
  const auto packet = holder::parse_front<holder::session_packet>(bytes);
  const auto tag = packet ? holder::tag_of(*packet, bytes) : std::nullopt;
  if (!packet || !tag || packet->key == 0)
    return lose(errc::protocol_error);
  const bool spawned = packet->header.verb == holder::verb::spawn;
  const auto found = pending_.find(packet->header.request);
  if (found == pending_.end())
    return spawned ? abandon(packet->key) : void();
  auto opened = open(*packet, *tag, std::move(fds));
  pending& entry = found->second;
  if (entry.listed) {
    if (opened)
      entry.sessions.push_back(std::move(*opened));
    else
      entry.list_error = opened.error();
    return;
  }
  if (!opened) {
    abandon(packet->key);
    return finish(packet->header.request, opened.error(), "holder");
  }
  const auto callback = std::move(entry.spawned);
  pending_.erase(found);
  if (callback)
    callback(std::move(*opened));
}

result<std::unique_ptr<session>>
holder_client::impl::open(const holder::session_packet& packet,
                          std::string_view tag, std::vector<unique_fd> fds) {
  if (fds.size() != holder::fd_count(packet))
    return fds.empty() ? os_error(EMFILE) // the kernel dropped them
                       : make_error_code(errc::protocol_error);
  session_fds parts;
  auto next = fds.begin();
  const bool pipes = packet.kind == holder::kind::pipes;
  parts.output_ring = std::move(*next++);
  if (pipes)
    parts.error_ring = std::move(*next++);
  parts.ready_event = std::move(*next++);
  parts.credit_event = std::move(*next++);
  if (packet.has_input != 0)
    parts.input = std::move(*next++);
  session_info info{
      packet.key,         pipes ? session_kind::pipes : session_kind::pty,
      packet.pid,         packet.created_unix_ms,
      packet.cols,        packet.rows,
      packet.ending != 0, std::string(tag)};
  auto close_input = [weak = weak_from_this(), key = packet.key] {
    if (const auto self = weak.lock())
      self->request(holder::verb::close_input, key, 0, {});
  };
  return session::open(loop_, std::move(info), std::move(parts), close_input);
}

void holder_client::impl::handle_event(const holder::event& event) {
  const bool is_end = event.header.verb == holder::verb::ended;
  if (abandoned_.contains(event.key)) {
    if (!is_end)
      return;
    abandoned_.erase(event.key);
    return request(holder::verb::forget, event.key, 0, {});
  }
  const auto handler = is_end ? ended : exited; // may replace itself
  if (handler)
    handler(event.key);
}

void holder_client::impl::abandon(std::uint64_t key) {
  abandoned_.insert(key);
  request(holder::verb::end, key, 0, {});
}

void holder_client::impl::lose(std::error_code error) {
  boost::system::error_code ignored;
  socket_.close(ignored);
  outbox_.clear();
  outbox_bytes_ = 0;
  // Not those which these callbacks make: they fail later, by themselves.
  const auto limit = next_id_;
  while (!pending_.empty() && pending_.begin()->first < limit)
    finish(pending_.begin()->first, errc::holder_lost, "holder");
  const auto handler = lost;
  if (handler)
    handler(error);
}

} // namespace outrigger::os
