// TERMINAL BENCH: the daemon's terminals against the bare pty, a raw relay,
// and themselves, in one interleaved run. Prints a table, and JSON on demand.
// See README.md for what the rows mean. The machine may be noisy: ratios of
// one run are to be trusted, absolute numbers are not.

#include <array>
#include <filesystem>
#include <fstream>
#include <string>

#include <fcntl.h>
#include <sys/mman.h>

#include "bench/measure.hpp"
#include "bench/program.hpp"
#include "bench/socket.hpp"
#include "bench/source.hpp"

namespace outrigger::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::array groups{
    group{"throughput", measure_throughput},
    group{"echo", measure_echo},
    group{"flood", measure_flood},
    group{"interrupt", measure_interrupt},
    group{"stopped", measure_stopped},
    group{"crowd", measure_crowd},
    group{"memory", measure_memory},
    group{"start", measure_start},
};

/// The file is mapped until the program ends.
std::string_view map(const std::string& path) {
  const owned_fd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  const auto size = static_cast<std::size_t>(fs::file_size(path));
  void* bytes = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.get(), 0);
  if (bytes == MAP_FAILED)
    throw failure{"cannot map " + path};
  return {static_cast<const char*>(bytes), size};
}

/// Numbered, so that a byte out of place is noticed.
void write_lines(bench_settings& settings) {
  const std::size_t count = settings.quick ? 400'000 : 1'500'000;
  settings.lines = settings.directory + "/lines";
  const auto output = settings.directory + "/lines-output";
  {
    std::ofstream lines{settings.lines, std::ios::binary};
    std::ofstream printed{output, std::ios::binary};
    std::string line;
    for (std::size_t i = 0; i < count; ++i) {
      line = std::to_string(1'000'000'000 + i);
      line += " the quick brown fox jumps over the lazy dog and on to the "
              "river..";
      line.resize(76, '.');
      lines << line << '\n';
      printed << line << "\r\n";
    }
  }
  settings.lines_output = map(output);
}

} // namespace
} // namespace outrigger::bench

int main(int argc, char** argv) {
  using namespace outrigger::bench;
  return run_program(
      {"terminal_bench",
       "outrigger's terminals against raw references, in one run", groups,
       write_lines},
      argc, argv);
}
