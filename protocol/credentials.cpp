#include "protocol/credentials.hpp"

#include <algorithm>
#include <set>

#include "protocol/ascii.hpp"
#include "protocol/json.hpp"
#include "protocol/utf8.hpp"

namespace outrigger {

namespace {

constexpr std::string_view what = "token register";
constexpr std::int64_t version = 1;
constexpr std::size_t max_tokens = 1000;
constexpr std::size_t max_register_size = std::size_t{4} * 1024 * 1024;
constexpr std::size_t token_id_size = 8;
constexpr std::size_t max_name_size = 256;

bool is_token_id(std::string_view text) {
  return text.size() == token_id_size &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return ascii::is_digit(c) || (c >= 'a' && c <= 'f');
         });
}

/// Names are shown in terminals and logs.
bool is_name(std::string_view text) {
  return text.size() <= max_name_size && utf8::valid(text) &&
         std::none_of(text.begin(), text.end(), ascii::is_control);
}

result<std::string> required_text(const json::fields& in,
                                  std::string_view name) {
  auto text = in.text(name);
  if (!text)
    return text.error();
  if (!*text)
    return in.bad(name, "is missing");
  return std::move(**text);
}

/// Seconds since the epoch. A time before it would come from a broken clock.
result<std::optional<std::int64_t>> read_time(const json::fields& in,
                                              std::string_view name) {
  auto time = in.integer(name);
  if (time && *time && **time < 0)
    return in.bad(name, "must not be negative");
  return time;
}

result<token_record> read_token_record(const json::fields& in) {
  token_record out;
  auto id = required_text(in, "id");
  if (!id)
    return id.error();
  if (!is_token_id(*id))
    return in.bad("id", "must be 8 lower-case hex digits");
  out.id = std::move(*id);

  auto name = in.text("name");
  if (!name)
    return name.error();
  out.name = name->value_or("");
  if (!is_name(out.name))
    return in.bad("name", "is too long or not printable");

  const auto hex = required_text(in, "sha256");
  if (!hex)
    return hex.error();
  const auto digest = digest_from_hex(*hex);
  if (!digest)
    return in.bad("sha256", "must be 64 lower-case hex digits");
  out.digest = *digest;

  const auto scopes = required_text(in, "scopes");
  if (!scopes)
    return scopes.error();
  auto parsed = parse_scopes(*scopes);
  if (!parsed) // whose error would quote them
    return in.bad("scopes", "is not a list of scopes");
  out.scopes = std::move(*parsed);

  const auto created = read_time(in, "created_at");
  if (!created)
    return created.error();
  out.created_at = created->value_or(0);
  const auto expires = read_time(in, "expires_at");
  if (!expires)
    return expires.error();
  out.expires_at = *expires;
  return out;
}

result<std::vector<token_record>> read_token_records(const json::value& list) {
  if (list.Size() > max_tokens)
    return json::bad_field(what, "tokens", "are more than 1000");
  std::vector<token_record> out;
  std::set<std::string> ids;
  std::set<sha256_digest> digests;
  for (const auto& element : list.GetArray()) {
    const auto where =
        std::string{what} + ": tokens[" + std::to_string(out.size()) + "]";
    if (!element.IsObject())
      return error{errc::malformed, where + " must be an object"};
    auto record = read_token_record({element, where});
    if (!record)
      return record.error();
    if (!ids.insert(record->id).second ||
        !digests.insert(record->digest).second)
      return error{errc::malformed, where + " is there twice"};
    out.push_back(std::move(*record));
  }
  return out;
}

} // namespace

result<token_register> parse_token_register(std::string_view text) {
  const auto parsed = json::parse_object(text, what, max_register_size);
  if (!parsed)
    return parsed.error();
  const json::fields in{*parsed, what};
  const auto written = in.integer("version");
  if (!written)
    return written.error();
  if (*written != version)
    return in.bad("version", "is not 1");

  token_register out;
  const auto min_issued = read_time(in, "min_issued");
  if (!min_issued)
    return min_issued.error();
  out.min_issued = min_issued->value_or(0);

  const auto* list = in.find("tokens");
  if (!list || !list->IsArray())
    return in.bad("tokens", "must be an array");
  auto tokens = read_token_records(*list);
  if (!tokens)
    return tokens.error();
  out.tokens = std::move(*tokens);
  return out;
}

std::string to_json(const token_register& all) {
  json::writer out;
  out.field("version", version)
      .field("min_issued", all.min_issued)
      .open_array("tokens");
  for (const auto& token : all.tokens) {
    out.open_object()
        .field("id", token.id)
        .field("name", token.name)
        .field("sha256", to_hex(token.digest))
        .field("scopes", token.scopes.to_text())
        .field("created_at", token.created_at);
    if (token.expires_at)
      out.field("expires_at", *token.expires_at);
    else
      out.field("expires_at", nullptr);
    out.close_object();
  }
  return out.close_array().finish();
}

token_record owner_record(std::string_view token) {
  token_record out;
  out.id = "owner";
  out.digest = sha256(token);
  out.scopes = scope_set::everything();
  return out;
}

} // namespace outrigger
