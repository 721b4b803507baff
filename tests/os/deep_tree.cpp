#include "tests/os/deep_tree.hpp"

#include "actors/os/unique_fd.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

namespace outrigger::os::test {

namespace {

unique_fd open_folder(int folder, const char* name) {
  return unique_fd(::openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

} // namespace

void make_deep(const std::string& path, std::size_t depth) {
  auto here = open_folder(AT_FDCWD, path.c_str());
  for (std::size_t i = 0; i < depth; ++i) {
    REQUIRE(::mkdirat(here.get(), "d", 0755) == 0);
    here = open_folder(here.get(), "d");
    const unique_fd file(
        ::openat(here.get(), "f", O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    REQUIRE(file);
  }
}

std::size_t depth_of(const std::string& path) {
  std::size_t depth = 0;
  auto here = open_folder(AT_FDCWD, path.c_str());
  while ((here = open_folder(here.get(), "d")))
    ++depth;
  return depth;
}

bool limit_descriptors(std::size_t most) {
  const rlimit limit{most, most};
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

} // namespace outrigger::os::test
