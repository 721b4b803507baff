#include "protocol/token_listing.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "protocol/json.hpp"
#include "protocol/log_line.hpp"
#include "protocol/timestamp.hpp"

namespace outrigger {

namespace {

using row = std::array<std::string, 5>;

/// Characters, as far as a column's width goes.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
      }));
}

std::string laid_out(const std::vector<row>& rows) {
  std::array<std::size_t, 5> widths{};
  for (const auto& cells : rows)
    for (std::size_t i = 0; i < cells.size(); ++i)
      widths[i] = std::max(widths[i], width_of(cells[i]));
  std::string out;
  for (const auto& cells : rows) {
    for (std::size_t i = 0; i + 1 < cells.size(); ++i)
      out += cells[i] + std::string(widths[i] - width_of(cells[i]) + 2, ' ');
    out += cells.back() + '\n';
  }
  return out;
}

bool expired(const token_record& token, std::int64_t now) {
  return token.expires_at && *token.expires_at <= now;
}

} // namespace

std::string written_time(std::int64_t unix_seconds) {
  // What the timestamp clamps to is within this, too.
  static constexpr std::int64_t last = 253'402'300'799;
  const auto text =
      to_rfc3339(std::clamp<std::int64_t>(unix_seconds, 0, last) * 1000);
  return text.substr(0, text.find('.')) + 'Z';
}

std::string written_expiry(const token_record& token, std::int64_t now) {
  if (!token.expires_at)
    return "never";
  return (expired(token, now) ? "expired " : "") +
         written_time(*token.expires_at);
}

std::string to_table(const token_register& all, std::int64_t now) {
  std::vector<row> rows{{"ID", "NAME", "SCOPES", "CREATED", "EXPIRES"}};
  for (const auto& token : all.tokens)
    rows.push_back({token.id, escape_controls(token.name),
                    token.scopes.to_text(), written_time(token.created_at),
                    written_expiry(token, now)});
  std::string out = all.tokens.empty() ? "no tokens\n" : laid_out(rows);
  if (all.min_issued > 0)
    out += "JSON Web Tokens issued before " + written_time(all.min_issued) +
           " are revoked\n";
  return out;
}

std::string to_listing(const token_register& all, std::int64_t now) {
  json::writer out;
  out.field("min_issued", all.min_issued).open_array("tokens");
  for (const auto& token : all.tokens) {
    out.open_object()
        .field("id", token.id)
        .field("name", token.name)
        .field("scopes", token.scopes.to_text())
        .field("created_at", token.created_at);
    if (token.expires_at)
      out.field("expires_at", *token.expires_at);
    else
      out.field("expires_at", nullptr);
    out.field("expired", expired(token, now)).close_object();
  }
  return out.close_array().finish();
}

} // namespace outrigger
