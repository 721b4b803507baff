// Bodies of forms with files in them (multipart/form-data, RFC 7578), taken
// apart while they arrive.
//
//   --boundary  header  bytes  --boundary  header  bytes  --boundary--
//               part_began     part_data…             part_ended
//
// One parser for each body. Holds the header it is in and nothing else, in
// whatever pieces the body comes. What is not as the standards say is refused,
// never guessed at: between two readers of the same body a guess is a hole.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/result.hpp"

namespace outrigger {

struct multipart_part {
  std::string name; // of the form's field
  /// As it was sent: whoever uses it looks for folders in it. Null: no file.
  std::optional<std::string> filename;
  std::string content_type; // "text/plain" when the part does not say
};

/// Hears what a body holds, in its order. An error ends the parsing, and is
/// what feed() returns.
class multipart_listener {
public:
  virtual ~multipart_listener() = default;

  virtual result<void> part_began(const multipart_part& part) = 0;
  /// Some of the part's bytes; never empty.
  virtual result<void> part_data(std::string_view bytes) = 0;
  virtual result<void> part_ended() = 0;
};

class multipart_parser {
public:
  static constexpr std::size_t max_parts = 1'000;
  static constexpr std::size_t max_part_header = 8 * 1024;
  static constexpr std::size_t max_name = 1024; // and of a file's name
  static constexpr std::size_t max_preamble = 8 * 1024;

  /// `content_type` is the request's. errc::media_type: it is not a form;
  /// errc::malformed: it has no boundary, or a wrong one.
  [[nodiscard]] static result<multipart_parser>
  begin(std::string_view content_type);

  /// Takes the next piece of the body, of any size. After an error it says the
  /// same again.
  [[nodiscard]] result<void> feed(std::string_view bytes,
                                  multipart_listener& listener);

  /// To be called when the body is complete: an error when the form is not.
  [[nodiscard]] result<void> finish() const;

private:
  enum class state : std::uint8_t {
    preamble,  // before the first boundary
    boundary,  // right behind one
    closing,   // behind one and a dash
    padding,   // blanks at the end of its line
    line_feed, // after the carriage return there
    header,
    data,
    epilogue, // behind the last boundary
  };

  static constexpr std::size_t line_end = 2; // bytes

  explicit multipart_parser(std::string_view boundary);
  result<void> step(std::string_view& bytes, multipart_listener& listener);
  result<void> go_on_matching(std::string_view& bytes,
                              multipart_listener& listener);
  result<void> take_data(std::string_view& bytes, multipart_listener& listener);
  result<void> tell_data(std::string_view bytes, multipart_listener& listener);
  result<void> end_part(multipart_listener& listener);
  result<void> after_boundary(char next);
  result<void> take_header(std::string_view& bytes,
                           multipart_listener& listener);

  std::string delimiter_; // "\r\n--" and the boundary
  state state_ = state::preamble;
  /// Bytes of delimiter_ seen, and how many of these were the end of the line
  /// before: a body, and a part without data, begin with the boundary.
  std::size_t matched_ = line_end;
  std::size_t implied_ = line_end;
  std::size_t skipped_ = 0; // bytes of the preamble, or of padding
  std::size_t parts_ = 0;
  std::string header_; // as far as it has come
  std::optional<error> failure_;
};

} // namespace outrigger
