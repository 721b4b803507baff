// Errors as values for everything that parses or decides: no exception leaves
// a protocol function, whatever the bytes.

#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <boost/system/result.hpp>

namespace outrigger {

/// What kind of failure, in terms a client can act on. Each maps to one HTTP
/// status and one code string in protocol/error_body.hpp.
enum class errc : std::uint8_t {
  malformed = 1,  // the bytes are not what the protocol says: 400
  unauthorized,   // no credential or a wrong one: 401
  forbidden,      // a valid credential without the scope, a bad Origin: 403
  not_found,      // no such route, terminal, session: 404
  method,         // the route exists, not for this method: 405
  conflict,       // the state of things forbids it now: 409
  terminal_limit, // as many terminals as allowed run already: 409
  upgrade,        // another version of WebSocket than ours: 426
  too_large,      // over a documented size limit: 413
  unsupported,    // known, but not served by this version: 501
  unavailable,    // a part of the daemon is away for the moment: 503
  timeout,        // no answer in time: 504
  internal,       // our fault: 500
  too_many,       // this source is being slowed down: 429
  media_type,     // a body of another type than JSON: 415
  expectation,    // an Expect that we do not know: 417
  precondition,   // an If-Match or its like does not hold: 412
  range,          // a Range that is not within the file: 416
  no_space,       // the disk is full: 507
};

/// What is wrong with a file or its path: protocol/files/file_fault.hpp.
enum class file_fault : std::uint8_t {
  none = 0,
  not_found,
  exists,
  denied,    // by the file system, or one of the daemon's own files
  read_only, // by the credential's scope, or the file system as a whole
  outside,   // of every root, or by a link that leads there
  invalid_path,
  is_directory,
  not_a_directory,
  special, // a FIFO, a socket, a device
  not_empty,
  changed,      // not the version a body expected
  precondition, // not the version a header expected
  binary,
  too_large,
  range,
  no_space,
  bad_archive,
  archive_limit,
  busy,
  limit,
  timeout,
  bad_strategy, // of conflicts, unknown
  bad_action,   // for archives, unknown
  bad_filename, // of an upload, none
  no_operation, // of that id
  io,           // the last: every one has a row in the table
};

/// What a client can do about its credential.
enum class credential_fault : std::uint8_t {
  none = 0, // nothing known, or it is wrong
  missing,  // to show one
  empty,    // to show one where there is nothing
  expired,  // to show a fresh one
};

/// A failure and the sentence the client is told. The detail names what
/// failed, on what and why; it never holds a token.
struct error {
  errc code = errc::internal;
  std::string detail;
  /// When it is worth trying again; zero: nothing is known about that.
  std::chrono::seconds retry_after{0};
  /// Of errors about files: what is wrong, and with which path.
  file_fault fault = file_fault::none;
  std::string path = {};
  /// Of a range that is not in the file: Content-Range says what there is.
  std::string content_range = {};
  /// Of unauthorized.
  credential_fault credential = credential_fault::none;

  friend bool operator==(const error&, const error&) = default;
};

template <class T>
using result = boost::system::result<T, error>;

/// Called by result<T>::value() without a value: a bug of ours, never input.
[[noreturn]] inline void
throw_exception_from_error(const error& err, const boost::source_location&) {
  throw std::pair{err.code, err.detail};
}

} // namespace outrigger
