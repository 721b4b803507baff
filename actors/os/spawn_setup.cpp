#include "actors/os/spawn_setup.hpp"

#include <signal.h>

namespace outrigger::os {

std::vector<char*> exec_pointers(std::vector<std::string>& strings) {
  std::vector<char*> list;
  list.reserve(strings.size() + 1);
  for (auto& value : strings)
    list.push_back(value.data());
  list.push_back(nullptr);
  return list;
}

// None of these calls can fail: glibc's attributes own no memory, and the
// flags are all known.
spawn_attributes::spawn_attributes(int flags) noexcept {
  ::posix_spawnattr_init(&attributes_);
  sigset_t all;
  sigset_t none;
  ::sigfillset(&all);
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigdefault(&attributes_, &all);
  ::posix_spawnattr_setsigmask(&attributes_, &none);
  ::posix_spawnattr_setflags(
      &attributes_, static_cast<short>(POSIX_SPAWN_SETSIGDEF |
                                       POSIX_SPAWN_SETSIGMASK | flags));
}

spawn_attributes::~spawn_attributes() {
  ::posix_spawnattr_destroy(&attributes_);
}

} // namespace outrigger::os
