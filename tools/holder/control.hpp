// CONTROL: the control socket. Accepts connections of our own user, serves one
// daemon at a time, turns its packets into calls of the session table and the
// table's events into packets.
#pragma once

#include "actors/os/holder_protocol.hpp"
#include "actors/os/unique_fd.hpp"
#include "tools/holder/event_loop.hpp"
#include "tools/holder/session_table.hpp"

#include <deque>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace outrigger::holder {

class control {
public:
  static constexpr std::size_t max_connections = 8;
  static constexpr std::size_t outbox_limit = std::size_t{8} << 20;

  control(event_loop& loop, session_table& table, os::unique_fd listener);
  control(const control&) = delete;
  control& operator=(const control&) = delete;
  ~control();

  std::error_code start();
  /// Accepts at another socket from now on. Connections stay.
  void listen_on(os::unique_fd listener);
  /// Accepts what waits, at once. True if a connection is open then.
  bool accept_waiting();
  [[nodiscard]] bool has_daemon() const noexcept { return daemon_ != 0; }

private:
  using connection_id = std::uint64_t; // never reused; 0 is none
  using request_id = std::uint64_t;

  /// A packet that waits for room in the socket.
  struct queued {
    std::string bytes;
    std::uint64_t key = 0; // the session whose descriptors go with it
  };

  struct connection {
    os::unique_fd socket;
    event_loop::id watch = 0;
    std::deque<queued> outbox;
    std::size_t outbox_bytes = 0; // at most outbox_limit
  };

  void accept_one(os::unique_fd socket);
  void pause_accepting();
  void on_event(connection_id id, std::uint32_t events);
  void receive(connection_id id);
  void drop(connection_id id);

  void handle(connection_id from, std::span<const char> bytes,
              std::vector<os::unique_fd> fds);
  void hello(connection_id from, const os::holder::header& head);
  void dispatch(connection_id from, const os::holder::header& head,
                std::span<const char> bytes, std::vector<os::unique_fd> fds);
  void spawn(connection_id from, const os::holder::header& head,
             std::span<const char> bytes, std::vector<os::unique_fd> fds);
  void list(connection_id to, const os::holder::header& head);
  std::error_code for_key(const os::holder::key_request& request);

  void reply(connection_id to, const os::holder::header& request,
             std::error_code error,
             os::holder::step step = os::holder::step::none);
  void send(connection_id to, queued packet);
  bool flush(connection& to);
  void send_event(const os::holder::event& event);

  event_loop& loop_;
  session_table& table_;
  os::unique_fd listener_;
  event_loop::id listening_ = 0;
  connection_id next_ = 1;
  connection_id daemon_ = 0;
  std::map<connection_id, connection> connections_;
};

} // namespace outrigger::holder
