#include "bench/corpus.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string_view>

namespace outrigger::bench {
namespace {

namespace fs = std::filesystem;

/// Headers, in an order that does not depend on the file system.
std::vector<fs::path> headers() {
  std::vector<fs::path> found;
  const auto skip = fs::directory_options::skip_permission_denied;
  std::error_code ec;
  for (const auto& entry :
       fs::recursive_directory_iterator{"/usr/include", skip, ec})
    if (entry.is_regular_file(ec) && entry.path().extension() == ".h")
      found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

/// Again from the beginning when there are not enough.
std::string source_text(const std::vector<fs::path>& files, std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size && !files.empty(); ++i) {
    std::ifstream file{files[i % files.size()], std::ios::binary};
    text.append(std::istreambuf_iterator<char>{file}, {});
  }
  text.resize(std::min(size, text.size()));
  // A terminal would be left in another state by what is not text.
  std::replace_if(
      text.begin(), text.end(),
      [](char c) {
        return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t';
      },
      ' ');
  return text;
}

std::string build_log(const std::vector<fs::path>& files, std::size_t size) {
  std::mt19937 random{1};
  std::string text;
  for (std::size_t i = 1; text.size() < size && !files.empty(); ++i) {
    const auto name = files[random() % files.size()].string();
    text += "\x1b[1m[" + std::to_string(i) +
            "/99999]\x1b[0m \x1b[32mBuilding "
            "CXX object CMakeFiles/project.dir" +
            name + ".o\x1b[0m\n";
    if (random() % 20 == 0)
      text += "\x1b[1m" + name + ":" + std::to_string(random() % 900) + ":" +
              std::to_string(random() % 80) +
              ": \x1b[1;35mwarning: \x1b[0m"
              "comparison of integers of different signs "
              "[\x1b[1;35m-Wsign-compare\x1b[0m]\n";
  }
  return text;
}

std::string base64_text(std::size_t size) {
  static constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::mt19937 random{1};
  std::string text(size, '\n');
  for (std::size_t i = 0; i < size; ++i)
    if (i % 77 != 76)
      text[i] = digits[random() % digits.size()];
  return text;
}

std::uint64_t as_printed(const std::string& text) {
  return text.size() +
         static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

command after_return(const std::string& what) {
  return {"sh", "-c", "stty -echo; printf READY; read x; " + what};
}

} // namespace

std::vector<printed_text> write_corpus(const std::string& directory,
                                       std::size_t size) {
  std::vector<printed_text> out;
  const auto add = [&](const std::string& name, const std::string& text) {
    const auto path = directory + "/corpus-" + std::to_string(out.size());
    std::ofstream{path, std::ios::binary} << text;
    out.push_back({name, after_return("cat " + path), as_printed(text)});
  };
  const auto files = headers();
  add("source text", source_text(files, size));
  add("build log", build_log(files, size));
  out.push_back({"yes",
                 after_return("yes | head -c " + std::to_string(size / 2 * 2)),
                 size / 2 * 3});
  add("base64", base64_text(size));
  return out;
}

} // namespace outrigger::bench
