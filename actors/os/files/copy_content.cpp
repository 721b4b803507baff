// copy_content(): within the kernel where that is possible.
#include "actors/os/files/tree_copy.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

namespace outrigger::os {

namespace {

constexpr std::size_t piece = 1 << 20; // between two looks at `stop`

class content_copy {
public:
  content_copy(int from, int to) noexcept : from_(from), to_(to) {}

  result<std::uint64_t> run(const std::stop_token& stop) {
    for (;;) {
      if (stop.stop_requested())
        return os_error(ECANCELED);
      if (auto error = skip_hole())
        return error;
      const auto size = at_end_ ? 0 : copy_piece();
      if (!error_ && size == 0)
        return finish();
      if (error_)
        return error_;
      at_ += static_cast<off_t>(size);
    }
  }

private:
  std::error_code skip_hole() {
    const auto before = size();
    const off_t data = ::lseek(from_, at_, SEEK_DATA);
    if (data >= 0)
      at_ = data;
    else if (errno == ENXIO)
      end(before);
    else if (errno != EINVAL && errno != EOPNOTSUPP && errno != ESPIPE)
      return os_error();
    return {};
  }

  /// No data behind at_: a hole, or what others have cut off and append again
  /// meanwhile, which would be zeros in the copy.
  void end(off_t size_before) {
    at_end_ = true;
    size_ = at_;
    if (size_before == size())
      size_ = std::max(at_, size_before);
  }

  [[nodiscard]] off_t size() const {
    struct stat status {};
    return ::fstat(from_, &status) == 0 ? status.st_size : at_;
  }

  /// 0 at the end.
  std::size_t copy_piece() {
    while (!by_hand_) {
      off_t in = at_;
      off_t out = at_;
      const ssize_t size = ::copy_file_range(from_, &in, to_, &out, piece, 0);
      if (size > 0)
        return static_cast<std::size_t>(size);
      if (size < 0 && errno == EINTR)
        continue;
      if (size < 0 && errno != EXDEV && errno != EINVAL && errno != ENOSYS &&
          errno != EOPNOTSUPP && errno != EPERM) {
        error_ = os_error();
        return 0;
      }
      // Not between these file systems; or the end, but files whose status
      // tells no size always seem to be there.
      by_hand_ = true;
    }
    return read_and_write();
  }

  std::size_t read_and_write() {
    buffer_.resize(piece / 4);
    for (;;) {
      const ssize_t got = ::pread(from_, buffer_.data(), buffer_.size(), at_);
      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        error_ = os_error();
      const auto size = static_cast<std::size_t>(std::max<ssize_t>(got, 0));
      write(size);
      return error_ ? 0 : size;
    }
  }

  void write(std::size_t size) {
    for (std::size_t done = 0; done < size && !error_;) {
      const ssize_t written = ::pwrite(to_, buffer_.data() + done, size - done,
                                       at_ + static_cast<off_t>(done));
      if (written < 0 && errno != EINTR)
        error_ = os_error();
      done += static_cast<std::size_t>(std::max<ssize_t>(written, 0));
    }
  }

  /// A hole at the end is copied by giving the copy its size.
  result<std::uint64_t> finish() {
    if (at_end_ && ::ftruncate(to_, size_) != 0)
      return os_error();
    return static_cast<std::uint64_t>(at_end_ ? size_ : at_);
  }

  int from_;
  int to_;
  off_t at_ = 0;
  off_t size_ = 0;      // of the source, with at_end_
  bool at_end_ = false; // no data behind at_
  bool by_hand_ = false;
  std::error_code error_;
  std::vector<char> buffer_;
};

} // namespace

result<std::uint64_t> copy_content(int from, int to,
                                   const std::stop_token& stop) {
  return content_copy{from, to}.run(stop);
}

} // namespace outrigger::os
