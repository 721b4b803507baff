#include "actors/os/files/file_read.hpp"

#include "actors/os/error.hpp"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

namespace outrigger::os {

namespace {

/// What is asked of the kernel at a time.
constexpr std::size_t max_step = 256 * 1024;

std::error_code refusal(file_kind kind) {
  switch (kind) {
  case file_kind::file:
    return {};
  case file_kind::directory:
    return os_error(EISDIR);
  case file_kind::link:
    return os_error(ELOOP);
  case file_kind::other:
    break;
  }
  return errc::not_a_file;
}

/// `place` is O_PATH: looked at before it is opened, because opening alone does
/// something to a FIFO's writer or to a device.
result<open_file> open_if_regular(result<unique_fd> place) {
  if (!place)
    return place.error();
  const auto looked_at = info_of(place->get());
  if (!looked_at)
    return looked_at.error();
  if (auto refused = refusal(looked_at->kind))
    return refused;
  auto opened = reopen(place->get(), O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!opened)
    return opened.error();
  auto info = info_of(opened->get());
  if (!info)
    return info.error();
  return open_file{std::move(*opened), *info};
}

/// Appends at most `size` bytes to `text`; none at the end of the file.
std::error_code append(int fd, std::string& text, std::uint64_t offset,
                       std::size_t size) {
  const auto before = text.size();
  text.resize(before + size);
  for (;;) {
    const ssize_t got =
        ::pread(fd, text.data() + before, size, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR)
      continue;
    const auto error = got < 0 ? os_error() : std::error_code{};
    text.resize(before + (got > 0 ? static_cast<std::size_t>(got) : 0));
    return error;
  }
}

} // namespace

result<open_file> open_regular(const root_dir& root, std::string_view path) {
  return open_if_regular(root.open(path, O_PATH));
}

result<open_file> open_regular(int folder, const std::string& name) {
  return open_if_regular(open_entry(folder, name, O_PATH));
}

result<open_file> open_regular_cached(const root_dir& root,
                                      std::string_view path) {
  return open_if_regular(root.open_cached(path, O_PATH));
}

result<std::string> read_cached(int fd, std::uint64_t offset,
                                std::size_t size) {
  std::string text(size, '\0');
  iovec room{text.data(), size};
  const ssize_t got =
      ::preadv2(fd, &room, 1, static_cast<off_t>(offset), RWF_NOWAIT);
  // Fewer bytes may mean that the rest is not in memory.
  if (got < 0 || static_cast<std::size_t>(got) != size)
    return os_error(EAGAIN);
  return text;
}

result<std::string> read_at(int fd, std::uint64_t offset, std::size_t size) {
  std::string text;
  constexpr auto last = static_cast<std::uint64_t>(INT64_MAX); // of off_t
  size = std::min(size, offset < last ? last - offset : 0);
  while (text.size() < size) {
    const auto before = text.size();
    if (auto error = append(fd, text, offset + before,
                            std::min(max_step, size - before)))
      return error;
    if (text.size() == before)
      break;
  }
  return text;
}

result<std::string> read_whole(int fd, std::size_t max_size) {
  const auto info = info_of(fd);
  if (!info)
    return info.error();
  // One byte more tells whether there is one.
  const std::size_t enough = std::min<std::size_t>(max_size, SIZE_MAX - 1) + 1;
  const auto likely = std::min<std::uint64_t>(info->size, enough - 1) + 1;
  std::string text;
  text.reserve(likely);
  for (;;) {
    const auto before = text.size();
    const auto wanted = before < likely ? likely - before : max_step;
    if (auto error = append(fd, text, before, std::min(max_step, wanted)))
      return error;
    if (text.size() > max_size)
      return os_error(EFBIG);
    if (text.size() == before)
      return text;
  }
}

} // namespace outrigger::os
