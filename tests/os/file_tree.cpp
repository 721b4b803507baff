#include "tests/os/file_tree.hpp"

#include <catch2/catch.hpp>

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace outrigger::os::test {

namespace fs = std::filesystem;

file_tree::file_tree(storage where)
    : directory_(where == storage::memory && ::access("/dev/shm", W_OK) == 0
                     ? "/dev/shm"
                     : "/tmp") {
  make_folder_at(in(""));
}

std::string file_tree::operator()(std::string_view name) const {
  return directory_.path() + "/" + std::string{name};
}

std::string file_tree::in(std::string_view name) const {
  return (*this)("root/") + std::string{name};
}

root_dir file_tree::root(path_resolver how, std::string_view folder) const {
  auto opened = root_dir::open((*this)(folder), how);
  REQUIRE(opened.has_value());
  return *opened;
}

void write_file(const std::string& path, std::string_view text, mode_t mode) {
  std::ofstream(path, std::ios::binary) << text;
  REQUIRE(::chmod(path.c_str(), mode) == 0);
}

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return std::nullopt;
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

void make_folder_at(const std::string& path) {
  REQUIRE(::mkdir(path.c_str(), 0755) == 0);
}

void make_link(const std::string& target, const std::string& path) {
  REQUIRE(::symlink(target.c_str(), path.c_str()) == 0);
}

mode_t mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

bool exists(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

std::vector<std::string> names_in(const std::string& path) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(path))
    names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

std::size_t pending_below(const std::string& path) {
  const fs::recursive_directory_iterator entries(path);
  return static_cast<std::size_t>(
      std::count_if(begin(entries), end(entries), [](const auto& entry) {
        return entry.path().filename().string().starts_with(".outrigger-");
      }));
}

std::size_t open_descriptors() {
  const fs::directory_iterator entries("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

small_disk::small_disk(const std::string& path, const std::string& size,
                       const char* type)
    : path_(path), mounted_(::mount(type, path.c_str(), type, 0,
                                    ("size=" + size).c_str()) == 0) {}

small_disk::~small_disk() {
  if (mounted_)
    ::umount2(path_.c_str(), MNT_DETACH);
}

} // namespace outrigger::os::test
