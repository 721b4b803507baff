#include "actors/os/token_file.hpp"

#include "actors/os/error.hpp"
#include "actors/os/unique_fd.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace outrigger::os {

namespace {

constexpr std::size_t min_token = 32;
constexpr std::size_t max_token = 1024;

bool is_token_character(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z') ||
         std::string_view("._~+/=-").find(c) != std::string_view::npos;
}

result<std::string> read_all(int fd) {
  std::array<char, max_token + 2> buffer{};
  std::size_t size = 0;
  while (size < buffer.size()) {
    const ssize_t got = ::read(fd, buffer.data() + size, buffer.size() - size);
    if (got == 0)
      break;
    if (got < 0 && errno != EINTR)
      return os_error();
    size += got > 0 ? static_cast<std::size_t>(got) : 0;
  }
  return std::string(buffer.data(), size);
}

std::string to_hex(const std::array<unsigned char, 32>& bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const auto byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

result<std::string> random_hex() {
  std::array<unsigned char, 32> bytes{};
  // Up to 256 bytes come whole and uninterrupted once the pool is ready.
  while (::getrandom(bytes.data(), bytes.size(), 0) !=
         static_cast<ssize_t>(bytes.size()))
    if (errno != EINTR)
      return os_error();
  return to_hex(bytes);
}

std::error_code write_synced(const std::string& path, std::string_view text) {
  const unique_fd fd(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
             0600));
  if (!fd)
    return os_error();
  while (!text.empty()) {
    const ssize_t written = ::write(fd.get(), text.data(), text.size());
    if (written < 0 && errno != EINTR)
      return os_error();
    text.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
  }
  if (::fchmod(fd.get(), 0600) != 0 || ::fsync(fd.get()) != 0)
    return os_error();
  return {};
}

std::error_code sync_directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "."
                                : slash == 0               ? "/"
                                             : path.substr(0, slash);
  const unique_fd fd(
      ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0)
    return os_error();
  return {};
}

// Gives the temporary file its name unless there is one by that name.
std::error_code rename_new(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(),
                  RENAME_NOREPLACE) == 0)
    return {};
  if (errno != EINVAL && errno != ENOSYS)
    return os_error();
  // A file system without RENAME_NOREPLACE: a link does not replace either.
  if (::link(from.c_str(), to.c_str()) != 0)
    return os_error();
  ::unlink(from.c_str());
  return {};
}

} // namespace

result<std::string> read_token(const std::string& path) {
  // O_NONBLOCK: a FIFO must not hold up the start.
  const unique_fd fd(
      ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd)
    return os_error();
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0)
    return os_error();
  if (!S_ISREG(status.st_mode))
    return errc::bad_token;
  if (status.st_uid != ::geteuid() && status.st_uid != 0)
    return errc::foreign_owner;
  if ((status.st_mode & 077) != 0)
    return errc::exposed;
  auto token = read_all(fd.get());
  if (!token)
    return token.error();
  while (!token->empty() && (token->back() == '\n' || token->back() == '\r'))
    token->pop_back();
  if (token->size() < min_token || token->size() > max_token ||
      !std::all_of(token->begin(), token->end(), is_token_character))
    return errc::bad_token;
  return token;
}

result<std::string> read_or_create_token(const std::string& path) {
  auto existing = read_token(path);
  if (existing || existing.error() != os_error(ENOENT))
    return existing;
  auto token = random_hex();
  auto suffix = random_hex();
  if (!token || !suffix)
    return token ? suffix.error() : token.error();
  const std::string temporary = path + "." + suffix->substr(0, 16);
  auto error = write_synced(temporary, *token + "\n");
  if (!error)
    error = rename_new(temporary, path);
  if (error) {
    ::unlink(temporary.c_str());
    // Somebody was faster: theirs is the token.
    return error == os_error(EEXIST) ? read_token(path) : error;
  }
  if (auto unsynced = sync_directory_of(path))
    return unsynced;
  return token;
}

} // namespace outrigger::os
