#include "actors/os/load_probe.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace outrigger::os {

namespace {

/// What the kernel says is the size of /proc/self/fd: since 6.2 the number of
/// descriptors, before that 0.
std::uint64_t size_of(const std::string& directory) {
  struct stat status {};
  if (::stat(directory.c_str(), &status) != 0)
    return 0;
  return static_cast<std::uint64_t>(status.st_size);
}

} // namespace

load_probe::load_probe(const std::string& root)
    : statm_(
          ::open((root + "/proc/self/statm").c_str(), O_RDONLY | O_CLOEXEC)) {
  const std::string directory = root + "/proc/self/fd";
  if (size_of(directory) > 0)
    descriptor_directory_ = directory;
}

load_reading load_probe::read() const {
  load_reading reading;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  reading.descriptor_limit = limit.rlim_cur;
  reading.resident = resident();
  reading.descriptors = descriptors(limit.rlim_cur);
  return reading;
}

/// statm: "size resident shared …", in pages.
std::uint64_t load_probe::resident() const {
  std::array<char, 128> text{};
  if (::pread(statm_.get(), text.data(), text.size() - 1, 0) <= 0)
    return 0;
  char* rest = nullptr;
  std::strtoull(text.data(), &rest, 10);
  return std::strtoull(rest, nullptr, 10) *
         static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t load_probe::descriptors(std::uint64_t limit) const {
  if (!descriptor_directory_.empty())
    return size_of(descriptor_directory_);
  const unique_fd lowest(::fcntl(statm_.get(), F_DUPFD_CLOEXEC, 0));
  return lowest ? static_cast<std::uint64_t>(lowest.get()) : limit;
}

} // namespace outrigger::os
