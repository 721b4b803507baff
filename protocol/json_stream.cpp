#include "protocol/json_stream.hpp"

#include <algorithm>
#include <utility>

#include "protocol/ascii.hpp"

namespace outrigger {

namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_of_word(char c) {
  return ascii::is_letter(c) || ascii::is_digit(c) || c == '-' || c == '+' ||
         c == '.';
}

/// Digits, with what JSON allows around them: whether it is a number at all,
/// not how large it is.
bool is_number(std::string_view word) {
  const auto digits = [&word] {
    const auto end = std::find_if_not(
        word.begin(), word.end(), [](char c) { return ascii::is_digit(c); });
    const auto size = static_cast<std::size_t>(end - word.begin());
    word.remove_prefix(size);
    return size > 0;
  };
  if (word.starts_with('-'))
    word.remove_prefix(1);
  if (!digits())
    return false;
  if (word.starts_with('.')) {
    word.remove_prefix(1);
    if (!digits())
      return false;
  }
  if (word.starts_with('e') || word.starts_with('E')) {
    word.remove_prefix(1);
    if (word.starts_with('-') || word.starts_with('+'))
      word.remove_prefix(1);
    if (!digits())
      return false;
  }
  return word.empty();
}

bool is_word(std::string_view word) {
  return word == "true" || word == "false" || word == "null" || is_number(word);
}

} // namespace

result<void> json_stream::feed(std::string_view bytes,
                               json_listener& listener) {
  for (std::size_t at = 0; at < bytes.size() && state_ != state::failed;) {
    if (state_ == state::text) {
      at += read_text(bytes.substr(at), listener);
      continue;
    }
    if (!step(bytes[at], listener))
      state_ = state::failed;
    ++at;
  }
  if (state_ == state::failed)
    return error{errc::malformed, "not valid JSON"};
  return {};
}

/// One byte outside of the text of a string.
bool json_stream::step(char c, json_listener& listener) {
  switch (state_) {
  case state::value:
  case state::first_value:
    return is_blank(c) || begin_value(c, listener);
  case state::name:
  case state::first_name:
    return is_blank(c) || begin_name(c, listener);
  case state::colon:
    if (c == ':')
      state_ = state::value;
    return c == ':' || is_blank(c);
  case state::comma:
    return is_blank(c) || after_value(c, listener);
  case state::escape:
    return read_escape(c, listener);
  case state::hex:
    return read_hex(c, listener);
  case state::low_escape:
    state_ = state::low_u;
    return c == '\\';
  case state::low_u:
    state_ = state::hex;
    return c == 'u';
  case state::word:
    return read_word(c, listener);
  case state::text:
  case state::failed:
    break;
  }
  return false;
}

bool json_stream::begin_value(char c, json_listener& listener) {
  if (c == '{')
    return enter(true, listener);
  if (c == '[')
    return enter(false, listener);
  if (c == ']')
    return state_ == state::first_value && leave(false, listener);
  if (c == '"') {
    is_name_ = false;
    state_ = state::text;
    listener.open_text(false);
    return true;
  }
  if (!is_of_word(c))
    return false;
  word_[0] = c;
  word_size_ = 1;
  state_ = state::word;
  return true;
}

bool json_stream::begin_name(char c, json_listener& listener) {
  if (c == '}')
    return state_ == state::first_name && leave(true, listener);
  if (c != '"')
    return false;
  is_name_ = true;
  state_ = state::text;
  listener.open_text(true);
  return true;
}

bool json_stream::after_value(char c, json_listener& listener) {
  const bool object = is_object_[depth_ - 1];
  if (c == (object ? '}' : ']'))
    return leave(object, listener);
  state_ = object ? state::name : state::value;
  return c == ',';
}

/// The bytes of a string up to its end, an escape, or the end of the piece.
std::size_t json_stream::read_text(std::string_view bytes,
                                   json_listener& listener) {
  const auto end = static_cast<std::size_t>(
      std::find_if(bytes.begin(), bytes.end(),
                   [](char c) {
                     return c == '"' || c == '\\' ||
                            static_cast<unsigned char>(c) < 0x20;
                   }) -
      bytes.begin());
  if (end > 0)
    listener.text(bytes.substr(0, end));
  if (end == bytes.size())
    return end;
  if (bytes[end] == '\\') {
    state_ = state::escape;
  } else if (bytes[end] != '"') {
    state_ = state::failed;
  } else {
    listener.close_text();
    if (is_name_)
      state_ = state::colon;
    else
      value_done();
  }
  return end + 1;
}

bool json_stream::read_escape(char c, json_listener& listener) {
  static constexpr std::string_view names = "\"\\/bfnrt";
  static constexpr std::string_view meant = "\"\\/\b\f\n\r\t";
  if (c == 'u') {
    state_ = state::hex;
    return true;
  }
  const auto which = names.find(c);
  if (which == std::string_view::npos)
    return false;
  listener.text(meant.substr(which, 1));
  state_ = state::text;
  return true;
}

bool json_stream::read_hex(char c, json_listener& listener) {
  const char low = ascii::lower(c);
  if (!ascii::is_digit(c) && (low < 'a' || low > 'f'))
    return false;
  hex_ = hex_ * 16 + static_cast<std::uint32_t>(
                         ascii::is_digit(c) ? c - '0' : low - 'a' + 10);
  if (++hex_digits_ < 4)
    return true;
  const auto unit = std::exchange(hex_, 0);
  hex_digits_ = 0;
  const bool is_high = unit >= 0xd800 && unit < 0xdc00;
  const bool is_low = unit >= 0xdc00 && unit < 0xe000;
  if (is_low != (high_half_ != 0) || (is_high && high_half_ != 0))
    return false;
  if (is_high) {
    high_half_ = unit;
    state_ = state::low_escape;
    return true;
  }
  put(is_low ? 0x10000 + ((high_half_ - 0xd800) << 10) + (unit - 0xdc00) : unit,
      listener);
  high_half_ = 0;
  state_ = state::text;
  return true;
}

bool json_stream::read_word(char c, json_listener& listener) {
  if (is_of_word(c)) {
    if (word_size_ == word_.size())
      return false;
    word_[word_size_++] = c;
    return true;
  }
  const std::string_view whole{word_.data(), word_size_};
  if (!is_word(whole))
    return false;
  listener.word(whole);
  value_done();
  return step(c, listener); // which belongs to what follows
}

bool json_stream::enter(bool object, json_listener& listener) {
  if (depth_ == max_depth)
    return false;
  is_object_[depth_++] = object;
  state_ = object ? state::first_name : state::first_value;
  if (object)
    listener.open_object();
  else
    listener.open_array();
  return true;
}

bool json_stream::leave(bool object, json_listener& listener) {
  if (depth_ == 0 || is_object_[depth_ - 1] != object)
    return false;
  --depth_;
  listener.close();
  value_done();
  return true;
}

void json_stream::value_done() {
  state_ = depth_ == 0 ? state::value : state::comma;
}

/// A character in UTF-8.
void json_stream::put(std::uint32_t character, json_listener& listener) {
  std::array<char, 4> bytes{};
  std::size_t size = 0;
  const auto add = [&](std::uint32_t byte) {
    bytes[size++] = static_cast<char>(static_cast<unsigned char>(byte));
  };
  if (character < 0x80) {
    add(character);
  } else if (character < 0x800) {
    add(0xc0 | character >> 6);
    add(0x80 | (character & 0x3f));
  } else if (character < 0x10000) {
    add(0xe0 | character >> 12);
    add(0x80 | (character >> 6 & 0x3f));
    add(0x80 | (character & 0x3f));
  } else {
    add(0xf0 | character >> 18);
    add(0x80 | (character >> 12 & 0x3f));
    add(0x80 | (character >> 6 & 0x3f));
    add(0x80 | (character & 0x3f));
  }
  listener.text({bytes.data(), size});
}

} // namespace outrigger
