#include "tools/holder/init_command.hpp"

#include "actors/os/spawn_setup.hpp"
#include "tools/holder/log.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

namespace outrigger::holder {

namespace {

using namespace std::chrono_literals;

constexpr auto first_delay = 100ms;
constexpr auto last_delay = 5000ms;
constexpr auto healthy_time = 10s; // after which the delay begins anew

bool is_final(child_status status) {
  return !status.signaled &&
         (status.value == 0 || status.value == 2 || status.value == 78);
}

} // namespace

init_command::init_command(event_loop& loop, std::vector<std::string> argv,
                           const std::string& runtime_dir,
                           std::function<void(int)> on_done)
    : loop_(loop), argv_(std::move(argv)), on_done_(std::move(on_done)) {
  constexpr std::string_view name = "OUTRIGGER_RUNTIME_DIR=";
  for (char** entry = environ; *entry != nullptr; ++entry)
    if (!std::string_view(*entry).starts_with(name))
      env_.emplace_back(*entry);
  env_.push_back(std::string(name) + runtime_dir);
}

std::error_code init_command::start() {
  timer_ = 0;
  started_ = event_loop::clock::now();
  const os::spawn_attributes attributes;
  const int error = ::posix_spawnp(
      &pid_, argv_.front().c_str(), nullptr, attributes.get(),
      os::exec_pointers(argv_).data(), os::exec_pointers(env_).data());
  if (error != 0) {
    pid_ = 0;
    return os::os_error(error);
  }
  log("command: started as process " + std::to_string(pid_));
  return {};
}

void init_command::terminate(int signo) {
  terminating_ = true;
  if (pid_ != 0)
    ::kill(pid_, signo); // our child, not reaped yet: the pid is its own
  else if (timer_ != 0) {
    loop_.cancel(timer_);
    on_done_(128 + signo);
  }
}

bool init_command::reaped(pid_t pid, child_status status) {
  if (pid_ == 0 || pid != pid_)
    return false;
  pid_ = 0;
  log((status.signaled ? "command: ended with signal "
                       : "command: ended with code ") +
      std::to_string(status.value));
  if (is_final(status) || terminating_)
    on_done_(status.signaled ? 128 + status.value : status.value);
  else
    restart_later();
  return true;
}

void init_command::restart_later() {
  const bool healthy = event_loop::clock::now() - started_ >= healthy_time;
  delay_ = healthy || delay_ == 0ms
               ? first_delay
               : std::min<std::chrono::milliseconds>(delay_ * 2, last_delay);
  timer_ = loop_.after(delay_, [this] {
    if (const auto error = start()) {
      log("command: start", error);
      restart_later(); // it may be just being replaced
    }
  });
}

} // namespace outrigger::holder
