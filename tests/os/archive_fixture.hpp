// A tree, and archives unpacked into it in one call.
#pragma once

#include "actors/os/files/archive_reader.hpp"
#include "actors/os/files/archive_writer.hpp"
#include "tests/os/archive_bytes.hpp"
#include "tests/os/writer_fixture.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace outrigger::os::test {

struct unpacking {
  std::error_code error;
  std::string complaint;
  extracted done;
};

struct archive_fixture : writer_fixture {
  archive_fixture(); // with the usual umask: what is unpacked is less that

  /// From a file that is open, to a folder below the root.
  [[nodiscard]] unpacking unpack_file(unique_fd archive,
                                      std::string_view destination,
                                      const extract_options& options = {});
  [[nodiscard]] unpacking unpack(std::string_view bytes,
                                 std::string_view destination = "new",
                                 const extract_options& options = {});

  /// Unpacks into a new folder and into one that has things in it: refused with
  /// this error and a complaint with this in it, and everything around is as
  /// it was.
  void refuses(std::string_view bytes, std::string_view complaint,
               std::error_code error = errc::bad_archive,
               const extract_options& options = {});

  /// Packs sources of the root, whole.
  [[nodiscard]] std::string pack(const std::vector<std::string>& paths,
                                 archive_options options = {});

  /// What there is around the root and in it: each path with its type and mode,
  /// and the content of a file or link.
  [[nodiscard]] std::map<std::string, std::string> everything() const;
};

/// What there is below a folder, as above, by paths below it.
std::map<std::string, std::string> contents_of(const std::string& folder);

/// A file of no name with these bytes.
unique_fd file_of(std::string_view bytes);

/// Runs a shell command and requires that it succeeds.
void run(const std::string& command);

} // namespace outrigger::os::test
