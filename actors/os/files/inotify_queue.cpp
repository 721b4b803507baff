#include "actors/os/files/inotify_queue.hpp"

#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <string>
#include <utility>

namespace outrigger::os {

namespace {

/// What changes in a folder. Not IN_ATTRIB: a chmod is no change of content.
/// Not IN_CLOSE_WRITE: it would double what IN_MODIFY says already.
constexpr std::uint32_t in_folder = IN_CREATE | IN_DELETE | IN_MODIFY |
                                    IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR |
                                    IN_EXCL_UNLINK | IN_MASK_ADD;
constexpr std::uint32_t of_itself = IN_DELETE_SELF | IN_MOVE_SELF;

constexpr std::size_t read_size = 64 * 1024;

} // namespace

inotify_queue::inotify_queue(boost::asio::io_context& loop,
                             std::size_t max_watches)
    : readable_(loop), max_watches_(max_watches), buffer_(read_size) {}

inotify_queue::~inotify_queue() = default;

std::error_code inotify_queue::open() {
  if (is_open())
    return {};
  unique_fd fd{::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
  if (!fd)
    return os_error();
  boost::system::error_code failed;
  readable_.assign(fd.get(), failed);
  if (failed)
    return failed;
  fd_ = fd.release();
  return {};
}

result<inotify_queue::added> inotify_queue::add_locked(int folder,
                                                       std::uint32_t mask) {
  const auto path = "/proc/self/fd/" + std::to_string(folder);
  const int watch = ::inotify_add_watch(fd_, path.c_str(), mask);
  if (watch < 0)
    return os_error();
  if (watch <= newest_)
    return added{watch, false};
  newest_ = watch;
  if (watches_ >= max_watches_) {
    ::inotify_rm_watch(fd_, watch);
    return os_error(ENOSPC);
  }
  ++watches_;
  return added{watch, true};
}

result<int> inotify_queue::add(int folder, bool self) {
  const std::lock_guard lock{adding_};
  if (!is_open())
    return os_error(ENOSPC); // as good as used up
  auto got = add_locked(folder, in_folder | (self ? of_itself : 0U));
  if (!got)
    return got.error();
  return got->watch;
}

bool inotify_queue::has_room(int folder) {
  const std::lock_guard lock{adding_};
  if (!is_open())
    return false;
  const auto got = add_locked(folder, in_folder);
  if (!got)
    return false;
  if (got->fresh) {
    ::inotify_rm_watch(fd_, got->watch);
    --watches_;
  }
  return true;
}

void inotify_queue::remove(int watch) {
  ::inotify_rm_watch(fd_, watch); // EINVAL: the kernel was faster
  --watches_;
}

void inotify_queue::wait(std::function<void()> readable) {
  readable_.async_wait(
      boost::asio::posix::stream_descriptor::wait_read,
      [readable = std::move(readable), alive = std::weak_ptr<int>(alive_)](
          const boost::system::error_code& failed) {
        if (!failed && !alive.expired())
          readable();
      });
}

std::string_view inotify_queue::read() {
  ssize_t size = 0;
  do {
    size = ::read(fd_, buffer_.data(), buffer_.size());
  } while (size < 0 && errno == EINTR);
  if (size <= 0)
    return {};
  return {buffer_.data(), static_cast<std::size_t>(size)};
}

bool inotify_queue::has_more() const {
  int bytes = 0;
  return is_open() && ::ioctl(fd_, FIONREAD, &bytes) == 0 && bytes > 0;
}

} // namespace outrigger::os
