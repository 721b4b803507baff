// SHIFTED CLOCK: a wall clock that is wrong by as many seconds as a file says,
// for a program that this is preloaded into. The file holds a 64-bit integer in
// the machine's own order and may be written at any time.
//
//   LD_PRELOAD=libshifted_clock.so SHIFTED_CLOCK_FILE=/path program
//
// Nothing else is touched: not the monotonic clock and no timer. (faketime also
// shifts the absolute times that timers on the monotonic clock are set to.)
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>

namespace {

using shift = std::atomic<std::int64_t>;

/// The file, mapped for good; null without one.
const shift* mapped() {
  const char* path = std::getenv("SHIFTED_CLOCK_FILE");
  const int file = path == nullptr ? -1 : ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return nullptr;
  void* at = ::mmap(nullptr, sizeof(shift), PROT_READ, MAP_SHARED, file, 0);
  ::close(file);
  return at == MAP_FAILED ? nullptr : static_cast<const shift*>(at);
}

std::int64_t seconds() {
  static const shift* const at = mapped();
  return at == nullptr ? 0 : at->load();
}

} // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* into) noexcept {
  using function = int (*)(clockid_t, timespec*);
  static const auto real =
      reinterpret_cast<function>(::dlsym(RTLD_NEXT, "clock_gettime"));
  const int failed = real(clock, into);
  if (failed == 0 &&
      (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    into->tv_sec += seconds();
  return failed;
}

time_t time(time_t* into) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (into != nullptr)
    *into = now.tv_sec;
  return now.tv_sec;
}

int gettimeofday(timeval* into, void* /*zone*/) noexcept {
  timespec now{};
  const int failed = clock_gettime(CLOCK_REALTIME, &now);
  *into = {now.tv_sec, now.tv_nsec / 1000};
  return failed;
}

} // extern "C"
