#include "actors/os/token_file.hpp"

#include "actors/os/error.hpp"
#include "actors/os/private_file.hpp"
#include "actors/os/random_bytes.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace outrigger::os {

namespace {

constexpr std::size_t min_token = 32;
constexpr std::size_t max_token = 1024;

bool is_token_character(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z') ||
         std::string_view("._~+/=-").find(c) != std::string_view::npos;
}

result<std::string> random_hex() {
  static constexpr char digits[] = "0123456789abcdef";
  std::array<unsigned char, 32> bytes{};
  if (auto error = fill_random(bytes))
    return error;
  std::string text;
  for (const auto byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

} // namespace

result<std::string> read_token(const std::string& path) {
  auto token = read_private_file(path, max_token + 2, readers::owner_only);
  if (!token) {
    const auto why = token.error();
    const bool no_token = why == errc::not_a_file || why == os_error(EFBIG);
    return no_token ? make_error_code(errc::bad_token) : why;
  }
  while (!token->empty() && (token->back() == '\n' || token->back() == '\r'))
    token->pop_back();
  if (token->size() < min_token || token->size() > max_token ||
      !std::all_of(token->begin(), token->end(), is_token_character) ||
      token->starts_with("tkt_")) // would be taken for a ticket
    return errc::bad_token;
  return token;
}

result<std::string> read_or_create_token(const std::string& path) {
  auto existing = read_token(path);
  if (existing || existing.error() != os_error(ENOENT))
    return existing;
  auto token = random_hex();
  if (!token)
    return token;
  const auto error = create_private_file(path, *token + "\n");
  if (error == os_error(EEXIST))
    return read_token(path); // somebody was faster: theirs is the token
  if (error)
    return error;
  return token;
}

} // namespace outrigger::os
