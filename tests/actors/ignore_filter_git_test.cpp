// Git itself as the judge: what a walk with the filter shows of a generated
// tree is what `git ls-files` takes for files that are not ignored.

#include "actors/files/ignore_filter.hpp"

#include <catch2/catch.hpp>

#include <stdlib.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

using namespace outrigger;

namespace fs = std::filesystem;

namespace {

using paths = std::vector<std::string>;

/// A repository in a folder of its own.
class repository {
public:
  repository() {
    char name[] = "/tmp/outrigger-test-XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    folder_ = name;
    REQUIRE(git("init -q --template=") == std::string{});
  }
  repository(const repository&) = delete;
  repository& operator=(const repository&) = delete;
  ~repository() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  [[nodiscard]] std::string operator()(const std::string& path) const {
    return folder_ + "/" + path;
  }

  void write(const std::string& path, const std::string& text = "") const {
    std::ofstream((*this)(path), std::ios::binary) << text;
  }

  /// What the command prints, with nobody's settings but the repository's.
  [[nodiscard]] std::string git(const std::string& arguments) const {
    const auto command = "env -i PATH=\"$PATH\" HOME=/nonexistent LC_ALL=C "
                         "GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null "
                         "git -C " +
                         folder_ + " " + arguments;
    FILE* output = ::popen(command.c_str(), "r");
    REQUIRE(output != nullptr);
    std::string text;
    std::array<char, 4096> part{};
    while (const auto size = std::fread(part.data(), 1, part.size(), output))
      text.append(part.data(), size);
    REQUIRE(::pclose(output) == 0);
    return text;
  }

  [[nodiscard]] paths shown_by_git() const {
    auto text = git("ls-files -z --others --exclude-standard");
    paths out;
    while (!text.empty()) {
      const auto end = text.find('\0');
      out.push_back(text.substr(0, end));
      text.erase(0, end + 1);
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  /// `from`: the folder the walk begins in.
  [[nodiscard]] paths shown_by_walk(const std::string& from,
                                    std::vector<outer_ignore> outer) const {
    ignore_options options;
    options.gitignore = true;
    ignore_filter filter{options, std::move(outer)};
    auto root = os::root_dir::open(folder_, os::path_resolver::openat2);
    REQUIRE(root.has_value());
    auto walk = os::tree_walk::begin(*root, from, {}, &filter);
    REQUIRE(walk.has_value());
    paths out;
    while (const auto* entry = walk->next())
      if (entry->info.kind != os::file_kind::directory)
        out.push_back((from.empty() ? "" : from + "/") + entry->path);
    std::sort(out.begin(), out.end());
    return out;
  }

private:
  std::string folder_;
};

class generator {
public:
  explicit generator(unsigned seed) : random_(seed) {}

  void make_tree(const repository& made, const std::string& in = "",
                 int depth = 0) {
    for (const auto* name : {"a", "b", "ab", "foo", "foobar", "x.c", "x.o",
                             "[a]", "a b", "#a", "!a", "a\\b"}) {
      if (chance(depth == 0 ? 10 : 40))
        continue;
      const auto path = in + name;
      if (depth == 2 || chance(40)) {
        made.write(path);
        continue;
      }
      fs::create_directory(made(path));
      make_tree(made, path + "/", depth + 1);
    }
  }

  std::string rules() {
    std::string out;
    for (auto lines = pick(4) + 1; lines > 0; --lines) {
      out += chance(25) ? "!" : "";
      for (auto parts = pick(5) + 1; parts > 0; --parts)
        out += piece();
      out += chance(20) ? "\r\n" : "\n";
    }
    return out;
  }

private:
  std::string piece() {
    static constexpr auto pieces = std::to_array<const char*>(
        {"a",           "b", "foo", "bar", "x",   ".c", ".o",   "*",    "*",
         "**",          "/", "/",   "**/", "/**", "?",  "[ab]", "[!a]", "[a-f]",
         "[[:alpha:]]", "[", "\\[", "\\#", "\\",  " ",  "\\ ",  "#",    "!"});
    return pieces[pick(pieces.size())];
  }
  std::size_t pick(std::size_t count) { return random_() % count; }
  bool chance(unsigned percent) { return random_() % 100 < percent; }

  std::mt19937 random_;
};

} // namespace

TEST_CASE("what is ignored is what git ignores") {
  for (unsigned seed = 0; seed < 30; ++seed) {
    const repository made;
    generator random{seed};
    random.make_tree(made);
    std::vector<fs::path> folders{made("")};
    for (const auto& entry : fs::recursive_directory_iterator(made("")))
      if (entry.is_directory() &&
          entry.path().string().find("/.git") == std::string::npos)
        folders.push_back(entry.path());
    std::string all;
    for (std::size_t i = 0; i < folders.size(); i += 1 + seed % 7) {
      const auto rules = random.rules();
      std::ofstream(folders[i] / ".gitignore", std::ios::binary) << rules;
      all += "in " + folders[i].string() + ":\n" + rules;
    }
    const auto exclude = random.rules();
    fs::create_directory(made(".git/info"));
    made.write(".git/info/exclude", exclude);
    INFO(seed << "\n" << all << "excluded:\n" << exclude);
    CHECK(made.shown_by_walk("", {{"", exclude}}) == made.shown_by_git());
  }
}

TEST_CASE("a walk that begins below heeds the rules above it, as git does") {
  const repository made;
  fs::create_directories(made("a/b/c"));
  for (const char* name : {"1.log", "2.log", "3.log", "4.txt", "5.txt", "6"})
    made.write(std::string{"a/b/c/"} + name);
  const std::string top = "*.log\n/a/b/c/5.txt\nb/c/6\n";
  const std::string inner = "!2.log\n!c/3.log\n/b/c/4.txt\n";
  const std::string exclude = "6\n!1.log\n";
  fs::create_directory(made(".git/info"));
  made.write(".gitignore", top);
  made.write("a/.gitignore", inner);
  made.write(".git/info/exclude", exclude);
  auto by_git = made.shown_by_git();
  std::erase_if(by_git,
                [](const auto& path) { return !path.starts_with("a/b/"); });
  CHECK(by_git == paths{"a/b/c/2.log"});
  CHECK(made.shown_by_walk(
            "a/b", {{"a/b", exclude}, {"a/b", top}, {"b", inner}}) == by_git);
}
