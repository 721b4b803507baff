#include "protocol/http_conditions.hpp"
#include "protocol/ascii.hpp"
#include <algorithm>
#include <ctime>
namespace outrigger {
result<entity_tags> parse_entity_tags(std::string_view field) {
  entity_tags out;
  for (auto piece : ascii::split(field, ',')) {
    piece = ascii::trim(piece);
    if (piece == "*")
      out.any = true;
    else if (piece.size() >= 2 && piece.front() == '"' && piece.back() == '"')
      out.strong.emplace_back(piece.substr(1, piece.size() - 2));
    else if (!piece.empty() && !piece.starts_with("W/"))
      return error{errc::malformed, "bad entity tag"};
  }
  return out;
}
read_verdict judge_read(const request_fields& f, std::string_view tag,
                        std::int64_t) {
  const auto bare = std::string{tag.substr(1, tag.size() - 2)};
  auto has = [&](const std::string& field) {
    auto t = parse_entity_tags(field);
    return t && (t->any || std::find(t->strong.begin(), t->strong.end(),
                                     bare) != t->strong.end());
  };
  if (!f.if_match.empty() && !has(f.if_match))
    return read_verdict::failed;
  if (!f.if_none_match.empty() && has(f.if_none_match))
    return read_verdict::not_modified;
  return read_verdict::proceed;
}
bool range_applies(std::string_view if_range, std::string_view tag,
                   std::int64_t) {
  return if_range.empty() || if_range == tag;
}
std::string http_date(std::int64_t s) {
  std::time_t t = s;
  std::tm tm{};
  gmtime_r(&t, &tm);
  char b[64];
  std::strftime(b, sizeof b, "%a, %d %b %Y %H:%M:%S GMT", &tm);
  return b;
}
} // namespace outrigger
