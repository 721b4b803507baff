#include "protocol/multipart_header.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "protocol/ascii.hpp"

namespace outrigger {

namespace {

/// RFC 2046: "no longer than 70 characters".
constexpr std::size_t max_boundary = 70;

/// A field's value and its parameters: `form-data; name="a"`.
struct parsed_value {
  std::string_view value;
  std::vector<std::pair<std::string, std::string>> parameters; // lower-case

  /// Null: not there. Which one is meant when there are two, nobody knows.
  [[nodiscard]] const std::string* find(std::string_view name) const {
    for (const auto& [known, text] : parameters)
      if (known == name)
        return &text;
    return nullptr;
  }
};

/// Takes a quoted string off the start. Only quotes and backslashes are escaped
/// by a backslash: browsers send others as they are.
std::optional<std::string> take_quoted(std::string_view& text) {
  std::string out;
  for (std::size_t at = 1; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') {
      text.remove_prefix(at + 1);
      return out;
    }
    const auto next = text.substr(at + 1, 1);
    if (c == '\\' && (next == "\"" || next == "\\"))
      ++at;
    out += text[at];
  }
  return std::nullopt;
}

std::optional<std::string> take_token(std::string_view& text) {
  const auto size = std::min(text.find_first_of("; \t"), text.size());
  const auto token = text.substr(0, size);
  if (!ascii::is_token(token))
    return std::nullopt;
  text.remove_prefix(size);
  return std::string{token};
}

/// Takes `; name=value` off the start.
bool take_parameter(std::string_view& text, parsed_value& out) {
  text = ascii::trim(text.substr(1));
  if (text.empty() || text.front() == ';')
    return true; // a semicolon too many
  const auto equals = text.find('=');
  if (equals == std::string_view::npos)
    return false;
  auto name = ascii::lower(text.substr(0, equals));
  if (!ascii::is_token(name) || out.find(name) != nullptr)
    return false;
  text.remove_prefix(equals + 1);
  auto value = text.starts_with('"') ? take_quoted(text) : take_token(text);
  if (!value)
    return false;
  out.parameters.emplace_back(std::move(name), std::move(*value));
  text = ascii::trim(text);
  return true;
}

std::optional<parsed_value> parse_value(std::string_view text) {
  parsed_value out;
  const auto end = std::min(text.find(';'), text.size());
  out.value = ascii::trim(text.substr(0, end));
  text.remove_prefix(end);
  while (!text.empty())
    if (text.front() != ';' || !take_parameter(text, out))
      return std::nullopt;
  return out;
}

/// RFC 2046 bchars. Blanks are allowed there but for the end; nobody uses them.
bool is_boundary(std::string_view text) {
  static constexpr std::string_view marks = "'()+_,-./:=? ";
  return !text.empty() && text.size() <= max_boundary && text.back() != ' ' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return ascii::is_letter(c) || ascii::is_digit(c) ||
                  marks.find(c) != std::string_view::npos;
         });
}

error bad_part(std::string_view why) {
  return {errc::malformed, "multipart/form-data: " + std::string{why}};
}

/// The fields of a header that matter, each at most once.
struct part_fields {
  std::optional<std::string_view> disposition;
  std::optional<std::string_view> type;
  std::optional<std::string_view> encoding;
};

result<void> take_line(std::string_view line, part_fields& out) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos ||
      !ascii::is_token(line.substr(0, colon)))
    return bad_part("a part's header has a line that is no field");
  const auto name = ascii::lower(line.substr(0, colon));
  const auto value = ascii::trim(line.substr(colon + 1));
  if (std::any_of(value.begin(), value.end(),
                  [](char c) { return ascii::is_control(c) && c != '\t'; }))
    return bad_part("a part's header has control characters");
  auto* slot = name == "content-disposition"         ? &out.disposition
               : name == "content-type"              ? &out.type
               : name == "content-transfer-encoding" ? &out.encoding
                                                     : nullptr;
  if (slot == nullptr)
    return {};
  if (*slot)
    return bad_part("a part's header has " + name + " twice");
  *slot = value;
  return {};
}

result<part_fields> read_fields(std::string_view header) {
  part_fields out;
  while (!header.empty()) {
    const auto end = header.find("\r\n");
    if (end == std::string_view::npos)
      return bad_part("a line of a part's header has no end");
    if (auto taken = take_line(header.substr(0, end), out); !taken)
      return taken.error();
    header.remove_prefix(end + 2);
  }
  return out;
}

/// RFC 7578 leaves the others behind; bytes are taken as they come.
bool keeps_bytes(std::string_view encoding) {
  return ascii::equal_ignoring_case(encoding, "binary") ||
         ascii::equal_ignoring_case(encoding, "8bit") ||
         ascii::equal_ignoring_case(encoding, "7bit");
}

} // namespace

result<std::string> parse_form_boundary(std::string_view content_type) {
  const auto type = content_type.substr(0, content_type.find(';'));
  if (!ascii::equal_ignoring_case(ascii::trim(type), "multipart/form-data"))
    return error{errc::media_type,
                 "Content-Type: multipart/form-data is required"};
  const auto parsed = parse_value(content_type);
  const auto* boundary = parsed ? parsed->find("boundary") : nullptr;
  if (boundary == nullptr || !is_boundary(*boundary))
    return bad_part("Content-Type has no valid boundary");
  return *boundary;
}

result<multipart_part> parse_part_header(std::string_view header) {
  const auto fields = read_fields(header);
  if (!fields)
    return fields.error();
  if (fields->encoding && !keeps_bytes(*fields->encoding))
    return bad_part("Content-Transfer-Encoding is not supported");
  const auto parsed =
      fields->disposition ? parse_value(*fields->disposition) : std::nullopt;
  if (!parsed || !ascii::equal_ignoring_case(parsed->value, "form-data"))
    return bad_part("a part has no Content-Disposition: form-data");
  // RFC 7578: "filename*" must not be used, so there is one name alone.
  const auto* name = parsed->find("name");
  const auto* filename = parsed->find("filename");
  if (name == nullptr)
    return bad_part("a part has no name");
  for (const auto* text : {name, filename})
    if (text != nullptr && text->size() > multipart_parser::max_name)
      return error{errc::too_large, "multipart/form-data: a name over 1 KiB"};
  multipart_part out{*name, std::nullopt, "text/plain"};
  if (filename != nullptr)
    out.filename = *filename;
  if (fields->type)
    out.content_type = *fields->type;
  return out;
}

} // namespace outrigger
