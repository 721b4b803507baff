#include <catch2/catch.hpp>

#include "protocol/files/file_path.hpp"

using namespace outrigger;

namespace {

std::string normal(std::string_view path) {
  auto done = normalise_path(path);
  return done ? *done : "fault " + std::to_string(int(done.error().fault));
}

std::string fault(file_fault which) {
  return "fault " + std::to_string(int(which));
}

} // namespace

TEST_CASE("a path has one form, however it is written") {
  for (const auto* path : {"", "/", "//", ".", "./", "/./", "a/..", "/a/../"})
    CHECK(normal(path) == "/");
  for (const auto* path :
       {"a/b", "/a/b", "//a//b//", "/a/./b/.", "./a/x/../b", "a/b/c/.."})
    CHECK(normal(path) == "/a/b");
  CHECK(normal("a..b/..c/d..") == "/a..b/..c/d..");
  CHECK(normal(" ") == "/ ");
}

TEST_CASE("a path above the top is outside") {
  for (const auto* path : {"..", "/..", "a/../..", "../etc", "/../etc/passwd"})
    CHECK(normal(path) == fault(file_fault::outside));
}

TEST_CASE("what no file can be called is an invalid path") {
  const auto wrong = fault(file_fault::invalid_path);
  CHECK(normal(std::string_view{"a\0b", 3}) == wrong);
  CHECK(normal("\xff") == wrong);
  CHECK(normal(std::string(4096, 'a')) == wrong);
  CHECK(normal(std::string(256, 'a')) == wrong);
  CHECK(normal(std::string(255, 'a')) == "/" + std::string(255, 'a'));
  std::string deep;
  while (deep.size() < 4094)
    deep += "/a";
  CHECK(normal(deep) == deep);
  CHECK(normal(deep + "/a") == wrong);
}

TEST_CASE("an error about a path never quotes what a terminal would act on") {
  CHECK(normalise_path("\x1b[31m\xff").error().detail.find('\x1b') ==
        std::string::npos);
}

TEST_CASE("below is by whole segments") {
  CHECK(below("/root", "/root") == "");
  CHECK(below("/root/a/b", "/root") == "a/b");
  CHECK_FALSE(below("/root-secret", "/root"));
  CHECK_FALSE(below("/", "/root"));
  CHECK_FALSE(below("/roo", "/root"));
  CHECK(below("/a/b", "/") == "a/b");
  CHECK(below("/", "/") == "");
}

TEST_CASE("a path has a name, a folder and an extension") {
  CHECK(name_of("/a/b.c") == "b.c");
  CHECK(name_of("/") == "");
  CHECK(folder_of("/a/b.c") == "/a");
  CHECK(folder_of("/a") == "/");
  CHECK(folder_of("/") == "/");
  CHECK(join_path("/", "a") == "/a");
  CHECK(join_path("/a", "b/c") == "/a/b/c");
  CHECK(join_path("/a", "") == "/a");
  CHECK(extension_of("a.tar.gz") == ".gz");
  CHECK(extension_of(".gitignore") == "");
  CHECK(extension_of("Makefile") == "");
}
