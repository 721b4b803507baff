// The request target of an HTTP request, taken apart once and stripped of its
// secrets, which the gate takes out: what is stored, logged and routed
// afterwards never holds a token.

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/result.hpp"

namespace outrigger {

struct http_target {
  std::string path; // still percent-encoded, begins with '/'
  std::vector<std::pair<std::string, std::string>> query; // decoded, in order
  /// What stood in ?token=, ?api_key=, ?internal_token= and ?ticket=, in
  /// order; no longer in `query`.
  std::vector<std::string> secrets;
  bool names_token = false; // a secret came as `token` or `ticket`

  /// The first value of `name`, or null.
  [[nodiscard]] const std::string* find(std::string_view name) const;
};

/// Takes apart an origin-form target ("/a/b?x=1"). Malformed: another form,
/// over limits::max_target, a bad percent escape, %00 or %2F in the path,
/// invalid UTF-8 after decoding, control characters, `.` or `..` segments.
[[nodiscard]] result<http_target> parse_http_target(std::string_view target);

} // namespace outrigger
