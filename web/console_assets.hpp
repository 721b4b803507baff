// The console page inside the binary: every file of the built page, ready to
// be sent in each encoding. The table is generated at build time from the
// files of web/ (see web/embed.mjs); it is constant and lives for ever.

#pragma once

#include <span>
#include <string_view>

namespace outrigger::web {

/// One file of the console page, embedded in the binary.
struct asset {
  std::string_view path;         // "/index.html"
  std::string_view content_type; // "text/html; charset=utf-8"
  /// Strong, with its quotes, of the identity bytes. The encoded forms are
  /// other representations: mark their tags, e.g. "…-br".
  std::string_view etag;
  std::string_view identity;
  std::string_view gzip;   // empty when it would not be smaller
  std::string_view brotli; // likewise
  bool immutable;          // its name has a hash: cache for ever
};

/// The asset served at `path` ("/" is "/index.html"), or null.
[[nodiscard]] const asset* find_asset(std::string_view path);

/// All of them, for tests.
[[nodiscard]] std::span<const asset> assets();

} // namespace outrigger::web
