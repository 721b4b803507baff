#include "protocol/ticket_book.hpp"

#include <algorithm>

#include "protocol/base64.hpp"
#include "protocol/http_target.hpp"
#include "protocol/json.hpp"
#include "protocol/limits.hpp"

namespace outrigger {

namespace {

constexpr std::string_view what = "ticket request";

} // namespace

void ticket_book::issue(std::string_view text, std::string path, principal who,
                        clock::time_point until) {
  // Only ever as many as fit: the search is short, and rarely needed at all.
  if (tickets_.size() >= capacity)
    tickets_.erase(std::min_element(tickets_.begin(), tickets_.end(),
                                    [](const auto& a, const auto& b) {
                                      return a.second.number < b.second.number;
                                    }));
  who.by_ticket = true;
  tickets_[sha256(text)] = {std::move(path), std::move(who), until,
                            ++last_number_};
}

std::optional<principal> ticket_book::redeem(std::string_view text,
                                             std::string_view path,
                                             clock::time_point now) {
  const auto found = tickets_.extract(sha256(text));
  if (found.empty())
    return std::nullopt;
  auto& shown = found.mapped();
  if (shown.path != path || now >= shown.until)
    return std::nullopt;
  return std::move(shown.who);
}

std::string ticket_text(std::string_view random) {
  auto text = to_base64(random);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  text.erase(std::min(text.find('='), text.size()));
  return std::string{ticket_prefix} + text;
}

result<ticket_request> parse_ticket_request(std::string_view text) {
  const auto parsed = json::parse_object(text, what, limits::max_http_body);
  if (!parsed)
    return parsed.error();
  const json::fields in{*parsed, what};
  auto path = in.text("path");
  if (!path)
    return path.error();
  if (!*path)
    return in.bad("path", "is missing");
  const auto target = parse_http_target(**path);
  if (!target || target->path != **path)
    return in.bad("path", "must be an absolute path without a query");

  ticket_request out{std::move(**path), std::nullopt};
  const auto scopes = in.text("scope");
  if (!scopes)
    return scopes.error();
  if (*scopes) {
    auto narrowed = parse_scopes(**scopes);
    if (!narrowed)
      return narrowed.error();
    out.scopes = std::move(*narrowed);
  }
  return out;
}

std::string ticket_to_json(std::string_view ticket, std::string_view path) {
  json::writer out;
  json::begin_success(out)
      .field("ticket", ticket)
      .field("path", path)
      .field("expires_in", limits::ticket_lifetime.count());
  return out.finish();
}

} // namespace outrigger
