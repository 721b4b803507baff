#include "protocol/token_issue.hpp"

#include <algorithm>
#include <cstdio>

#include "protocol/base64.hpp"
#include "protocol/log_line.hpp"
#include "protocol/utf8.hpp"

namespace outrigger {

namespace {

constexpr std::size_t max_tokens = 1000;

auto find(const token_register& in, std::string_view id) {
  return std::find_if(
      in.tokens.begin(), in.tokens.end(),
      [id](const token_record& token) { return token.id == id; });
}

std::string unused_id(const token_register& in,
                      const std::array<std::uint8_t, 4>& random) {
  std::uint32_t number = 0;
  for (const auto byte : random)
    number = number << 8 | byte;
  for (;; ++number) {
    std::array<char, 9> text{};
    std::snprintf(text.data(), text.size(), "%08x", number);
    if (find(in, text.data()) == in.tokens.end())
      return text.data();
  }
}

error full(const token_register& in, std::int64_t now) {
  const auto expired = std::count_if(
      in.tokens.begin(), in.tokens.end(), [now](const token_record& token) {
        return token.expires_at && *token.expires_at <= now;
      });
  return {errc::conflict, "there are " + std::to_string(max_tokens) +
                              " tokens, of which " + std::to_string(expired) +
                              " have expired: revoke some"};
}

} // namespace

std::string token_text(const std::array<std::uint8_t, 32>& secret) {
  auto text =
      to_base64({reinterpret_cast<const char*>(secret.data()), secret.size()});
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  text.resize(text.find('='));
  return "otr_" + text;
}

result<issued_token> issue_token(token_register& to, const create_token& wish,
                                 const token_entropy& entropy,
                                 std::int64_t now) {
  if (to.tokens.size() >= max_tokens)
    return full(to, now);
  issued_token out;
  out.text = token_text(entropy.secret);
  out.record = {unused_id(to, entropy.id),
                wish.name,
                sha256(out.text),
                wish.scopes,
                now,
                wish.expires_at};
  to.tokens.push_back(out.record);
  return out;
}

result<void> revoke(token_register& from, const revoke_tokens& wish,
                    std::int64_t now) {
  std::string unknown;
  for (const auto& id : wish.ids)
    if (find(from, id) == from.tokens.end())
      unknown +=
          (unknown.empty() ? "" : ", ") + escape_controls(utf8::repaired(id));
  if (!unknown.empty())
    return error{errc::not_found,
                 "no token has the id " + unknown + "; nothing is revoked"};
  std::erase_if(from.tokens, [&wish](const token_record& token) {
    return std::find(wish.ids.begin(), wish.ids.end(), token.id) !=
           wish.ids.end();
  });
  if (wish.all_jwt)
    from.min_issued = std::max(from.min_issued, now);
  return {};
}

} // namespace outrigger
