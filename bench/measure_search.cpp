// Searches in a tree of sources, by the daemon with ripgrep and without,
// against bare rg from the command line.

#include "bench/measure_files.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "bench/child_process.hpp"
#include "bench/daemon_process.hpp"
#include "bench/http_client.hpp"
#include "bench/source.hpp"

namespace outrigger::bench {
namespace {

constexpr const char* bare = "rg";
constexpr const char* ours = "outrigger";
constexpr const char* alone = "outrigger without rg";

constexpr int folders = 200;
constexpr int files = 100; // in each

/// Lines of made-up words; every hundredth file says "needle" once.
void make_tree(const std::string& root) {
  std::mt19937 random{4711};
  std::vector<std::string> words;
  for (int i = 0; i < 2000; ++i) {
    std::string word;
    for (auto size = 2 + random() % 9; size > 0; --size)
      word += static_cast<char>('a' + random() % 26);
    words.push_back(std::move(word));
  }
  for (int i = 0; i < folders; ++i) {
    const auto folder = root + "/folder" + std::to_string(i);
    std::filesystem::create_directories(folder);
    for (int j = 0; j < files; ++j) {
      std::ofstream file{folder + "/file" + std::to_string(j) + ".txt"};
      const auto lines = 20 + random() % 120;
      for (std::size_t line = 0; line < lines; ++line) {
        for (int word = 0; word < 8; ++word)
          file << words[random() % words.size()] << ' ';
        file << (j == i % files && line == 7 ? "needle\n" : "\n");
      }
    }
  }
}

double ask(daemon_process& daemon, const std::string& target) {
  const auto begin = steady::now();
  const auto answer = get_once(daemon.port(), target, daemon.token());
  if (!answer.starts_with("HTTP/1.1 200"))
    throw failure{"a search answered " + answer.substr(0, 200)};
  return 1e3 * seconds(steady::now() - begin);
}

struct query {
  std::string metric;
  std::string rg;     // its arguments
  std::string target; // ours
};

} // namespace

void measure_search(const bench_settings& settings, report& out) {
  const auto root = settings.directory + "/sources";
  make_tree(root);
  const std::vector<std::string> arguments{"--root", root};
  daemon_process with{settings.daemon, settings.directory, arguments};
  const std::string path = std::getenv("PATH") ? std::getenv("PATH") : "";
  ::setenv("PATH", "/nonexistent", 1);
  daemon_process without{settings.daemon, settings.directory, arguments};
  ::setenv("PATH", path.c_str(), 1);
  const std::string search = "/files/search?timeout=60&max_results=10000&q=";
  // Two threads, as ours has.
  const std::string rg = "cd " + root + " && rg --json -j2 ";
  for (const auto& [metric, reference, target] : {
           query{"a rare word", rg + "-i -F needle ./", search + "needle"},
           query{"an expression", rg + "-i 'q[a-z]+x z' ./",
                 search + "q%5Ba-z%5D%2Bx%20z&regex=true"},
           query{"10,000 lines", rg + "-i -F e ./ | head -n 10300",
                 search + "e"},
           query{"names", "cd " + root + " && rg --files | grep file42",
                 "/files/search/files?max_results=10000&q=file42"},
       })
    for (int round = 0; round < settings.rounds; ++round) {
      const auto name = "search of 20,000 files, " + metric;
      out.add(name, bare, "ms", 1e3 * time_command(reference), bare);
      out.add(name, ours, "ms", ask(with, target), bare);
      out.add(name, alone, "ms", ask(without, target), bare);
    }
  std::filesystem::remove_all(root);
}

} // namespace outrigger::bench
