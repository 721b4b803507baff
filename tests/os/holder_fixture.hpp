// A real holder in a directory of its own, and a client on a loop that the
// test turns by hand. Nothing here sleeps: conditions are polled.
#pragma once

#include "actors/os/holder_client.hpp"
#include "actors/os/unique_fd.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace outrigger::os::test {

using namespace std::chrono_literals;

/// A fresh directory below /tmp, removed with everything in it.
class temporary_directory {
public:
  explicit temporary_directory(const std::string& parent = "/tmp");
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;
  ~temporary_directory();
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
  std::string path_;
};

/// Polls until the condition holds; false after the deadline.
bool eventually(const std::function<bool()>& condition,
                std::chrono::milliseconds deadline = 10s);

/// A holder process, killed with what it holds at the end.
class running_holder {
public:
  /// `ignored`: signals it is started with ignored. `socket`: the path of its
  /// socket in the temporary directory.
  explicit running_holder(std::vector<std::string> options = {},
                          std::vector<int> ignored = {},
                          std::string socket = "holder.sock");
  running_holder(const running_holder&) = delete;
  running_holder& operator=(const running_holder&) = delete;
  ~running_holder();

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  [[nodiscard]] std::string socket() const;
  [[nodiscard]] const std::string& directory() const noexcept;
  /// Its wait status once it has ended.
  std::optional<int> ended();
  [[nodiscard]] std::size_t open_fds() const;
  /// CPU it has used, in clock ticks.
  [[nodiscard]] long cpu_ticks() const;
  /// Pids of its children, zombies too.
  [[nodiscard]] std::vector<pid_t> children() const;

private:
  temporary_directory directory_;
  std::string socket_;
  pid_t pid_ = 0;
  std::optional<int> status_;
};

/// One daemon's side: a loop and a connected client.
class daemon_side {
public:
  explicit daemon_side(const std::string& socket);
  daemon_side(const daemon_side&) = delete;
  daemon_side& operator=(const daemon_side&) = delete;

  /// Turns the loop until the condition holds; false after the deadline.
  bool run_until(const std::function<bool()>& condition,
                 std::chrono::milliseconds deadline = 10s);

  spawn_result spawn(const spawn_request& request);
  std::vector<std::unique_ptr<session>> list();
  std::error_code signal(std::uint64_t key, int signo);
  std::error_code end(std::uint64_t key);
  std::error_code forget(std::uint64_t key);
  std::error_code ping();
  /// Waits for the exit record.
  std::optional<exit_status> exit_of(session& which);
  /// Waits until the output contains the text.
  bool shows(session& which, const std::string& text);

  boost::asio::io_context loop;
  std::unique_ptr<holder_client> client;
  std::vector<std::uint64_t> exited; // events, in order
  std::vector<std::uint64_t> ended;
  std::optional<std::error_code> lost;

private:
  std::error_code
  await(const std::function<void(holder_client::done_callback)>& start);
};

/// Everything readable in a ring from `from` on.
std::string text_of(const ring& output, std::uint64_t from = 0);

/// `sh -c script` on a pty.
spawn_request shell(const std::string& script,
                    session_kind kind = session_kind::pty);

[[nodiscard]] bool process_exists(pid_t pid);

} // namespace outrigger::os::test
