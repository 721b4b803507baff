// The connection behind a holder_client: requests in flight, a bounded outbox
// and what the socket brings. Shared so that handlers in the loop can tell
// when their client is gone. Included by holder_client.cpp and its impl only.
#pragma once

#include "actors/os/holder_client.hpp"
#include "actors/os/holder_protocol.hpp"
#include "actors/os/spawn_packet.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <map>
#include <set>
#include <span>

namespace outrigger::os {

class holder_client::impl : public std::enable_shared_from_this<impl> {
public:
  static constexpr std::size_t outbox_limit = std::size_t{1} << 20;

  explicit impl(boost::asio::io_context& loop)
      : loop_(loop), socket_(loop), timer_(loop) {}

  std::error_code connect(const std::string& path);
  std::error_code use(holder_connection connection);
  void spawn(const spawn_request& request, spawn_callback done);
  void list(list_callback done);
  void request(holder::verb verb, done_callback done);
  void request(holder::verb verb, std::uint64_t key, int signo,
               done_callback done);
  /// No callback runs after this.
  void close();

  pid_t pid = 0;
  key_handler exited;
  key_handler ended;
  std::function<void(std::error_code)> lost;

private:
  using clock = std::chrono::steady_clock;

  // One request in flight; the callback that is set says which kind.
  struct pending {
    clock::time_point deadline{};
    spawn_callback spawned;
    list_callback listed;
    done_callback done;
    std::vector<std::unique_ptr<session>> sessions; // of a list, so far
    std::error_code list_error;
  };

  std::uint64_t add(pending entry);
  void submit(std::uint64_t id, outgoing_packet packet);
  void fail_later(std::uint64_t id, std::error_code error);
  void finish(std::uint64_t id, std::error_code error, std::string step);
  std::error_code send(outgoing_packet packet);
  void flush();
  void wait_writable();
  void wait_readable();
  void receive();
  void handle(std::span<const char> bytes, std::vector<unique_fd> fds);
  void handle_session(std::span<const char> bytes, std::vector<unique_fd> fds);
  void handle_event(const holder::event& event);
  result<std::unique_ptr<session>> open(const holder::session_packet& packet,
                                        std::string_view tag,
                                        std::vector<unique_fd> fds);
  void abandon(std::uint64_t key);
  void watch_deadlines();
  void lose(std::error_code error);

  boost::asio::io_context& loop_;
  boost::asio::posix::stream_descriptor socket_;
  boost::asio::steady_timer timer_; // runs while something is in flight
  bool timing_ = false;
  std::uint64_t next_id_ = 1;
  std::map<std::uint64_t, pending> pending_; // by id, so also by deadline
  std::deque<outgoing_packet> outbox_;
  std::size_t outbox_bytes_ = 0; // at most outbox_limit
  // Spawned after their request had timed out: ended and forgotten.
  std::set<std::uint64_t> abandoned_;
};

} // namespace outrigger::os
