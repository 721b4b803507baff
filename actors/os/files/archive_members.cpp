#include "actors/os/files/archive_members.hpp"

#include "actors/os/files/file_cursor.hpp"
#include "actors/os/files/tar_members.hpp"
#include "actors/os/files/zip_members.hpp"

namespace outrigger::os {

std::unique_ptr<archive_members> open_members(int fd,
                                              const archive_limits& limits,
                                              archive_complaint& complaint) {
  file_cursor file{fd};
  // An error comes again when the members are read.
  const auto start = file.peek(4);
  if (start && looks_like_zip(*start))
    return std::make_unique<zip_members>(fd, limits, complaint);
  return std::make_unique<tar_members>(make_decoder(fd, complaint), limits,
                                       complaint);
}

} // namespace outrigger::os
