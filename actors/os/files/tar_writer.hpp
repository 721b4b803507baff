// TAR WRITER: the bytes of a tar file, by libarchive, in GNU's format: names of
// any length and any bytes as they are, files of any size, no charsets.
#pragma once

#include "actors/os/files/file_info.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace outrigger::os {

class tar_writer {
public:
  /// Gets the bytes as they come.
  using sink = std::function<void(std::string_view)>;

  explicit tar_writer(sink out);
  tar_writer(tar_writer&&) noexcept;
  tar_writer& operator=(tar_writer&&) noexcept;
  ~tar_writer();

  /// Begins an entry; `target` of a link. Exactly `info.size` bytes follow if
  /// it is a file. EINVAL: it cannot be written down, and there is none.
  ///
  /// Owners are 0: those of this machine mean nothing elsewhere, and who may
  /// give files away, root, should not do so by unpacking. Permission bits are
  /// kept, set-user-id and the like are not: they would be root's by that.
  [[nodiscard]] std::error_code begin(const std::string& name,
                                      const file_info& info,
                                      const std::string& target = {});
  void write(std::string_view bytes);

  /// After the last entry.
  void finish();

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace outrigger::os
