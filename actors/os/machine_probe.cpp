#include "actors/os/machine_probe.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <string_view>
#include <vector>

namespace outrigger::os {

namespace {

/// The beginning of a file of /proc: what is wanted is there.
std::string beginning_of(int fd) {
  std::array<char, 4096> text{};
  const ssize_t size = ::pread(fd, text.data(), text.size(), 0);
  return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size))
                  : std::string{};
}

/// The numbers behind a name, up to the line's end.
std::vector<std::uint64_t> numbers_behind(std::string_view text,
                                          std::string_view name) {
  std::vector<std::uint64_t> out;
  const auto at =
      text.starts_with(name) ? 0 : text.find("\n" + std::string{name}) + 1;
  if (at == 0 && !text.starts_with(name))
    return out;
  auto line = text.substr(at + name.size());
  line = line.substr(0, line.find('\n'));
  while (!line.empty()) {
    std::uint64_t number = 0;
    const auto [end, failed] =
        std::from_chars(line.data(), line.data() + line.size(), number);
    if (failed == std::errc{}) {
      out.push_back(number);
      line.remove_prefix(static_cast<std::size_t>(end - line.data()));
    } else {
      line.remove_prefix(1);
    }
  }
  return out;
}

/// "cpu  user nice system idle iowait irq softirq steal guest guest_nice":
/// guests' time is in the users' already.
void read_processors(std::string_view text, machine_reading& out) {
  const auto times = numbers_behind(text, "cpu ");
  for (std::size_t i = 0; i < times.size() && i < 8; ++i) {
    out.processor_total += times[i];
    if (i != 3 && i != 4) // idle, iowait
      out.processor_busy += times[i];
  }
}

void read_memory(std::string_view text, machine_reading& out) {
  const auto total = numbers_behind(text, "MemTotal:");
  const auto available = numbers_behind(text, "MemAvailable:");
  if (total.empty() || available.empty() || available[0] > total[0])
    return;
  out.memory_total = total[0] * 1024;
  out.memory_used = (total[0] - available[0]) * 1024;
}

void read_disk(const root_dir& folder, machine_reading& out) {
  struct statvfs about {};
  const auto opened = folder.open("", O_PATH | O_DIRECTORY);
  if (!opened || ::fstatvfs(opened->get(), &about) != 0)
    return;
  // As df(1) does: what is kept for root does not count.
  const std::uint64_t used = about.f_blocks - about.f_bfree;
  out.disk_used = used * about.f_frsize;
  out.disk_total = (used + about.f_bavail) * about.f_frsize;
}

} // namespace

machine_probe::machine_probe(const std::string& root)
    : stat_(::open((root + "/proc/stat").c_str(), O_RDONLY | O_CLOEXEC)),
      meminfo_(::open((root + "/proc/meminfo").c_str(), O_RDONLY | O_CLOEXEC)) {
}

machine_reading machine_probe::read(const root_dir& folder) const {
  machine_reading out;
  read_processors(beginning_of(stat_.get()), out);
  read_memory(beginning_of(meminfo_.get()), out);
  read_disk(folder, out);
  return out;
}

double percent_of(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0)
    return 0;
  return 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

} // namespace outrigger::os
