#include "actors/os/files/tar_writer.hpp"

#include "actors/os/files/plain_locale.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#include <cstdint>
#include <new>

namespace outrigger::os {

struct tar_writer::state {
  explicit state(sink to) : out(std::move(to)) {
    const auto write = [](::archive*, void* self, const void* bytes,
                          std::size_t size) {
      static_cast<state*>(self)->out({static_cast<const char*>(bytes), size});
      return static_cast<la_ssize_t>(size);
    };
    if (archive == nullptr || entry == nullptr ||
        ::archive_write_set_format_gnutar(archive) != ARCHIVE_OK ||
        ::archive_write_set_bytes_per_block(archive, 0) != ARCHIVE_OK ||
        ::archive_write_open2(archive, this, nullptr, write, nullptr,
                              nullptr) != ARCHIVE_OK)
      throw std::bad_alloc{}; // there is no other reason
  }
  state(const state&) = delete;
  state& operator=(const state&) = delete;
  ~state() {
    ::archive_entry_free(entry);
    ::archive_write_free(archive);
  }

  sink out;
  ::archive* archive = ::archive_write_new();
  ::archive_entry* entry = ::archive_entry_new();
};

tar_writer::tar_writer(sink out)
    : state_(std::make_unique<state>(std::move(out))) {}
tar_writer::tar_writer(tar_writer&&) noexcept = default;
tar_writer& tar_writer::operator=(tar_writer&&) noexcept = default;
tar_writer::~tar_writer() = default;

std::error_code tar_writer::begin(const std::string& name,
                                  const file_info& info,
                                  const std::string& target) {
  const plain_locale bytes_are_bytes;
  auto* entry = state_->entry;
  ::archive_entry_clear(entry);
  ::archive_entry_copy_pathname(entry, name.c_str());
  const bool link = info.kind == file_kind::link;
  const bool folder = info.kind == file_kind::directory;
  ::archive_entry_set_filetype(entry, link     ? AE_IFLNK
                                      : folder ? AE_IFDIR
                                               : AE_IFREG);
  if (link)
    ::archive_entry_copy_symlink(entry, target.c_str());
  ::archive_entry_set_perm(entry, info.mode & 0777);
  constexpr std::int64_t second = 1'000'000'000;
  // In whole seconds, as the format has them; none before 1970.
  ::archive_entry_set_mtime(
      entry, info.modified_ns < 0 ? 0 : info.modified_ns / second, 0);
  ::archive_entry_set_size(
      entry, link || folder ? 0 : static_cast<la_int64_t>(info.size));
  return ::archive_write_header(state_->archive, entry) >= ARCHIVE_WARN
             ? std::error_code{}
             : os_error(EINVAL);
}

void tar_writer::write(std::string_view bytes) {
  (void)::archive_write_data(state_->archive, bytes.data(), bytes.size());
}

void tar_writer::finish() {
  (void)::archive_write_finish_entry(state_->archive);
  (void)::archive_write_close(state_->archive);
}

} // namespace outrigger::os
