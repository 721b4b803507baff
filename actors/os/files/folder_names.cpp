#include "actors/os/files/folder_names.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

namespace outrigger::os {

namespace {

/// What is asked of the kernel at a time.
constexpr std::size_t batch_size = 32 * 1024;

bool is_dots(const char* name) {
  return name[0] == '.' &&
         (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

file_kind kind_of(int folder, const char* name, unsigned char type) {
  switch (type) {
  case DT_REG:
    return file_kind::file;
  case DT_DIR:
    return file_kind::directory;
  case DT_LNK:
    return file_kind::link;
  case DT_UNKNOWN:
    break; // this file system does not say
  default:
    return file_kind::other;
  }
  struct stat status {};
  if (::fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
    return file_kind::other;
  return to_info(status).kind;
}

/// The first eight bytes as a number that is ordered as they are.
std::uint64_t start_of(std::string_view name) {
  std::uint64_t start = 0;
  for (std::size_t i = 0; i < sizeof start; ++i)
    start = start << 8 | (i < name.size() ? static_cast<unsigned char>(name[i])
                                          : std::uint64_t{0});
  return start;
}

} // namespace

result<folder_names> folder_names::read(int folder, std::size_t max_bytes) {
  // Offsets have 32 bits, and one batch comes on top.
  max_bytes = std::min<std::size_t>(max_bytes,
                                    std::numeric_limits<std::int32_t>::max());
  folder_names names;
  alignas(dirent64) std::array<char, batch_size> batch;
  for (;;) {
    const ssize_t size = ::getdents64(folder, batch.data(), batch.size());
    if (size < 0 && errno == EINTR)
      continue;
    if (size < 0)
      return os_error();
    if (size == 0)
      break;
    for (ssize_t at = 0; at < size;) {
      const auto* next = reinterpret_cast<const dirent64*>(batch.data() + at);
      at += next->d_reclen;
      if (!is_dots(next->d_name))
        names.add(folder, next->d_name, next->d_type);
    }
    if (names.bytes() > max_bytes)
      return os_error(EFBIG);
  }
  names.sort();
  return names;
}

void folder_names::add(int folder, const char* name, unsigned char type) {
  const std::string_view text{name};
  places_.push_back({start_of(text), static_cast<std::uint32_t>(text_.size()),
                     static_cast<std::uint16_t>(text.size()),
                     kind_of(folder, name, type)});
  text_.append(text).push_back('\0');
}

std::string_view folder_names::name_of(const place& at) const {
  return std::string_view{text_}.substr(at.offset, at.size);
}

bool folder_names::before(const place& a, const place& b) const {
  if (a.start != b.start)
    return a.start < b.start;
  return name_of(a) < name_of(b);
}

void folder_names::sort() {
  const auto in_order = [this](const auto& a, const auto& b) {
    return before(a, b);
  };
  const auto files =
      std::partition(places_.begin(), places_.end(), [](const auto& each) {
        return each.kind == file_kind::directory;
      });
  std::sort(places_.begin(), files, in_order);
  std::sort(files, places_.end(), in_order);
}

folder_names::entry folder_names::operator[](std::size_t index) const {
  return {name_of(places_[index]), places_[index].kind};
}

void folder_names::fold_case() {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  std::stable_sort(places_.begin(), places_.end(),
                   [&](const auto& a, const auto& b) {
                     const bool folder = a.kind == file_kind::directory;
                     if (folder != (b.kind == file_kind::directory))
                       return folder;
                     const auto left = name_of(a);
                     const auto right = name_of(b);
                     return std::lexicographical_compare(
                         left.begin(), left.end(), right.begin(), right.end(),
                         [&](char x, char y) { return lower(x) < lower(y); });
                   });
  folded_ = true;
}

bool folder_names::has_file(std::string_view name) const {
  if (folded_)
    return std::any_of(places_.begin(), places_.end(), [&](const auto& each) {
      return each.kind == file_kind::file && name_of(each) == name;
    });
  const auto files = std::partition_point(
      places_.begin(), places_.end(),
      [](const auto& each) { return each.kind == file_kind::directory; });
  const auto found =
      std::lower_bound(files, places_.end(), name,
                       [this](const auto& each, std::string_view wanted) {
                         return name_of(each) < wanted;
                       });
  return found != places_.end() && found->kind == file_kind::file &&
         name_of(*found) == name;
}

} // namespace outrigger::os
