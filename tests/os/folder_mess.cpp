#include "tests/os/folder_mess.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace outrigger::os::test {

namespace fs = std::filesystem;

namespace {

void write(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (fd >= 0) {
    if (::write(fd, "x", 1) != 1)
      ::unlink(path.c_str());
    ::close(fd);
  }
}

void remove(const std::string& folder) {
  std::error_code ignored;
  fs::remove_all(folder, ignored);
}

} // namespace

std::size_t roll(dice& of, std::size_t sides) {
  return std::uniform_int_distribution<std::size_t>{0, sides - 1}(of);
}

std::string joined(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : folder + "/" + name;
}

void list(const std::string& real, const std::string& shown,
          const std::set<std::string>& left_out, entries& out) {
  std::error_code failed;
  for (fs::directory_iterator each{real, failed}, end; !failed && each != end;
       each.increment(failed)) {
    const auto name = each->path().filename().string();
    if (left_out.count(name) > 0)
      continue;
    std::error_code unknown;
    const auto kind = each->symlink_status(unknown).type();
    if (kind == fs::file_type::not_found)
      continue;
    const auto path = joined(shown, name);
    out[path] = kind == fs::file_type::directory;
    if (out[path])
      list(real + "/" + name, path, left_out, out);
  }
}

void copy(entries& all, const std::string& from, const std::string& to) {
  entries more;
  const auto below = from + "/";
  for (auto at = all.lower_bound(below);
       at != all.end() && at->first.compare(0, below.size(), below) == 0; ++at)
    more[to + at->first.substr(from.size())] = at->second;
  all.merge(more);
}

void forget(entries& all, const std::string& path) {
  all.erase(path);
  const auto below = path + "/";
  auto at = all.lower_bound(below);
  while (at != all.end() && at->first.compare(0, below.size(), below) == 0)
    at = all.erase(at);
}

void mess::step() {
  std::error_code ignored;
  const auto here = place();
  switch (roll(dice_, 16)) {
  case 0:
  case 1:
  case 2:
  case 3:
    fs::create_directories(here, ignored);
    break;
  case 4:
  case 5:
  case 6:
    write(here + "/" + file());
    break;
  case 7:
  case 8:
  case 9:
  case 10:
    ::rename(here.c_str(), place().c_str());
    break;
  case 11:
    ::rename((here + "/" + file()).c_str(), (place() + "/" + file()).c_str());
    break;
  case 12:
    ::unlink((here + "/" + file()).c_str());
    break;
  case 13:
    fill(here);
    break;
  case 14:
    fs::create_symlink("..", here + "/link", ignored);
    break;
  default:
    remove(here);
  }
}

std::string mess::place() {
  static const char* const names[] = {"a", "b", "c", "skip"};
  std::string path = roll(dice_, 10) == 0 ? tree_("outside") : tree_.in("");
  if (path.back() == '/')
    path.pop_back();
  for (auto depth = 1 + roll(dice_, 4); depth > 0; --depth)
    path += std::string{"/"} + names[roll(dice_, std::size(names))];
  return path;
}

std::string mess::file() {
  return "f" + std::to_string(roll(dice_, 3));
}

/// More than goes into one step of a scan.
void mess::fill(const std::string& folder) const {
  std::error_code ignored;
  for (std::size_t i = 0; i < crowd_; ++i)
    if (i % 8 == 0)
      fs::create_directories(folder + "/d" + std::to_string(i), ignored);
    else
      write(folder + "/e" + std::to_string(i));
}

std::string without_watch(const std::set<std::string>& folders) {
  std::set<std::uint64_t> watched; // inodes
  for (const auto& each : fs::directory_iterator{"/proc/self/fdinfo"}) {
    std::ifstream file{each.path()};
    for (std::string line; std::getline(file, line);)
      if (const auto at = line.find(" ino:");
          line.starts_with("inotify") && at != std::string::npos)
        watched.insert(std::stoull(line.substr(at + 5), nullptr, 16));
  }
  std::string out;
  for (const auto& each : folders) {
    struct stat status {};
    if (::stat(each.c_str(), &status) == 0 && watched.count(status.st_ino) == 0)
      out += "no watch: " + each + "\n";
  }
  return out;
}

} // namespace outrigger::os::test
