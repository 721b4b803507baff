// Archives made byte by byte, so that they can say what no program writes.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace outrigger::os::test {

struct tar_entry {
  std::string name;
  std::string content;
  char type = '0'; // '1' hard link, '2' link, '5' folder, '6' FIFO, …
  std::string target = {};
  mode_t mode = 0644;
  std::optional<std::uint64_t> size = {}; // when it is not the content's
  std::int64_t modified = 1'700'000'000;  // seconds
};

/// One header and its content; names of more than 100 bytes as GNU has them.
std::string tar_member(const tar_entry& entry);
/// A whole file, with its end.
std::string tar_bytes(const std::vector<tar_entry>& entries);
/// A header of pax in front of an entry: "key=value".
std::string pax_bytes(const std::vector<std::string>& attributes);
inline const std::string tar_end(1024, '\0');

struct zip_entry {
  std::string name;
  std::string content;
  bool deflated = false;
  std::uint32_t mode = 0100644; // with the type
  std::uint16_t flags = 0;
  std::optional<std::string> local_name = {};
  std::optional<std::uint16_t> method = {};
  std::optional<std::uint32_t> checksum = {};
  std::optional<std::uint32_t> size = {};   // unpacked
  std::optional<std::uint32_t> offset = {}; // of the local header
};

struct zip_shape {
  bool wide = false; // with the records of zip64
  std::string comment = {};
  std::string front = {};               // before it all, and not counted
  std::optional<std::uint16_t> members; // said at the end
};

std::string zip_bytes(const std::vector<zip_entry>& entries,
                      const zip_shape& shape = {});

std::string gzip_bytes(std::string_view bytes, int level = 6);

} // namespace outrigger::os::test
