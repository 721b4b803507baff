// The whole table of what can be wrong with a file, as each dialect's clients
// see it.

#include "protocol/files/file_fault.hpp"

#include <map>
#include <set>

#include <catch2/catch.hpp>

#include "protocol/error_body.hpp"

using namespace outrigger;

namespace {

using f = file_fault;

struct expected_row {
  f fault;
  unsigned status;
  std::string_view terminals; // `code` of the superset
  std::string_view runtime;   // `detail.code` of /api/v1
  std::string_view channel;   // `code` of the files channel
};

constexpr expected_row expected[] = {
    {f::not_found, 404, "not_found", "FILE_NOT_FOUND", "NOT_FOUND"},
    {f::exists, 409, "conflict", "FILE_ALREADY_EXISTS", "PATH_EXISTS"},
    {f::denied, 403, "forbidden", "PERMISSION_DENIED", "PERMISSION_DENIED"},
    {f::read_only, 403, "forbidden", "READONLY_SCOPE", "PERMISSION_DENIED"},
    {f::outside, 403, "forbidden", "PERMISSION_DENIED", "INVALID_PATH"},
    {f::invalid_path, 400, "validation_error", "INVALID_PATH", "INVALID_PATH"},
    {f::is_directory, 400, "validation_error", "INVALID_PATH", "IS_DIRECTORY"},
    {f::not_a_directory, 400, "validation_error", "INVALID_PATH", "IS_FILE"},
    {f::special, 400, "validation_error", "INVALID_PATH", "INVALID_PATH"},
    {f::not_empty, 400, "validation_error", "DIRECTORY_NOT_EMPTY",
     "PATH_EXISTS"},
    {f::changed, 409, "conflict", "CONTENT_CONFLICT", "PATH_EXISTS"},
    {f::precondition, 412, "precondition_failed", "CONTENT_CONFLICT",
     "PATH_EXISTS"},
    {f::binary, 415, "unsupported_media_type", "INVALID_FILE_TYPE",
     "BINARY_FILE"},
    {f::too_large, 413, "payload_too_large", "FILE_TOO_LARGE",
     "FILE_TOO_LARGE"},
    {f::range, 416, "range_not_satisfiable", "RANGE_NOT_SATISFIABLE",
     "INTERNAL_ERROR"},
    {f::no_space, 507, "insufficient_storage", "INSUFFICIENT_STORAGE",
     "INTERNAL_ERROR"},
    {f::bad_archive, 400, "validation_error", "INVALID_ARCHIVE",
     "INTERNAL_ERROR"},
    {f::archive_limit, 400, "validation_error", "ARCHIVE_LIMIT_EXCEEDED",
     "FILE_TOO_LARGE"},
    {f::busy, 409, "conflict", "CONTENT_CONFLICT", "INTERNAL_ERROR"},
    {f::limit, 409, "conflict", "LIMIT_REACHED", "INTERNAL_ERROR"},
    {f::timeout, 504, "timeout", "TIMEOUT", "INTERNAL_ERROR"},
    {f::bad_strategy, 400, "validation_error", "INVALID_CONFLICT_STRATEGY",
     "INTERNAL_ERROR"},
    {f::bad_action, 400, "validation_error", "INVALID_ARCHIVE_ACTION",
     "INTERNAL_ERROR"},
    {f::bad_filename, 400, "validation_error", "INVALID_UPLOAD_FILENAME",
     "INVALID_PATH"},
    {f::no_operation, 404, "not_found", "EXTRACT_OPERATION_NOT_FOUND",
     "NOT_FOUND"},
    {f::io, 500, "internal_error", "INTERNAL_ERROR", "INTERNAL_ERROR"},
};

/// Without a default, so that the compiler asks for new faults, which then
/// have to be expected above.
constexpr bool is_fault(f fault) {
  switch (fault) {
  case f::none:
    return false;
  case f::not_found:
  case f::exists:
  case f::denied:
  case f::read_only:
  case f::outside:
  case f::invalid_path:
  case f::is_directory:
  case f::not_a_directory:
  case f::special:
  case f::not_empty:
  case f::changed:
  case f::precondition:
  case f::binary:
  case f::too_large:
  case f::range:
  case f::no_space:
  case f::bad_archive:
  case f::archive_limit:
  case f::busy:
  case f::limit:
  case f::timeout:
  case f::bad_strategy:
  case f::bad_action:
  case f::bad_filename:
  case f::no_operation:
  case f::io:
    return true;
  }
  return false;
}

/// Every value an enumerator may have, named or not.
std::set<f> all_faults() {
  std::set<f> out;
  for (int value = 0; value < 256; ++value)
    if (is_fault(static_cast<f>(value)))
      out.insert(static_cast<f>(value));
  return out;
}

} // namespace

TEST_CASE("every fault has one row of the table, and each is expected") {
  std::set<f> rows;
  for (const auto& row : file_faults()) {
    CAPTURE(row.runtime, row.sentence);
    CHECK(rows.insert(row.fault).second);
  }
  CHECK(rows == all_faults());
  std::set<f> awaited;
  for (const auto& row : expected)
    CHECK(awaited.insert(row.fault).second);
  CHECK(awaited == all_faults());
}

TEST_CASE("each dialect is told its own code and status of a fault") {
  for (const auto& row : expected) {
    const auto& names = names_of(row.fault);
    CAPTURE(names.sentence, row.runtime);
    CHECK(names.fault == row.fault);
    CHECK(http_status(names.code) == row.status);
    CHECK(code_name(names.code) == row.terminals);
    CHECK(names.runtime == row.runtime);
    CHECK(names.channel == row.channel);
  }
}

TEST_CASE("the files channel has no codes but the documented ones") {
  const std::set<std::string_view> documented{
      "NOT_FOUND",    "PERMISSION_DENIED", "IS_DIRECTORY",
      "IS_FILE",      "FILE_TOO_LARGE",    "BINARY_FILE",
      "INVALID_PATH", "PATH_EXISTS",       "INTERNAL_ERROR"};
  for (const auto& row : file_faults()) {
    CAPTURE(row.channel);
    CHECK(documented.contains(row.channel));
  }
}

TEST_CASE("a documented code of the runtime API has its documented status") {
  // CONTENT_CONFLICT is 409, but 412 where a header states the condition.
  const std::map<std::string_view, std::set<unsigned>> documented{
      {"FILE_NOT_FOUND", {404}},        {"FILE_ALREADY_EXISTS", {409}},
      {"PERMISSION_DENIED", {403}},     {"INVALID_PATH", {400}},
      {"READONLY_SCOPE", {403}},        {"FILE_TOO_LARGE", {413}},
      {"CONTENT_CONFLICT", {409, 412}}, {"DIRECTORY_NOT_EMPTY", {400}},
      {"INVALID_ARCHIVE", {400}},       {"ARCHIVE_LIMIT_EXCEEDED", {400}},
  };
  std::set<std::string_view> seen;
  for (const auto& row : file_faults()) {
    const auto found = documented.find(row.runtime);
    if (found == documented.end())
      continue;
    CAPTURE(row.runtime, row.sentence);
    CHECK(found->second.contains(http_status(row.code)));
    seen.insert(row.runtime);
  }
  CHECK(seen.size() == documented.size());
}

TEST_CASE("a fault's sentence is one, and each fault has its own") {
  std::set<std::string_view> sentences;
  for (const auto& row : file_faults()) {
    CAPTURE(row.sentence);
    CHECK(sentences.insert(row.sentence).second);
    CHECK(row.sentence.find(' ') != std::string_view::npos);
  }
}

TEST_CASE("an error about a file says what, with which path, and why") {
  const auto err = file_error(file_fault::outside, "a/../..", "a link");
  CHECK(err.code == errc::forbidden);
  CHECK(err.fault == file_fault::outside);
  CHECK(err.path == "a/../..");
  CHECK(err.detail == "outside the workspace: a/../.. (a link)");
  CHECK(file_error(file_fault::busy, "a").detail == "in use: try again: a");
}

TEST_CASE("no fault is a failure of ours") {
  CHECK(names_of(file_fault::none).code == errc::internal);
  CHECK(names_of(static_cast<file_fault>(200)).code == errc::internal);
}
