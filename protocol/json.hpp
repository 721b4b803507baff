// RapidJSON as the parsers and writers here use it: one way in, one way out,
// and typed fields whose errors name the field. Include it from protocol/*.cpp
// only: no header of another layer may show a RapidJSON type.

#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/result.hpp"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace outrigger::json {

using document = rapidjson::Document;
using value = rapidjson::Value;

/// In one text. A value of two bytes takes some thirty once it is parsed.
inline constexpr std::size_t max_values = 65'536;

/// Parses `text`, which must be one JSON object without two members of one
/// name, and nothing else. Errors
/// begin with `what`. Hostile input costs neither stack nor more than linear
/// time: nesting and the number of values are bounded before parsing, and
/// parsing is iterative.
[[nodiscard]] result<document> parse_object(std::string_view text,
                                            std::string_view what,
                                            std::size_t max_size);

/// An error of kind malformed: "<what>: <field> <why>".
[[nodiscard]] error bad_field(std::string_view what, std::string_view field,
                              std::string_view why);

/// The fields of one object. Null counts as absent everywhere, as in the
/// languages of most clients.
class fields {
public:
  /// `what` begins every error and must outlive this.
  fields(const value& object, std::string_view what)
      : object_{object}, what_{what} {}

  /// Null when absent.
  [[nodiscard]] const value* find(std::string_view name) const;

  [[nodiscard]] result<std::optional<std::string>>
  text(std::string_view name) const;

  /// Numbers above the range become its largest: limits are checked later.
  [[nodiscard]] result<std::optional<std::int64_t>>
  integer(std::string_view name) const;

  [[nodiscard]] result<std::optional<bool>>
  boolean(std::string_view name) const;

  [[nodiscard]] result<std::optional<std::vector<std::string>>>
  texts(std::string_view name) const;

  [[nodiscard]] error bad(std::string_view name, std::string_view why) const {
    return bad_field(what_, name, why);
  }

private:
  const value& object_;
  std::string_view what_;
};

/// The string in a JSON value, if it is one and is valid UTF-8. (RapidJSON
/// lets a lone "\udc00" through as bytes that are not.)
[[nodiscard]] std::optional<std::string> string_in(const value& from);

/// Writes one JSON object, field by field. Strings that are not UTF-8 are
/// repaired, so that what leaves the daemon is always JSON.
class writer {
public:
  writer() { out_.StartObject(); }

  writer& field(std::string_view name, std::string_view content) {
    return key(name).text(content);
  }
  writer& field(std::string_view name, const char* content) {
    return field(name, std::string_view{content});
  }
  writer& field(std::string_view name, std::same_as<bool> auto content) {
    key(name).out_.Bool(content);
    return *this;
  }
  template <std::integral T>
  requires(!std::same_as<T, bool>) writer& field(std::string_view name,
                                                 T content) {
    key(name);
    if constexpr (std::signed_integral<T>)
      out_.Int64(content);
    else
      out_.Uint64(content);
    return *this;
  }
  writer& field(std::string_view name, std::nullptr_t) {
    key(name).out_.Null();
    return *this;
  }
  writer& field(std::string_view name, const std::vector<std::string>& list);

  /// A number that is written out already.
  writer& number_field(std::string_view name, std::string_view digits);

  /// Bytes as a base64 string.
  writer& base64_field(std::string_view name, std::string_view bytes);

  writer& open_array(std::string_view name) {
    key(name).out_.StartArray();
    return *this;
  }
  writer& close_array() {
    out_.EndArray();
    return *this;
  }
  writer& open_object(std::string_view name) {
    key(name).out_.StartObject();
    return *this;
  }
  /// An object as an array's next element.
  writer& open_object() {
    out_.StartObject();
    return *this;
  }
  writer& close_object() {
    out_.EndObject();
    return *this;
  }

  /// Ends the outermost object and hands over its text. Call once, last.
  [[nodiscard]] std::string finish();

private:
  writer& key(std::string_view name);
  writer& text(std::string_view content);

  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> out_{buffer_};
};

/// An object that begins with "success":true, as every answer of the REST
/// calls does.
[[nodiscard]] inline writer& begin_success(writer& out) {
  return out.field("success", true);
}

} // namespace outrigger::json
