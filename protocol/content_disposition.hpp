// The Content-Disposition field of an answer with a file (RFC 6266, RFC 8187).

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace outrigger {

enum class disposition : std::uint8_t {
  in_line,    // the browser shows it
  attachment, // the browser saves it
};

/// With the file's name in two ways: `filename` in plain ASCII, which has "_"
/// for what it cannot say, and `filename*` in UTF-8. Whatever the name's bytes
/// are, the field is well-formed and says nothing else.
///
///   attachment; filename="na_ve.txt"; filename*=UTF-8''na%C3%AFve.txt
[[nodiscard]] std::string content_disposition(disposition how,
                                              std::string_view name);

} // namespace outrigger
