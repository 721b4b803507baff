#include "actors/files/faults.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include "actors/os/error.hpp"

namespace outrigger {

namespace {

struct translation {
  int from;
  file_fault to;
};

constexpr auto kernel = std::to_array<translation>({
    {ENOENT, file_fault::not_found},
    {EEXIST, file_fault::exists},
    {EACCES, file_fault::denied},
    {EPERM, file_fault::denied}, // immutable, among others
    {EROFS, file_fault::read_only},
    {EXDEV, file_fault::outside},
    {ELOOP, file_fault::outside}, // a link of /proc, or one that goes in rings
    {EINVAL, file_fault::invalid_path},
    {ENAMETOOLONG, file_fault::invalid_path},
    {EILSEQ, file_fault::invalid_path},
    {EISDIR, file_fault::is_directory},
    {ENOTDIR, file_fault::not_a_directory},
    {ENOTEMPTY, file_fault::not_empty},
    {ENXIO, file_fault::special},
    {ENODEV, file_fault::special},
    {EFBIG, file_fault::too_large},
    {ENOSPC, file_fault::no_space},
    {EDQUOT, file_fault::no_space},
    {EBUSY, file_fault::busy},
    {ETXTBSY, file_fault::busy},
    {EAGAIN, file_fault::busy}, // somebody kept renaming on the way
    {EMFILE, file_fault::limit},
    {ENFILE, file_fault::limit},
    {EMLINK, file_fault::limit},
    {ECANCELED, file_fault::timeout},
});

constexpr auto own = std::to_array<translation>({
    {static_cast<int>(os::errc::not_a_file), file_fault::special},
    {static_cast<int>(os::errc::changed), file_fault::precondition},
    {static_cast<int>(os::errc::bad_archive), file_fault::bad_archive},
    {static_cast<int>(os::errc::archive_limit), file_fault::archive_limit},
});

template <class Table>
file_fault look_up(const Table& table, int value) {
  const auto row = std::find_if(table.begin(), table.end(),
                                [&](const auto& r) { return r.from == value; });
  return row == table.end() ? file_fault::io : row->to;
}

} // namespace

file_fault fault_of(const std::error_code& what) {
  if (what.category() == os::os_category())
    return look_up(own, what.value());
  return look_up(kernel, what.value());
}

error to_error(const std::error_code& what, std::string_view path) {
  const auto fault = fault_of(what);
  // Where the sentence of the fault leaves open what it was.
  const bool vague = fault == file_fault::io || fault == file_fault::limit ||
                     fault == file_fault::denied ||
                     fault == file_fault::invalid_path || what.value() == ELOOP;
  return file_error(fault, path, vague ? what.message() : std::string{});
}

} // namespace outrigger
