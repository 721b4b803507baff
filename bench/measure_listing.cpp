// All entries of a folder with their sizes and times, against `find -printf`
// of the same.

#include "bench/measure_files.hpp"

#include <filesystem>
#include <fstream>

#include "bench/child_process.hpp"
#include "bench/daemon_process.hpp"
#include "bench/http_client.hpp"
#include "bench/source.hpp"

namespace outrigger::bench {
namespace {

constexpr const char* find = "find";
constexpr const char* ours = "outrigger";

double list(daemon_process& daemon, const std::string& target) {
  const auto begin = steady::now();
  const auto answer = get_once(daemon.port(), target, daemon.token());
  if (!answer.starts_with("HTTP/1.1 200"))
    throw failure{"a listing answered " + answer.substr(0, 200)};
  return seconds(steady::now() - begin);
}

} // namespace

void measure_listing(const bench_settings& settings, report& out) {
  constexpr int folders = 100;
  constexpr int files = 499; // with the folders 50,000 entries
  const auto root = settings.directory + "/tree";
  for (int i = 0; i < folders; ++i) {
    const auto folder = root + "/folder" + std::to_string(i);
    std::filesystem::create_directories(folder);
    for (int j = 0; j < files; ++j)
      std::ofstream{folder + "/file" + std::to_string(j) + ".txt"};
  }
  daemon_process daemon{settings.daemon, settings.directory, {"--root", root}};
  const std::string metric = "listing 50,000 entries";
  for (int round = 0; round < settings.rounds; ++round) {
    out.add(metric, find, "ms",
            1e3 * time_command("find " + root + " -printf '%p %s %T@ %y\\n'"),
            find);
    out.add(metric, ours, "ms",
            1e3 * list(daemon, "/files?flatten=true&use_gitignore=false"),
            find);
    out.add(metric + ", names only", find, "ms",
            1e3 * time_command("find " + root), find);
    out.add(metric + ", names only", ours, "ms",
            1e3 * list(daemon,
                       "/files?flatten=true&use_gitignore=false&light=true"),
            find);
  }
  std::filesystem::remove_all(root);
}

} // namespace outrigger::bench
