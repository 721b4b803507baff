// DAEMON PROCESS: the outrigger under test, in directories of its own, on a
// free port; its holder; and what the kernel says of both.
//
// Destroying it ends its terminals, the daemon and the holder, each by pid,
// and removes the directories.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "bench/socket.hpp"

namespace outrigger::bench {

/// CPU time of all threads of a process so far, in seconds.
[[nodiscard]] double cpu_of(pid_t pid);

/// Resident memory in bytes: `part` is a line of /proc/PID/status.
[[nodiscard]] double memory_of(pid_t pid, std::string_view part = "VmRSS");

/// One keep-alive connection for REST calls.
class rest_client {
public:
  rest_client(std::uint16_t port, std::string token)
      : port_{port}, token_{std::move(token)} {}

  /// Sends a request and returns the body of the answer. Throws failure when
  /// the status is not 2xx.
  std::string call(std::string_view method, std::string_view target,
                   std::string_view body = {});

  /// The two halves of call().
  void send(std::string_view method, std::string_view target,
            std::string_view body = {});
  std::string read_answer();

private:
  std::uint16_t port_;
  std::string token_;
  owned_fd fd_;
  std::string received_;
};

class daemon_process {
public:
  /// Starts `program` with state and sockets under a new directory below
  /// `parent`, and waits until it listens. Its root is that directory unless
  /// the arguments name one.
  daemon_process(const std::string& program, const std::string& parent,
                 std::vector<std::string> arguments = {});
  daemon_process(const daemon_process&) = delete;
  daemon_process& operator=(const daemon_process&) = delete;
  ~daemon_process();

  /// Ends the daemon by a signal, and starts it again in the same directories.
  /// Sessions live on in the holder.
  void stop(int signal);
  void start();

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] pid_t holder();
  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// CPU time of daemon and holder.
  [[nodiscard]] double cpu() { return cpu_of(pid_) + cpu_of(holder()); }
  [[nodiscard]] const std::string& token() const { return token_; }
  [[nodiscard]] rest_client rest() const { return {port_, token_}; }

  /// Creates a terminal of 80 columns and 24 rows; returns its id.
  std::uint8_t create(const std::vector<std::string>& command);
  void remove(std::uint8_t id);
  void remove_all();

  /// The target of a WebSocket with more query, such as "ext=1".
  [[nodiscard]] std::string socket_target(std::string_view query = {}) const;

private:
  void read_console_lines(int fd);
  [[nodiscard]] pid_t find_holder() const;

  std::string program_;
  std::string directory_;
  std::vector<std::string> arguments_;
  pid_t pid_ = -1;
  pid_t holder_ = -1;
  std::uint16_t port_ = 0;
  std::string token_;
  std::vector<std::uint8_t> terminals_;
};

/// The body of POST /terminals.
[[nodiscard]] std::string
terminal_request(const std::vector<std::string>& command);

} // namespace outrigger::bench
