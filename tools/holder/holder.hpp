// HOLDER: puts the parts together, reaps, and decides when to exit.
//
//   signalfd ---> holder ---> session_table <--- control <--- daemon
//                   `-------> init_command (with a command)
//
// Lives as long as the process.
#pragma once

#include "tools/holder/control.hpp"
#include "tools/holder/event_loop.hpp"
#include "tools/holder/init_command.hpp"
#include "tools/holder/options.hpp"
#include "tools/holder/session_table.hpp"

#include <sys/stat.h>

#include <optional>

namespace outrigger::holder {

class holder {
public:
  explicit holder(options wanted);

  /// Runs to the end. Returns the exit code.
  int run();

private:
  std::error_code start();
  std::error_code open_socket();
  [[nodiscard]] os::result<os::unique_fd> listen();
  void remember_socket();
  [[nodiscard]] bool socket_is_ours() const;
  void restore_socket();
  void watch_socket();
  void log_once(const std::string& line);
  void on_signals();
  void reap();
  void terminate(int signo);
  void finish(int code);
  void check_idle();
  void on_idle();
  void remove_socket() const;

  options options_;
  event_loop loop_;
  os::unique_fd signals_;
  os::unique_fd listener_;
  struct stat socket_file_ {};
  std::optional<session_table> table_;
  std::optional<control> control_;
  std::optional<init_command> command_;
  event_loop::id idle_timer_ = 0;
  event_loop::id socket_timer_ = 0;
  bool had_daemon_ = false;
  std::string last_line_; // of log_once
  bool finishing_ = false;
  int exit_code_ = 0;
};

} // namespace outrigger::holder
