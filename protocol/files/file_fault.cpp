#include "protocol/files/file_fault.hpp"

#include <array>
#include <cstddef>

namespace outrigger {

namespace {

using f = file_fault;

constexpr auto table = std::to_array<fault_names>({
    {f::not_found, errc::not_found, "FILE_NOT_FOUND", "NOT_FOUND",
     "file not found"},
    {f::exists, errc::conflict, "FILE_ALREADY_EXISTS", "PATH_EXISTS",
     "exists already"},
    {f::denied, errc::forbidden, "PERMISSION_DENIED", "PERMISSION_DENIED",
     "permission denied"},
    {f::read_only, errc::forbidden, "READONLY_SCOPE", "PERMISSION_DENIED",
     "read only"},
    {f::outside, errc::forbidden, "PERMISSION_DENIED", "INVALID_PATH",
     "outside the workspace"},
    {f::invalid_path, errc::malformed, "INVALID_PATH", "INVALID_PATH",
     "invalid path"},
    {f::is_directory, errc::malformed, "INVALID_PATH", "IS_DIRECTORY",
     "is a directory"},
    {f::not_a_directory, errc::malformed, "INVALID_PATH", "IS_FILE",
     "not a directory"},
    {f::special, errc::malformed, "INVALID_PATH", "INVALID_PATH",
     "not a regular file"},
    {f::not_empty, errc::malformed, "DIRECTORY_NOT_EMPTY", "PATH_EXISTS",
     "the directory is not empty"},
    {f::changed, errc::conflict, "CONTENT_CONFLICT", "PATH_EXISTS",
     "changed meanwhile"},
    {f::precondition, errc::precondition, "CONTENT_CONFLICT", "PATH_EXISTS",
     "not the expected version"},
    {f::binary, errc::media_type, "INVALID_FILE_TYPE", "BINARY_FILE",
     "not a text file"},
    {f::too_large, errc::too_large, "FILE_TOO_LARGE", "FILE_TOO_LARGE",
     "too large"},
    {f::range, errc::range, "RANGE_NOT_SATISFIABLE", "INTERNAL_ERROR",
     "the range is not within the file"},
    {f::no_space, errc::no_space, "INSUFFICIENT_STORAGE", "INTERNAL_ERROR",
     "no space left on the disk"},
    {f::bad_archive, errc::malformed, "INVALID_ARCHIVE", "INTERNAL_ERROR",
     "the archive is refused"},
    {f::archive_limit, errc::malformed, "ARCHIVE_LIMIT_EXCEEDED",
     "FILE_TOO_LARGE", "the archive holds too much"},
    {f::busy, errc::conflict, "CONTENT_CONFLICT", "INTERNAL_ERROR",
     "in use: try again"},
    {f::limit, errc::conflict, "LIMIT_REACHED", "INTERNAL_ERROR",
     "too many at a time"},
    {f::timeout, errc::timeout, "TIMEOUT", "INTERNAL_ERROR",
     "not done in time"},
    {f::bad_strategy, errc::malformed, "INVALID_CONFLICT_STRATEGY",
     "INTERNAL_ERROR", "unknown conflict strategy"},
    {f::bad_action, errc::malformed, "INVALID_ARCHIVE_ACTION", "INTERNAL_ERROR",
     "unknown archive action"},
    {f::bad_filename, errc::malformed, "INVALID_UPLOAD_FILENAME",
     "INVALID_PATH", "not a file name"},
    {f::no_operation, errc::not_found, "EXTRACT_OPERATION_NOT_FOUND",
     "NOT_FOUND", "extract operation not found"},
    {f::io, errc::internal, "INTERNAL_ERROR", "INTERNAL_ERROR",
     "the disk failed"},
});

/// One row for each fault, in their order.
constexpr bool is_complete() {
  std::size_t number = 0; // of none, which has no row
  for (const auto& row : table)
    if (static_cast<std::size_t>(row.fault) != ++number)
      return false;
  return number == static_cast<std::size_t>(f::io);
}
static_assert(is_complete());

} // namespace

std::span<const fault_names> file_faults() {
  return table;
}

const fault_names& names_of(file_fault fault) {
  const auto number = static_cast<std::size_t>(fault);
  return number == 0 || number > table.size() ? table.back()
                                              : table[number - 1];
}

error file_error(file_fault fault, std::string_view path,
                 std::string_view why) {
  const auto& row = names_of(fault);
  error out{row.code, std::string{row.sentence}};
  out.detail.append(": ").append(path);
  if (!why.empty())
    out.detail.append(" (").append(why).append(")");
  out.fault = fault;
  out.path = path;
  return out;
}

} // namespace outrigger
