#include "protocol/log_fields.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "protocol/log_line.hpp"

namespace outrigger {

namespace {

// RS, then fields of a name, US, 's' or 'n', a value, GS; then RS, message.
constexpr char edge = '\x1e';
constexpr char after_name = '\x1f';
constexpr char after_value = '\x1d';
constexpr char text_kind = 's';
constexpr char number_kind = 'n';

template <class Number, class... How>
std::string digits(Number value, How... how) {
  std::array<char, 32> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, how...);
  return end.ec == std::errc{} ? std::string{text.data(), end.ptr} : "0";
}

struct writer {
  std::string& out;

  void operator()(std::string_view text) const {
    out += text_kind;
    out += escape_controls(text);
  }
  void operator()(std::uint64_t number) const {
    out += number_kind;
    out += digits(number);
  }
  void operator()(double number) const {
    out += number_kind;
    out +=
        digits(std::isfinite(number) ? number : 0, std::chars_format::fixed, 3);
  }
};

/// Cuts off what comes before `mark`, and the mark. False without one.
bool take_until(std::string_view& text, char mark, std::string_view& before) {
  const auto at = text.find(mark);
  if (at == std::string_view::npos)
    return false;
  before = text.substr(0, at);
  text.remove_prefix(at + 1);
  return true;
}

} // namespace

std::string with_fields(std::string_view message,
                        std::span<const log_field> fields) {
  std::string payload{edge};
  for (const auto& field : fields) {
    payload += field.name;
    payload += after_name;
    std::visit(writer{payload}, field.value);
    payload += after_value;
  }
  payload += edge;
  payload += message;
  return payload;
}

log_payload split_fields(std::string_view payload) {
  const log_payload plain{payload, {}};
  if (payload.empty() || payload.front() != edge)
    return plain;
  log_payload found;
  found.message = payload.substr(1);
  std::string_view block;
  if (!take_until(found.message, edge, block))
    return plain;
  std::string_view one;
  while (take_until(block, after_value, one)) {
    log_payload::field field;
    if (!take_until(one, after_name, field.name) || one.empty())
      return plain;
    field.number = one.front() == number_kind;
    field.value = one.substr(1);
    found.fields.push_back(field);
  }
  return found;
}

} // namespace outrigger
