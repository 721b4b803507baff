#include "actors/os/files/tree_copy.hpp"

#include "actors/os/error.hpp"
#include "actors/os/files/file_read.hpp"
#include "actors/os/files/flush_file.hpp"
#include "actors/os/files/folder_chain.hpp"
#include "actors/os/files/kept_attributes.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <optional>
#include <utility>
#include <vector>

namespace outrigger::os {

namespace {

constexpr mode_t permissions = 01777;
constexpr mode_t private_file = 0600;
constexpr mode_t private_folder = 0700; // while it is filled

/// Of the names of folders that are still to be copied: as in a walk.
constexpr std::size_t max_held = std::size_t{64} << 20;

class tree_copier {
public:
  tree_copier(ownership owner, std::stop_token stop)
      : owner_(owner), stop_(std::move(stop)) {}

  std::error_code run(int from, const std::string& name, int to,
                      const std::string& as) {
    auto error = copy(from, name, to, as);
    if (error != std::errc::is_a_directory)
      return error;
    if (auto failed = begin(from, name, to, as))
      return failed;
    while (!todo_.empty()) {
      if (stop_.stop_requested())
        return os_error(ECANCELED);
      if (auto failed = step())
        return failed;
    }
    return {};
  }

  [[nodiscard]] copied total() const noexcept { return total_; }

private:
  /// A folder on the way down. The first is the top.
  struct folder {
    std::string name;
    struct stat status = {};
    bool read = false;
    std::vector<std::string> folders = {}; // still to be copied
  };

  /// A file or a link; EISDIR: neither.
  std::error_code copy(int from, const std::string& name, int to,
                       const std::string& as) {
    struct stat status {};
    if (::fstatat(from, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
      return os_error();
    std::error_code error = errc::not_a_file;
    if (S_ISDIR(status.st_mode))
      error = os_error(EISDIR);
    else if (S_ISREG(status.st_mode))
      error = copy_file(from, name, to, as, status);
    else if (S_ISLNK(status.st_mode))
      error = copy_link(from, name, to, as, status);
    if (!error)
      ++total_.entries;
    return error;
  }

  std::error_code copy_file(int from, const std::string& name, int to,
                            const std::string& as, const struct stat& status) {
    const auto source = open_regular(from, name);
    if (!source)
      return source.error();
    const auto target = create_entry(to, as, private_file);
    if (!target)
      return target.error();
    const auto size = copy_content(source->fd.get(), target->get(), stop_);
    if (!size)
      return size.error();
    if (auto error = flush_file(target->get()))
      return error;
    total_.bytes += *size;
    dress(source->fd.get(), target->get(), status);
    return {};
  }

  std::error_code copy_link(int from, const std::string& name, int to,
                            const std::string& as,
                            const struct stat& status) const {
    std::array<char, PATH_MAX> text{};
    const ssize_t size =
        ::readlinkat(from, name.c_str(), text.data(), text.size() - 1);
    if (size < 0 || ::symlinkat(text.data(), to, as.c_str()) != 0)
      return os_error();
    if (owner_ == ownership::kept)
      (void)!::fchownat(to, as.c_str(), status.st_uid, status.st_gid,
                        AT_SYMLINK_NOFOLLOW);
    const std::array<timespec, 2> times{status.st_atim, status.st_mtim};
    (void)::utimensat(to, as.c_str(), times.data(), AT_SYMLINK_NOFOLLOW);
    return {};
  }

  /// Gives the copy what belongs to its source besides the content. What is
  /// made is ours: who refuses does not know modes or times.
  void dress(int source, int target, const struct stat& status) const {
    struct stat made {};
    if (owner_ == ownership::kept)
      keep_attributes(source, target);
    else if (::fstat(target, &made) == 0)
      // A folder's set-group-ID is that of the one it was made in.
      (void)::fchmod(target,
                     (status.st_mode & permissions) |
                         (S_ISDIR(made.st_mode) ? made.st_mode & S_ISGID : 0));
    const std::array<timespec, 2> times{status.st_atim, status.st_mtim};
    (void)::futimens(target, times.data());
  }

  std::error_code begin(int from, const std::string& name, int to,
                        const std::string& as) {
    if (::mkdirat(to, as.c_str(), private_folder) != 0)
      return os_error();
    auto source = open_entry(from, name, O_RDONLY | O_DIRECTORY);
    auto target = open_entry(to, as, O_RDONLY | O_DIRECTORY);
    if (!source || !target)
      return source ? target.error() : source.error();
    folder top{name};
    struct stat made {};
    if (::fstat(source->get(), &top.status) != 0 ||
        ::fstat(target->get(), &made) != 0)
      return os_error();
    device_ = made.st_dev;
    inode_ = made.st_ino;
    source_.emplace(std::move(*source));
    target_.emplace(std::move(*target));
    todo_.push_back(std::move(top));
    return {};
  }

  std::error_code step() {
    auto& here = todo_.back();
    if (!here.read)
      return read(here);
    if (here.folders.empty())
      return leave();
    const auto name = std::move(here.folders.back());
    here.folders.pop_back();
    held_ -= sizeof name + name.size();
    return enter(name);
  }

  /// Copies what is no folder; what is one comes afterwards.
  std::error_code read(folder& here) {
    here.read = true;
    const auto from = source_->here();
    const auto to = target_->here();
    if (!from || !to)
      return from ? to.error() : from.error();
    auto entries = folder_reader::open(*from);
    if (!entries)
      return entries.error();
    for (;;) {
      if (stop_.stop_requested())
        return os_error(ECANCELED);
      const auto entry = entries->next();
      if (!entry)
        return entry.error();
      if (*entry == nullptr)
        return {};
      std::string name = (*entry)->d_name;
      const auto error = copy(*from, name, *to, name);
      if (error == std::errc::is_a_directory) {
        held_ += sizeof name + name.size();
        if (held_ > max_held)
          return os_error(EFBIG);
        here.folders.push_back(std::move(name));
      } else if (error && error != std::errc::no_such_file_or_directory)
        return error;
    }
  }

  std::error_code enter(const std::string& name) {
    folder next{name};
    const auto error = source_->enter(name, next.status);
    if (error == std::errc::no_such_file_or_directory)
      return {};
    if (error)
      return error;
    // By way of a mount a folder can be in itself, whatever its path says.
    if (next.status.st_dev == device_ && next.status.st_ino == inode_)
      return os_error(EINVAL);
    const auto to = target_->here();
    if (!to)
      return to.error();
    if (::mkdirat(*to, name.c_str(), private_folder) != 0)
      return os_error();
    todo_.push_back(std::move(next));
    struct stat made {};
    return target_->enter(name, made);
  }

  /// The folder's own times last: filling it has changed them.
  std::error_code leave() {
    const auto from = source_->here();
    const auto to = target_->here();
    if (!from || !to)
      return from ? to.error() : from.error();
    dress(*from, *to, todo_.back().status);
    todo_.pop_back();
    ++total_.entries;
    if (todo_.empty())
      return {};
    source_->leave();
    target_->leave();
    return {};
  }

  ownership owner_;
  std::stop_token stop_;
  std::optional<folder_chain> source_;
  std::optional<folder_chain> target_;
  dev_t device_ = 0; // of the copy's top
  ino_t inode_ = 0;
  std::vector<folder> todo_;
  std::size_t held_ = 0; // bytes of the names in todo_
  copied total_;
};

} // namespace

result<copied> copy_tree(int from, const std::string& name, int to,
                         const std::string& as, ownership owner,
                         std::stop_token stop) {
  tree_copier copier{owner, std::move(stop)};
  if (auto error = copier.run(from, name, to, as))
    return error;
  return copier.total();
}

} // namespace outrigger::os
