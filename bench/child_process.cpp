#include "bench/child_process.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace outrigger::bench {

child_process::child_process(const std::function<void()>& work) {
  const auto parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0)
    throw failure{"fork: " + std::string{std::strerror(errno)}};
  if (pid_ > 0)
    return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) // it died before we asked
    ::_exit(1);
  try {
    work();
  } catch (const std::exception& why) {
    std::fprintf(stderr, "child: %s\n", why.what());
    ::_exit(1);
  }
  ::_exit(0);
}

child_process::~child_process() {
  if (!alive())
    return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

bool child_process::alive() {
  if (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) != 0)
    pid_ = -1;
  return pid_ > 0;
}

double time_command(const std::string& command) {
  const auto begin = steady::now();
  FILE* out = ::popen(command.c_str(), "r");
  if (!out)
    throw failure{"cannot run " + command};
  char bytes[65536];
  while (std::fread(bytes, 1, sizeof bytes, out) > 0)
    ;
  if (::pclose(out) != 0)
    throw failure{command + " failed"};
  return seconds(steady::now() - begin);
}

} // namespace outrigger::bench
