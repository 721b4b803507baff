// JSON values one after another, read in pieces of any size and without
// keeping any of it: for the output of programs, of which one line may be
// longer than all the memory it is worth.
//
//   bytes ─► json_stream ─► json_listener: {  "key"  "te" "xt"  12  }
//
// Total: every byte sequence is read to its end or to the first mistake.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "protocol/result.hpp"

namespace outrigger {

/// Hears what is in the bytes, in their order.
class json_listener {
public:
  virtual ~json_listener() = default;

  virtual void open_object() = 0;
  virtual void open_array() = 0;
  /// The end of the object or array opened last.
  virtual void close() = 0;

  /// A string, or the name of a member, of any number of pieces. Escapes are
  /// resolved; whether it is UTF-8 is not asked.
  virtual void open_text(bool is_name) = 0;
  virtual void text(std::string_view piece) = 0;
  virtual void close_text() = 0;

  /// A number, as it is written, or true, false or null.
  virtual void word(std::string_view word) = 0;
};

class json_stream {
public:
  /// How deep arrays and objects may lie in each other.
  static constexpr std::size_t max_depth = 32;
  static constexpr std::size_t max_word = 32; // bytes

  /// Reads on. Malformed: it is not JSON, or too deep; nothing is read then
  /// any more.
  [[nodiscard]] result<void> feed(std::string_view bytes,
                                  json_listener& listener);

  /// Whether what was read ends with a whole value, or is empty.
  [[nodiscard]] bool is_whole() const noexcept {
    return state_ == state::value && depth_ == 0;
  }

private:
  enum class state : std::uint8_t {
    value,       // or the end, outside of everything
    first_value, // or "]"
    name,        // of a member
    first_name,  // or "}"
    colon,
    comma, // or the end of the array or object
    text,
    escape,     // behind a backslash
    hex,        // of \uXXXX
    low_escape, // a backslash must follow: the other half of a character
    low_u,      // and "u"
    word,
    failed,
  };
  bool step(char c, json_listener& listener);
  bool begin_value(char c, json_listener& listener);
  bool begin_name(char c, json_listener& listener);
  bool after_value(char c, json_listener& listener);
  bool read_escape(char c, json_listener& listener);
  bool read_hex(char c, json_listener& listener);
  bool read_word(char c, json_listener& listener);
  std::size_t read_text(std::string_view bytes, json_listener& listener);
  bool enter(bool object, json_listener& listener);
  bool leave(bool object, json_listener& listener);
  void value_done();
  void put(std::uint32_t character, json_listener& listener);

  state state_ = state::value;
  std::array<bool, max_depth> is_object_{}; // of those that are open
  std::size_t depth_ = 0;
  bool is_name_ = false;  // of the text being read
  std::uint32_t hex_ = 0; // digits so far
  int hex_digits_ = 0;
  std::uint32_t high_half_ = 0; // of a surrogate pair; 0: none
  std::array<char, max_word> word_{};
  std::size_t word_size_ = 0;
};

} // namespace outrigger
