#include "actors/os/files/file_cursor.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace outrigger::os {

file_cursor::file_cursor(int fd, std::uint64_t offset, std::uint64_t limit)
    : fd_(fd), offset_(offset), limit_(limit), begin_(offset),
      buffer_(max_ahead) {}

std::size_t file_cursor::ahead() const noexcept {
  return begin_ + size_ - offset_;
}

void file_cursor::move(std::uint64_t offset, std::uint64_t limit) noexcept {
  if (offset < begin_ || offset > begin_ + size_) {
    begin_ = offset;
    size_ = 0;
  }
  offset_ = offset;
  limit_ = limit;
}

result<std::string_view> file_cursor::peek(std::size_t wanted) {
  const auto left = limit_ - std::min(limit_, offset_);
  wanted = std::min<std::uint64_t>(std::min(wanted, max_ahead), left);
  if (ahead() < wanted) {
    size_ = ahead();
    std::memmove(buffer_.data(), buffer_.data() + (offset_ - begin_), size_);
    begin_ = offset_;
  }
  while (ahead() < wanted) {
    const ssize_t got = ::pread(fd_, buffer_.data() + size_, max_ahead - size_,
                                static_cast<off_t>(begin_ + size_));
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return os_error();
    if (got == 0)
      break;
    size_ += static_cast<std::size_t>(got);
  }
  const auto size = std::min<std::uint64_t>(ahead(), left);
  return std::string_view{buffer_.data() + (offset_ - begin_), size};
}

} // namespace outrigger::os
