// The header of one part of a form, and the type of a form as a whole. For
// multipart.cpp.

#pragma once

#include <string>
#include <string_view>

#include "protocol/multipart.hpp"

namespace outrigger {

/// Reads "multipart/form-data; boundary=…". Errors as multipart_parser::begin.
[[nodiscard]] result<std::string>
parse_form_boundary(std::string_view content_type);

/// Reads the lines of a part's header, each with its line end. Malformed: no
/// Content-Disposition of a form, no name, anything twice, a folded line, a
/// transfer encoding that changes the bytes. Too large: a long name.
[[nodiscard]] result<multipart_part> parse_part_header(std::string_view header);

} // namespace outrigger
