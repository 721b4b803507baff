#include "tools/holder/init_command.hpp"

#include "tools/holder/log.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
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

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> list;
  for (auto& value : strings)
    list.push_back(value.data());
  list.push_back(nullptr);
  return list;
}

int spawn(std::vector<std::string>& argv, std::vector<std::string>& env,
          pid_t& pid) {
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t all;
  sigset_t none;
  ::sigfillset(&all);
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setflags(
      &attributes,
      static_cast<short>(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK));
  const int error =
      ::posix_spawnp(&pid, argv.front().c_str(), nullptr, &attributes,
                     pointers(argv).data(), pointers(env).data());
  ::posix_spawnattr_destroy(&attributes);
  return error;
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
  if (const int error = spawn(argv_, env_, pid_)) {
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
