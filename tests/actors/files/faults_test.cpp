// What the kernel says about files, as clients are told.
#include "actors/files/faults.hpp"

#include <cerrno>
#include <string>

#include <catch2/catch.hpp>

#include "actors/os/error.hpp"
#include "actors/os/result.hpp"

namespace outrigger {

TEST_CASE("every error of the kernel about files has its fault") {
  const auto [value, fault] = GENERATE(table<int, file_fault>({
      {ENOENT, file_fault::not_found},
      {EEXIST, file_fault::exists},
      {EACCES, file_fault::denied},
      {EPERM, file_fault::denied},
      {EROFS, file_fault::read_only},
      {EXDEV, file_fault::outside},
      {ELOOP, file_fault::outside},
      {EINVAL, file_fault::invalid_path},
      {ENAMETOOLONG, file_fault::invalid_path},
      {EISDIR, file_fault::is_directory},
      {ENOTDIR, file_fault::not_a_directory},
      {ENOTEMPTY, file_fault::not_empty},
      {ENXIO, file_fault::special},
      {EFBIG, file_fault::too_large},
      {ENOSPC, file_fault::no_space},
      {EDQUOT, file_fault::no_space},
      {EBUSY, file_fault::busy},
      {ETXTBSY, file_fault::busy},
      {EAGAIN, file_fault::busy},
      {EMFILE, file_fault::limit},
      {ECANCELED, file_fault::timeout},
      {EIO, file_fault::io},
      {ENOMEM, file_fault::io},
      {ESTALE, file_fault::io},
  }));
  CAPTURE(value);
  CHECK(fault_of(os::os_error(value)) == fault);
}

TEST_CASE("our own errors about files have their faults") {
  CHECK(fault_of(os::errc::not_a_file) == file_fault::special);
  CHECK(fault_of(os::errc::changed) == file_fault::precondition);
  CHECK(fault_of(os::errc::bad_archive) == file_fault::bad_archive);
  CHECK(fault_of(os::errc::archive_limit) == file_fault::archive_limit);
  CHECK(fault_of(os::errc::holder_lost) == file_fault::io);
}

TEST_CASE("a client is told what failed, on what, and why where it helps") {
  CHECK(to_error(os::os_error(ENOENT), "/a").detail == "file not found: /a");
  CHECK(to_error(os::os_error(EIO), "/a").detail ==
        "the disk failed: /a (Input/output error)");
  CHECK(to_error(os::os_error(EPERM), "/a").detail ==
        "permission denied: /a (Operation not permitted)");
  CHECK(to_error(os::os_error(EIO), "/a").path == "/a");
}

} // namespace outrigger
