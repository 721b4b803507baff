// HOLDER CLIENT: the daemon's end of the holder's control socket.
//
//   actors/main -> holder_client --SEQPACKET--> outrigger-holder
//
// Single threaded, on one io_context. Every callback runs later on the loop,
// never inside the call that takes it, and never after this object is gone.
// Lives as long as the connection; after on_lost it is of no further use.
#pragma once

#include "actors/os/error.hpp"
#include "actors/os/holder_handshake.hpp"
#include "actors/os/result.hpp"
#include "actors/os/session.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace outrigger::os {

struct spawn_request {
  session_kind kind = session_kind::pty;
  std::vector<std::string> argv; // argv[0] without '/' is searched in PATH
  std::vector<std::string> env;  // "K=V": the whole environment, not additions
  std::string cwd;               // "" is "/"
  std::uint16_t cols = 80;
  std::uint16_t rows = 24;
  std::size_t ring_capacity = std::size_t{256} << 10;
  std::string tag;    // at most holder::max_tag bytes, given back by list
  bool login = false; // argv[0] becomes "-" and the program's base name
  /// Output is kept from its first byte on until there is credit, instead of
  /// being overwritten by what comes after. Not stderr.
  bool paced = false;
};

/// Why a program could not be started: the errno of the failing step.
struct spawn_error {
  std::error_code error;
  std::string
      step; // "request", "ring", "pty", "fork", "chdir", "exec", "holder"
};

[[noreturn]] void
throw_exception_from_error(const spawn_error& error,
                           const boost::source_location& where);

using spawn_result =
    boost::system::result<std::unique_ptr<session>, spawn_error>;
using list_result = result<std::vector<std::unique_ptr<session>>>;

class holder_client {
public:
  using spawn_callback = std::function<void(spawn_result)>;
  using list_callback = std::function<void(list_result)>;
  using done_callback = std::function<void(std::error_code)>;
  using key_handler = std::function<void(std::uint64_t key)>;

  static constexpr std::chrono::milliseconds connect_timeout{2000};
  static constexpr std::chrono::seconds request_timeout{5};

  explicit holder_client(boost::asio::io_context& loop);
  holder_client(const holder_client&) = delete;
  holder_client& operator=(const holder_client&) = delete;
  ~holder_client();

  /// Connects and shakes hands; blocks for at most connect_timeout. Fails
  /// with errc::version_mismatch, errc::holder_busy or an errno
  /// (ECONNREFUSED, ENOENT: nobody there).
  std::error_code connect(const std::string& path);
  /// Takes over what connect_to_holder() made on another thread.
  std::error_code use(holder_connection connection);
  /// Process id of the holder, from the handshake.
  [[nodiscard]] pid_t holder_pid() const noexcept;

  /// Starts a program. The session is the holder's from then on, also when
  /// the daemon dies before the callback runs.
  void spawn(const spawn_request& request, spawn_callback done);
  /// All sessions of the holder, exited ones too: how a daemon adopts them.
  void list(list_callback done);
  /// Sends a signal to the session's leading process. ESRCH once it ended.
  void signal(std::uint64_t key, int signo, done_callback done = {});
  /// Begins to end everything in a session; on_ended tells when it is empty.
  /// Asked again when that is over, it tells again.
  void end(std::uint64_t key, done_callback done = {});
  /// Lets the holder drop an exited session. EBUSY while it runs.
  void forget(std::uint64_t key, done_callback done = {});
  void ping(done_callback done);

  /// A session's leader ended; its exit record and last output are in the
  /// ring. Also signalled through the session's on_ready.
  void on_exited(key_handler handler);
  /// A session's ladder found it empty.
  void on_ended(key_handler handler);
  /// The holder is gone. Every pending callback has had its error before.
  void on_lost(std::function<void(std::error_code)> handler);

private:
  class impl;
  std::shared_ptr<impl> impl_;
};

} // namespace outrigger::os
