// INIT COMMAND: the command after "--". With one, the holder is the init of a
// container: it keeps that command (the daemon) running.
//
//   exit 0, 2 or 78 -> done with that code
//   anything else   -> started again, after 100 ms doubling to 5 s
#pragma once

#include "actors/os/result.hpp"
#include "tools/holder/event_loop.hpp"
#include "tools/holder/held_session.hpp"

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace outrigger::holder {

class init_command {
public:
  /// `runtime_dir` becomes OUTRIGGER_RUNTIME_DIR of the command.
  init_command(event_loop& loop, std::vector<std::string> argv,
               const std::string& runtime_dir,
               std::function<void(int code)> on_done);

  /// Starts it the first time; an errno when it cannot be executed.
  std::error_code start();
  /// Passes a termination signal on. It is not started again after that.
  void terminate(int signo);
  /// A child was reaped. True if it was the command.
  bool reaped(pid_t pid, child_status status);

private:
  void restart_later();

  event_loop& loop_;
  std::vector<std::string> argv_;
  std::vector<std::string> env_;
  std::function<void(int)> on_done_;
  pid_t pid_ = 0; // 0: not running
  event_loop::clock::time_point started_;
  std::chrono::milliseconds delay_{0};
  event_loop::id timer_ = 0;
  bool terminating_ = false;
};

} // namespace outrigger::holder
