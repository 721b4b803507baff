// Preconditions of requests (RFC 9110 §13): whether what a client knows of a
// file is still so. Versions are entity tags, dates are whole seconds.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/endpoint.hpp"
#include "protocol/result.hpp"

namespace outrigger {

/// An If-Match or If-None-Match field.
struct entity_tags {
  bool any = false;                // "*": whatever is there
  std::vector<std::string> strong; // without quotes
  /// W/"…": of use for If-None-Match alone, as they may stand for content that
  /// is not the same byte for byte.
  std::vector<std::string> weak;

  friend bool operator==(const entity_tags&, const entity_tags&) = default;
};

/// An empty field has neither. Malformed: tags without quotes, "*" beside tags.
[[nodiscard]] result<entity_tags> parse_entity_tags(std::string_view field);

enum class read_verdict : std::uint8_t {
  proceed,
  not_modified, // 304
  failed,       // 412
};

/// Judges a GET or HEAD of a file. `tag` is its strong tag in quotes,
/// `modified` its time in seconds since 1970. A malformed If-Match holds for
/// nothing; other fields that are malformed are not there.
[[nodiscard]] read_verdict judge_read(const request_fields& fields,
                                      std::string_view tag,
                                      std::int64_t modified);

/// Whether a Range counts: there is no If-Range (it is empty), or it is the
/// file's own tag. A date never is good enough: content may change twice
/// within a second, and who resumes would get a mixture.
[[nodiscard]] bool range_applies(std::string_view if_range,
                                 std::string_view tag);

/// "Sun, 06 Nov 1994 08:49:37 GMT". Years outside of 0 to 9999 are clamped.
[[nodiscard]] std::string http_date(std::int64_t unix_seconds);

/// Reads such a date, in this form alone; null: anything else.
[[nodiscard]] std::optional<std::int64_t>
parse_http_date(std::string_view text);

} // namespace outrigger
