// TERMINAL BENCH: the daemon's terminals against the bare pty, a raw relay,
// and themselves, in one interleaved run. Prints a table, and JSON on demand.
// See README.md for what the rows mean. The machine may be noisy: ratios of
// one run are to be trusted, absolute numbers are not.

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "bench/measure.hpp"
#include "bench/socket.hpp"
#include "bench/source.hpp"

namespace outrigger::bench {

command lines_once(const bench_settings& settings) {
  return {"sh", "-c",
          "stty -echo; printf READY; read x; exec cat " + settings.lines};
}

command lines_for_ever(const bench_settings& settings) {
  return {"sh", "-c",
          "stty -echo; printf READY; read x; while cat " + settings.lines +
              "; do :; done"};
}

command yes_for_ever() {
  return {"sh", "-c", "stty -echo; printf READY; read x; exec yes"};
}

command echoing() {
  return {"sh", "-c", "printf READY; exec cat > /dev/null"};
}

namespace {

namespace fs = std::filesystem;

struct group {
  const char* name;
  void (*measure)(const bench_settings&, report&);
};

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

void raise_descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

class scratch_directory {
public:
  scratch_directory() {
    auto pattern =
        (fs::temp_directory_path() / "outrigger-bench-XXXXXX").string();
    if (!::mkdtemp(pattern.data()))
      throw failure{"cannot make a temporary directory"};
    path = pattern;
  }
  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;
  ~scratch_directory() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }

  std::string path;
};

int run(bench_settings settings, const std::vector<std::string>& only,
        const std::string& json) {
  const scratch_directory scratch;
  settings.directory = scratch.path;
  raise_descriptor_limit();
  write_lines(settings);
  report out;
  bool failed = false;
  for (const auto& [name, measure] : groups) {
    if (!only.empty() &&
        std::find(only.begin(), only.end(), name) == only.end())
      continue;
    std::fprintf(stderr, "measuring %s ...\n", name);
    try {
      measure(settings, out);
    } catch (const failure& why) {
      out.note(std::string{name} + " failed: " + why.what());
      failed = true;
    }
  }
  out.print();
  if (!json.empty())
    std::ofstream{json} << out.to_json();
  return failed ? 1 : 0;
}

} // namespace
} // namespace outrigger::bench

int main(int argc, char** argv) {
  using namespace outrigger::bench;
  bench_settings settings;
  settings.daemon = "build/release/outrigger";
  std::string json;
  std::vector<std::string> only;
  int rounds = 0;
  std::string names;
  for (const auto& g : groups)
    names += (names.empty() ? "" : ", ") + std::string{g.name};
  CLI::App app{"outrigger's terminals against raw references, in one run"};
  app.add_option("--daemon", settings.daemon, "The outrigger to measure")
      ->capture_default_str();
  app.add_flag("--quick", settings.quick, "A small file, short windows");
  app.add_option("--rounds", rounds, "Rounds. Default: 7, quick 3");
  app.add_option("--only", only, "Only these: " + names + ". Repeatable");
  app.add_option("--json", json, "Write the results to this file");
  CLI11_PARSE(app, argc, argv);
  settings.rounds = rounds > 0 ? rounds : settings.quick ? 3 : 7;
  settings.daemon = std::filesystem::absolute(settings.daemon).string();
  try {
    return run(settings, only, json);
  } catch (const std::exception& why) {
    std::fprintf(stderr, "terminal_bench: %s\n", why.what());
    return 1;
  }
}
