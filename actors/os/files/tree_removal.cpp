#include "actors/os/files/tree_removal.hpp"

#include "actors/os/files/folder_chain.hpp"
#include "actors/os/files/root_dir.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>
#include <vector>

namespace outrigger::os {

namespace {

std::error_code unlink_entry(int folder, const std::string& name, int flags) {
  return ::unlinkat(folder, name.c_str(), flags) == 0 ? std::error_code{}
                                                      : os_error();
}

bool is_not_empty(std::error_code error) {
  return error == std::errc::directory_not_empty ||
         error == std::errc::file_exists;
}

class removal {
public:
  removal(int parent, unique_fd top, const std::string& name,
          std::stop_token stop)
      : parent_(parent), chain_(std::move(top)), stop_(std::move(stop)) {
    todo_.push_back({name});
  }

  /// The first reason why something stayed.
  std::error_code run() {
    while (!todo_.empty() && !stop_.stop_requested())
      step();
    if (!todo_.empty())
      return os_error(ECANCELED);
    return first_;
  }

  [[nodiscard]] std::uint64_t removed() const noexcept { return removed_; }

private:
  /// A folder on the way down. The first is the top.
  struct folder {
    std::string name;
    int round = 1;
    bool read = false;
    bool more = false;                     // than these:
    std::vector<std::string> folders = {}; // still in it
    std::uint64_t removed = 0;             // in all, when it was read
  };

  void step() {
    auto& here = todo_.back();
    if (!here.read)
      return read(here);
    if (here.folders.empty()) {
      // As long as that helps: what stays would be read for ever.
      here.read = !here.more || here.removed == removed_;
      return here.read ? leave() : void();
    }
    const auto name = std::move(here.folders.back());
    here.folders.pop_back();
    --held_;
    enter(name);
  }

  void note(std::error_code error) {
    if (!first_ && error != std::errc::no_such_file_or_directory)
      first_ = error;
  }

  void count(std::error_code error) {
    if (error)
      note(error);
    else
      ++removed_;
  }

  /// Removes what is no folder; what is one comes afterwards.
  void read(folder& here) {
    here.read = true;
    here.more = false;
    here.removed = removed_;
    const auto fd = chain_.here();
    if (!fd)
      return note(fd.error());
    auto entries = folder_reader::open(*fd);
    if (!entries)
      return note(entries.error());
    while (!stop_.stop_requested()) {
      const auto entry = entries->next();
      if (!entry)
        return note(entry.error());
      if (*entry == nullptr)
        return;
      std::string name = (*entry)->d_name;
      const auto error = (*entry)->d_type == DT_DIR
                             ? os_error(EISDIR)
                             : unlink_entry(*fd, name, 0);
      if (error != std::errc::is_a_directory) {
        count(error);
        continue;
      }
      here.more = held_ >= removal_names && !here.folders.empty();
      if (here.more)
        return;
      here.folders.push_back(std::move(name));
      ++held_;
    }
  }

  void enter(const std::string& name, int round = 1) {
    struct stat status {};
    const auto error = chain_.enter(name, status);
    if (!error)
      return todo_.push_back({name, round});
    const auto fd = chain_.here();
    if (!fd)
      return note(fd.error());
    // Something else by now, or a folder we cannot look into: it may be empty.
    const auto otherwise = unlink_entry(
        *fd, name, error == std::errc::permission_denied ? AT_REMOVEDIR : 0);
    if (otherwise)
      note(error);
    else
      ++removed_;
  }

  /// Removes the folder we are in, which was empty a moment ago.
  void leave() {
    const auto left = std::move(todo_.back());
    todo_.pop_back();
    const bool top = todo_.empty();
    if (!top)
      chain_.leave();
    const auto fd = top ? result<int>{parent_} : chain_.here();
    const auto error =
        fd ? unlink_entry(*fd, left.name, AT_REMOVEDIR) : fd.error();
    // Somebody put something into it. What we could not remove is no reason
    // to try again.
    if (!is_not_empty(error) || first_ || left.round == removal_rounds)
      return count(error);
    if (top)
      todo_.push_back({left.name, left.round + 1});
    else
      enter(left.name, left.round + 1);
  }

  int parent_;
  folder_chain chain_;
  std::stop_token stop_;
  std::vector<folder> todo_;
  std::size_t held_ = 0; // names in todo_
  std::uint64_t removed_ = 0;
  std::error_code first_;
};

} // namespace

result<std::uint64_t> remove_tree(int folder, const std::string& name,
                                  std::stop_token stop) {
  if (stop.stop_requested())
    return os_error(ECANCELED);
  const auto error = unlink_entry(folder, name, 0);
  if (!error)
    return std::uint64_t{1};
  if (error != std::errc::is_a_directory)
    return error;
  auto top = open_entry(folder, name, O_RDONLY | O_DIRECTORY);
  if (!top) { // it may be empty
    if (!unlink_entry(folder, name, AT_REMOVEDIR))
      return std::uint64_t{1};
    return top.error();
  }
  removal work{folder, std::move(*top), name, std::move(stop)};
  if (auto failed = work.run())
    return failed;
  return work.removed();
}

} // namespace outrigger::os
