// What a walk leaves out: the filter alone, told of folders as a walk does.

#include "actors/files/ignore_filter.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <optional>

using namespace outrigger;

namespace {

/// Enters a folder with this .gitignore; none when it is null.
void enter(ignore_filter& filter, std::string_view path,
           std::optional<std::string> text = std::nullopt) {
  filter.enter(path, [&](const std::string& name) {
    return name == ".gitignore" ? text : std::nullopt;
  });
}

ignore_options with_git() {
  ignore_options out;
  out.gitignore = true;
  return out;
}

} // namespace

TEST_CASE("a filter without options leaves nothing out") {
  ignore_filter filter{{}, {{"", "*"}}};
  enter(filter, "", "*");
  CHECK(filter.wants(".git", true));
  CHECK(filter.wants("a", false));
}

TEST_CASE("the nearest .gitignore with a verdict decides") {
  ignore_filter filter{with_git()};
  enter(filter, "", "*.log\n/top\nb/c\n");
  CHECK_FALSE(filter.wants("x.log", false));
  CHECK_FALSE(filter.wants("top", false));
  CHECK(filter.wants("a", true));
  enter(filter, "a", "!keep.log\n/own\n");
  CHECK(filter.wants("a/keep.log", false));
  CHECK_FALSE(filter.wants("a/x.log", false));
  CHECK_FALSE(filter.wants("a/own", false));
  CHECK(filter.wants("a/top", false));
  enter(filter, "a/b");
  CHECK(filter.wants("a/b/own", false));
  CHECK(filter.wants("a/b/keep.log", false));
  filter.leave();
  filter.leave();
  CHECK_FALSE(filter.wants("keep.log", false));
  enter(filter, "b");
  CHECK_FALSE(filter.wants("b/c", false));
}

TEST_CASE("rules from above the walk's root count less than its own") {
  ignore_filter filter{with_git(),
                       {{"a/b", "excluded\nshown\n"},
                        {"a/b", "*.log\n!shown\n/a/b/here\nx/y\n"},
                        {"b", "!keep.log\n/b/there\n"}}};
  enter(filter, "", "!own.log\n");
  CHECK_FALSE(filter.wants("excluded", false));
  CHECK(filter.wants("shown", false));
  CHECK_FALSE(filter.wants("x.log", false));
  CHECK(filter.wants("keep.log", false));
  CHECK(filter.wants("own.log", false));
  CHECK_FALSE(filter.wants("here", false));
  CHECK_FALSE(filter.wants("there", true));
  CHECK(filter.wants("x/y", false)); // tied to the folder above
}

TEST_CASE("rules beside the walk's root are about its own paths") {
  ignore_filter filter{with_git(), {{"", "/x\n"}}};
  enter(filter, "");
  CHECK_FALSE(filter.wants("x", false));
}

TEST_CASE("git's own folder is left out where git's rules count") {
  ignore_filter filter{with_git()};
  enter(filter, "");
  CHECK_FALSE(filter.wants(".git", true));
  CHECK_FALSE(filter.wants("module/.git", false));
  CHECK(filter.wants(".github", true));
}

TEST_CASE("hidden entries are shown or not") {
  ignore_options options;
  options.hidden = false;
  ignore_filter filter{options};
  enter(filter, "");
  CHECK_FALSE(filter.wants(".a", true));
  CHECK_FALSE(filter.wants("b/.a", false));
  CHECK(filter.wants(".a/b", false)); // for whoever lists a hidden folder
}

TEST_CASE("a client leaves out names and what is like its wildcards") {
  ignore_options options;
  options.ignored_names = {"node_modules", "dist"};
  options.ignore_globs = {"*.min.js", "doc/*.txt", "**/gen", "out/"};
  ignore_filter filter{options};
  enter(filter, "");
  for (const char* path : {"node_modules", "a/dist", "a/x.min.js", "doc/a.txt",
                           "gen", "a/gen", "out", "a/out"}) {
    INFO(path);
    CHECK_FALSE(filter.wants(path, true));
  }
  for (const char* path : {"node_modules2", "a/Dist", "doc/a/b.txt", "a.txt",
                           "a/doc/a.txt", "out"}) {
    INFO(path);
    CHECK(filter.wants(path, false));
  }
}

TEST_CASE("files are chosen by a part of their path") {
  ignore_options options;
  options.path_filter = "Src/Ma";
  ignore_filter filter{options};
  enter(filter, "");
  CHECK(filter.wants("lib", true));
  CHECK(filter.wants("a/src/main.cpp", false));
  CHECK(filter.wants("SRC/MAIN", false));
  CHECK_FALSE(filter.wants("src/test.cpp", false));
}

TEST_CASE("files are chosen by their extensions") {
  ignore_options options;
  options.extensions = {"cpp", "tar.gz"};
  ignore_filter filter{options};
  enter(filter, "");
  CHECK(filter.wants("lib", true));
  CHECK(filter.wants("a.cpp", false));
  CHECK(filter.wants("a/B.CPP", false));
  CHECK(filter.wants("a.tar.gz", false));
  for (const char* path : {"a.hpp", "cpp", ".cpp", "acpp", "a.gz", "x.cpp/y"}) {
    INFO(path);
    CHECK_FALSE(filter.wants(path, false));
  }
}
