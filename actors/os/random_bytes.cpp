#include "actors/os/random_bytes.hpp"

#include "actors/os/result.hpp"

#include <sys/random.h>
#include <sys/types.h>

namespace outrigger::os {

std::error_code fill_random(std::span<unsigned char> bytes) {
  // Up to 256 bytes come whole and uninterrupted once the pool is ready.
  while (::getrandom(bytes.data(), bytes.size(), 0) !=
         static_cast<ssize_t>(bytes.size()))
    if (errno != EINTR)
      return os_error();
  return {};
}

} // namespace outrigger::os
