#include "bench/program.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "bench/scratch.hpp"
#include "bench/source.hpp"

namespace outrigger::bench {
namespace {

int measure(const bench_program& program, bench_settings settings,
            const std::vector<std::string>& only, const std::string& json) {
  const scratch_directory scratch;
  settings.directory = scratch.path();
  raise_descriptor_limit();
  if (program.prepare)
    program.prepare(settings);
  report out;
  bool failed = false;
  for (const auto& [name, run] : program.groups) {
    if (!only.empty() &&
        std::find(only.begin(), only.end(), name) == only.end())
      continue;
    std::fprintf(stderr, "measuring %s ...\n", name);
    try {
      run(settings, out);
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

int run_program(const bench_program& program, int argc, char** argv) {
  bench_settings settings;
  settings.daemon = "build/release/outrigger";
  std::string json;
  std::vector<std::string> only;
  int rounds = 0;
  std::string names;
  for (const auto& g : program.groups)
    names += (names.empty() ? "" : ", ") + std::string{g.name};
  CLI::App app{program.about};
  app.add_option("--daemon", settings.daemon, "The outrigger to measure")
      ->capture_default_str();
  app.add_flag("--quick", settings.quick, "Less of everything");
  app.add_option("--rounds", rounds, "Rounds. Default: 7, quick 3");
  app.add_option("--only", only, "Only these: " + names + ". Repeatable");
  app.add_option("--json", json, "Write the results to this file");
  CLI11_PARSE(app, argc, argv);
  settings.rounds = rounds > 0 ? rounds : settings.quick ? 3 : 7;
  settings.daemon = std::filesystem::absolute(settings.daemon).string();
  try {
    return measure(program, std::move(settings), only, json);
  } catch (const std::exception& why) {
    std::fprintf(stderr, "%s: %s\n", program.name, why.what());
    return 1;
  }
}

} // namespace outrigger::bench
