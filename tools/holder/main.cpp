// outrigger-holder: parent of every session process of a workspace.
//
// The only process that forks: sessions outlive the daemon, which connects,
// is killed or upgraded, and finds its sessions again. One thread, one epoll
// loop. See docs/architecture.md.
#include "tools/holder/holder.hpp"
#include "tools/holder/options.hpp"
#include "tools/holder/signals.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

namespace {

// Descriptors 0 to 2 must exist: pipes and sockets must not get these numbers.
void open_standard_descriptors() {
  int fd = 0;
  do {
    fd = ::open("/dev/null", O_RDWR);
  } while (fd >= 0 && fd <= STDERR_FILENO);
  ::close(fd);
}

} // namespace

int main(int argc, char** argv) {
  using namespace outrigger::holder;
  reset_signals();
  open_standard_descriptors();
  std::string error;
  const auto parsed = parse_options(argc, argv, error);
  if (!parsed) {
    std::fprintf(stderr, "outrigger-holder: %s\n%s", error.c_str(), usage);
    return 2;
  }
  if (parsed->help)
    return std::fputs(usage, stdout) < 0;
  if (parsed->version)
    return std::puts("outrigger-holder " OUTRIGGER_VERSION) < 0;
  use_log_format(parsed->log);
  holder the_holder(*parsed);
  return the_holder.run();
}
