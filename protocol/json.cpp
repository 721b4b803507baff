#include "protocol/json.hpp"

#include <algorithm>
#include <limits>

#include "protocol/base64.hpp"
#include "protocol/limits.hpp"
#include "protocol/utf8.hpp"

namespace outrigger::json {

namespace {

rapidjson::SizeType length_of(std::string_view text) {
  return static_cast<rapidjson::SizeType>(text.size());
}

/// Null, or why text of this shape is not parsed. Only what is outside strings
/// counts; whether brackets match is the parser's business.
const char* flaw_of_shape(std::string_view text) {
  std::size_t depth = 0;
  std::size_t values = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > limits::max_json_depth)
        return "JSON nested too deeply";
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    } else if (c == ',' && ++values > max_values) {
      return "JSON of too many values";
    }
  }
  return nullptr;
}

/// Two readers may take different ones of two members with one name.
bool has_twins(const value& object) {
  std::vector<std::string_view> names;
  names.reserve(object.MemberCount());
  for (const auto& member : object.GetObject())
    names.emplace_back(member.name.GetString(), member.name.GetStringLength());
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) != names.end();
}

error parse_failure(std::string_view what, std::string_view why) {
  return {errc::malformed, std::string{what} + ": " + std::string{why}};
}

} // namespace

result<document> parse_object(std::string_view text, std::string_view what,
                              std::size_t max_size) {
  if (text.size() > max_size)
    return error{errc::too_large, std::string{what} + ": over " +
                                      std::to_string(max_size) + " bytes"};
  // RapidJSON takes a NUL byte for the end and would ignore what follows.
  if (text.find('\0') != std::string_view::npos)
    return parse_failure(what, "not valid JSON");
  if (const auto* flaw = flaw_of_shape(text))
    return parse_failure(what, flaw);

  document out;
  out.Parse<rapidjson::kParseIterativeFlag |
            rapidjson::kParseValidateEncodingFlag>(text.data(), text.size());
  if (out.HasParseError())
    return parse_failure(what, "not valid JSON");
  if (!out.IsObject())
    return parse_failure(what, "not a JSON object");
  if (has_twins(out))
    return parse_failure(what, "a name comes twice");
  return out;
}

error bad_field(std::string_view what, std::string_view field,
                std::string_view why) {
  std::string detail{what};
  detail.append(": ").append(field).append(" ").append(why);
  return {errc::malformed, std::move(detail)};
}

std::optional<std::string> string_in(const value& from) {
  if (!from.IsString())
    return std::nullopt;
  std::string out{from.GetString(), from.GetStringLength()};
  if (!utf8::valid(out))
    return std::nullopt;
  return out;
}

const value* fields::find(std::string_view name) const {
  const auto found = object_.FindMember(
      value{rapidjson::StringRef(name.data(), length_of(name))});
  if (found == object_.MemberEnd() || found->value.IsNull())
    return nullptr;
  return &found->value;
}

result<std::optional<std::string>> fields::text(std::string_view name) const {
  const auto* found = find(name);
  if (!found)
    return std::optional<std::string>{};
  auto out = string_in(*found);
  if (!out)
    return bad(name, "must be a string");
  return out;
}

result<std::optional<std::int64_t>>
fields::integer(std::string_view name) const {
  const auto* found = find(name);
  if (!found)
    return std::optional<std::int64_t>{};
  if (found->IsInt64())
    return std::optional{found->GetInt64()};
  if (found->IsUint64())
    return std::optional{std::numeric_limits<std::int64_t>::max()};
  return bad(name, "must be an integer");
}

result<std::optional<bool>> fields::boolean(std::string_view name) const {
  const auto* found = find(name);
  if (!found)
    return std::optional<bool>{};
  if (!found->IsBool())
    return bad(name, "must be true or false");
  return std::optional{found->GetBool()};
}

result<std::optional<std::vector<std::string>>>
fields::texts(std::string_view name) const {
  using list = std::vector<std::string>;
  const auto* found = find(name);
  if (!found)
    return std::optional<list>{};
  if (!found->IsArray())
    return bad(name, "must be an array of strings");
  list out;
  out.reserve(found->Size());
  for (const auto& element : found->GetArray()) {
    auto text = string_in(element);
    if (!text)
      return bad(name, "must be an array of strings");
    out.push_back(std::move(*text));
  }
  return std::optional{std::move(out)};
}

writer& writer::key(std::string_view name) {
  out_.Key(name.data(), length_of(name));
  return *this;
}

writer& writer::text(std::string_view content) {
  if (utf8::valid(content)) {
    // An empty view may have no address, which RapidJSON asserts on.
    out_.String(content.empty() ? "" : content.data(), length_of(content));
  } else {
    const auto repaired = utf8::repaired(content);
    out_.String(repaired.data(), length_of(repaired));
  }
  return *this;
}

writer& writer::field(std::string_view name,
                      const std::vector<std::string>& list) {
  open_array(name);
  for (const auto& element : list)
    text(element);
  return close_array();
}

writer& writer::number_field(std::string_view name, std::string_view digits) {
  key(name).out_.RawValue(digits.data(), digits.size(), rapidjson::kNumberType);
  return *this;
}

writer& writer::base64_field(std::string_view name, std::string_view bytes) {
  // Raw, for there is nothing in base64 to escape and there may be megabytes.
  const auto quoted = '"' + to_base64(bytes) + '"';
  key(name).out_.RawValue(quoted.data(), quoted.size(), rapidjson::kStringType);
  return *this;
}

std::string writer::finish() {
  out_.EndObject();
  return {buffer_.GetString(), buffer_.GetSize()};
}

} // namespace outrigger::json
