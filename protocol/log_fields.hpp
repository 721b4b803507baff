// Fields beside a log message, for machines that read the log: which request
// or socket a line is about.
//
//   spdlog::debug(with_fields("http: read: eof", {{"request_id", id}}))
//   text   … debug    http: read: eof, request_id 00000000002a
//   JSON   {"time":…,"level":"debug","message":"http: read: eof",
//           "request_id":"00000000002a"}
//
// A log library passes on one string, so the fields stand before the message
// in that string. Only with_fields() makes a line that begins so: every
// message begins with words of our own, never with what a client sent.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace outrigger {

/// The name is a JSON key of ours ("request_id"), the value whatever it is.
struct log_field {
  std::string_view name;
  std::variant<std::string_view, std::uint64_t, double> value;
};

/// One payload of fields and message. Not free: ask spdlog::should_log()
/// first where lines are usually not wanted.
[[nodiscard]] std::string with_fields(std::string_view message,
                                      std::span<const log_field> fields);
[[nodiscard]] inline std::string
with_fields(std::string_view message, std::initializer_list<log_field> fields) {
  return with_fields(message, std::span{fields.begin(), fields.size()});
}

/// A payload taken apart; everything borrows from it.
struct log_payload {
  struct field {
    std::string_view name;
    std::string_view value; // without control characters
    bool number = false;    // the value is one, as JSON writes it
  };
  std::string_view message;
  std::vector<field> fields;
};

/// The inverse of with_fields. A payload that it did not make is a message
/// without fields.
[[nodiscard]] log_payload split_fields(std::string_view payload);

} // namespace outrigger
