// One file as the dialects describe it. A value; times are nanoseconds since
// 1970.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/result.hpp"

namespace outrigger {

enum class entry_kind : std::uint8_t { file, directory, link, other };

struct file_entry {
  std::string path; // as shown to the client
  entry_kind kind = entry_kind::file;
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;
  std::uint32_t mode = 0644;
  std::string version; // without quotes; empty: not known
  std::size_t depth = 0;
  std::optional<std::string> hash = {};    // SHA-256, hex
  std::optional<std::string> content = {}; // UTF-8
};

/// A version as an entity tag: in quotes.
[[nodiscard]] std::string to_etag(std::string_view version);

/// "2025-01-15T10:30:00Z", as the terminals dialect writes times.
[[nodiscard]] std::string to_zulu_time(std::int64_t ns);

/// "2023-11-14T22:13:20.500000+00:00", microseconds only if there are any, as
/// the runtime API writes them.
[[nodiscard]] std::string to_offset_time(std::int64_t ns);

/// Whether a name is one of source code or of something one edits like it.
[[nodiscard]] bool is_code(std::string_view name);

/// A file's text for JSON: itself if it is UTF-8 without NUL, else base64.
struct shown_content {
  std::string text;
  bool is_base64 = false;
};
[[nodiscard]] shown_content to_shown(std::string bytes);

/// The bytes of a body's content. Encodings: "" and "utf-8", "utf8", "text":
/// as it is; "base64". Malformed, beginning with `what`: another one, or
/// broken base64.
[[nodiscard]] result<std::string> from_shown(std::string content,
                                             std::string_view encoding,
                                             std::string_view what);

} // namespace outrigger
