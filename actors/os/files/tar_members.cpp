#include "actors/os/files/tar_members.hpp"

#include "actors/os/files/plain_locale.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>

namespace outrigger::os {

namespace {

constexpr std::size_t buffer_size = 64 * 1024;

/// For one call of libarchive: more than any header takes that is honest.
constexpr std::uint64_t max_input_per_call = 1 << 20;

/// What a member takes beside its content: headers, padding.
constexpr std::uint64_t max_overhead = 4096;

/// A block of zeros ends an archive.
constexpr std::int64_t block_size = 512;

std::string_view error_text(::archive* archive) {
  const char* text = ::archive_error_string(archive);
  return text == nullptr ? std::string_view{"unknown error"} : text;
}

/// In the plain locale, names that are not ASCII.
bool is_about_charset(::archive* archive) {
  return error_text(archive).find("can't be converted") !=
         std::string_view::npos;
}

std::string to_text(const char* text) {
  return text == nullptr ? "" : text;
}

member_kind kind_of(::archive_entry* entry) {
  if (::archive_entry_hardlink(entry) != nullptr)
    return member_kind::hard_link;
  switch (::archive_entry_filetype(entry)) {
  case AE_IFREG:
    return member_kind::file;
  case AE_IFDIR:
    return member_kind::folder;
  case AE_IFLNK:
    return member_kind::link;
  default:
    return member_kind::special;
  }
}

/// Null: before 1678 or after 2261, which nobody means.
std::optional<std::int64_t> modified_ns(::archive_entry* entry) {
  constexpr std::int64_t ns = 1'000'000'000;
  const std::int64_t seconds = ::archive_entry_mtime(entry);
  if (::archive_entry_mtime_is_set(entry) == 0 ||
      seconds > INT64_MAX / ns - 1 || seconds < INT64_MIN / ns + 1)
    return std::nullopt;
  return seconds * ns +
         std::clamp<std::int64_t>(::archive_entry_mtime_nsec(entry), 0, ns - 1);
}

} // namespace

tar_members::tar_members(std::unique_ptr<byte_decoder> input,
                         const archive_limits& limits,
                         archive_complaint& complaint)
    : input_(std::move(input)), limits_(limits), complaint_(complaint),
      buffer_(buffer_size) {}

tar_members::~tar_members() {
  ::archive_read_free(archive_);
}

result<std::size_t> tar_members::more() {
  // Beside what the files may be together.
  const auto overhead = (limits_.max_members + 1) * max_overhead + (1 << 20);
  if (given_ > overhead && given_ - overhead > limits_.max_bytes)
    return complaint_.about_archive("is too large when it is unpacked",
                                    errc::archive_limit);
  auto size = input_->read(buffer_.data(), buffer_.size());
  if (size)
    given_ += *size;
  return size;
}

result<std::size_t> tar_members::give() {
  if (given_now_ > max_input_per_call)
    return complaint_.about(name_, "is followed by headers of more than 1 MiB",
                            errc::archive_limit);
  auto size = more();
  if (size)
    given_now_ += *size;
  return size;
}

std::error_code tar_members::open() {
  const auto read = [](::archive* archive, void* data, const void** bytes) {
    auto& self = *static_cast<tar_members*>(data);
    *bytes = self.buffer_.data();
    const auto size = self.give();
    if (size)
      return static_cast<la_ssize_t>(*size);
    self.input_error_ = size.error();
    ::archive_set_error(archive, EIO, "no input");
    return la_ssize_t{ARCHIVE_FATAL};
  };
  archive_ = ::archive_read_new();
  if (archive_ == nullptr)
    return complaint_.about_archive("takes too much memory to unpack",
                                    os_error(ENOMEM));
  // No filters: the bytes are unpacked already, and there are some in
  // libarchive that start programs.
  if (::archive_read_support_format_tar(archive_) != ARCHIVE_OK ||
      ::archive_read_open2(archive_, this, nullptr, read, nullptr, nullptr) !=
          ARCHIVE_OK)
    return refuse();
  return {};
}

std::error_code tar_members::refuse() {
  if (input_error_)
    return input_error_; // has its complaint
  if (::archive_format(archive_) == 0)
    return complaint_.about_archive(
        "is none that is known: tar, packed by gzip, bzip2, xz or zstd, or "
        "zip");
  const std::string text{error_text(archive_)};
  return name_.empty()
             ? complaint_.about_archive("is damaged: " + text)
             : complaint_.about(name_, "is followed by damage: " + text);
}

std::error_code tar_members::fill(archive_member& member,
                                  ::archive_entry* entry) {
  const char* name = ::archive_entry_pathname(entry);
  member = {};
  member.name = to_text(name);
  name_ = member.name;
  member.kind = kind_of(entry);
  member.mode = ::archive_entry_perm(entry) & 07777;
  member.modified_ns = modified_ns(entry);
  if (member.kind == member_kind::link)
    member.target = to_text(::archive_entry_symlink(entry));
  // Old programs mark a folder by its name only.
  if (member.kind == member_kind::file && member.name.ends_with('/'))
    member.kind = member_kind::folder;
  const auto size = ::archive_entry_size(entry);
  if (size < 0)
    return complaint_.about(member.name, "has a size below zero");
  member.size = static_cast<std::uint64_t>(size);
  return {};
}

result<next_member> tar_members::next(archive_member& member) {
  if (at_end_)
    return drain();
  const plain_locale bytes_are_bytes;
  given_now_ = 0;
  if (archive_ == nullptr)
    if (auto error = open())
      return error;
  ::archive_entry* entry = nullptr;
  const int status = ::archive_read_next_header(archive_, &entry);
  if (status == ARCHIVE_EOF && !input_error_) {
    at_end_ = true;
    return next_member::later;
  }
  const bool fine = status == ARCHIVE_OK ||
                    (status == ARCHIVE_WARN && is_about_charset(archive_));
  if (!fine || input_error_)
    return refuse();
  if (auto error = fill(member, entry))
    return error;
  return next_member::found;
}

/// What is behind the end is read as well: only then are the checksums known to
/// be right, and that nothing was cut off.
result<next_member> tar_members::drain() {
  for (std::size_t done = 0; done < max_input_per_call;) {
    const auto size = more();
    if (!size)
      return size.error();
    if (*size == 0) {
      const auto end = ::archive_read_header_position(archive_) + block_size;
      // libarchive does without the block of zeros.
      if (static_cast<std::uint64_t>(end) > given_)
        return complaint_.about_archive("ends in the middle");
      return next_member::none;
    }
    done += *size;
  }
  return next_member::later;
}

result<member_piece> tar_members::read() {
  const plain_locale bytes_are_bytes;
  given_now_ = 0;
  const void* bytes = nullptr;
  std::size_t size = 0;
  la_int64_t offset = 0;
  const int status =
      ::archive_read_data_block(archive_, &bytes, &size, &offset);
  if (input_error_)
    return input_error_;
  if (status == ARCHIVE_EOF)
    return member_piece{};
  // Maps of holes may say anything.
  if (status == ARCHIVE_OK && offset >= 0 && size > 0 &&
      size <= 2 * max_input_per_call)
    return member_piece{{static_cast<const char*>(bytes), size},
                        static_cast<std::uint64_t>(offset)};
  if (status == ARCHIVE_OK)
    return complaint_.about(name_, "has parts where there can be none");
  return complaint_.about(name_,
                          "is damaged: " + std::string{error_text(archive_)});
}

} // namespace outrigger::os
