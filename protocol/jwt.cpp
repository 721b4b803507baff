#include "protocol/jwt.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "protocol/base64url.hpp"
#include "protocol/json.hpp"
#include "protocol/limits.hpp"

namespace outrigger {

namespace {

/// 9999-12-31T23:59:59Z: sums and differences of such times cannot overflow.
constexpr std::int64_t last_time = 253'402'300'799;

constexpr std::array<std::pair<jwt_algorithm, std::string_view>, 3> algorithms{
    {{jwt_algorithm::hs256, "HS256"},
     {jwt_algorithm::es256, "ES256"},
     {jwt_algorithm::eddsa, "EdDSA"}}};

/// `why` is always a text of ours.
error refuse(std::string_view why) {
  return {errc::unauthorized, std::string{why}};
}

error expired() {
  auto out = refuse("the token has expired");
  out.credential = credential_fault::expired;
  return out;
}

std::string_view name_of(const json::value& name) {
  return {name.GetString(), name.GetStringLength()};
}

// -- form ---------------------------------------------------------------------

struct decoded_token {
  std::string_view signed_part; // header and claims, as they came
  std::string header;
  std::string claims;
  std::string signature;
};

result<decoded_token> decode(std::string_view token) {
  if (token.size() > limits::max_jwt)
    return refuse("the token is too long");
  if (!looks_like_jwt(token))
    return refuse("the token does not have three parts");
  const auto first = token.find('.');
  const auto second = token.rfind('.');
  auto header = from_base64url(token.substr(0, first));
  auto claims = from_base64url(token.substr(first + 1, second - first - 1));
  auto signature = from_base64url(token.substr(second + 1));
  if (!header || !claims || !signature)
    return refuse("the token is not base64url");
  return decoded_token{token.substr(0, second), std::move(*header),
                       std::move(*claims), std::move(*signature)};
}

// -- header -------------------------------------------------------------------

struct token_header {
  std::optional<std::string> alg;
  std::optional<std::string> typ;
  std::optional<std::string> kid;

  std::optional<std::string>* field(std::string_view name) {
    return name == "alg"   ? &alg
           : name == "typ" ? &typ
           : name == "kid" ? &kid
                           : nullptr;
  }
};

result<token_header> parse_header(std::string_view text) {
  const auto object = json::parse_object(text, "header", limits::max_jwt);
  if (!object)
    return refuse("the token's header is not a JSON object without twins");
  token_header out;
  for (const auto& member : object->GetObject()) {
    auto* field = out.field(name_of(member.name));
    if (!field)
      return refuse("the token's header has a field other than alg, typ, kid");
    *field = json::string_in(member.value);
    if (!*field)
      return refuse("the token's header has a field that is not a string");
  }
  if (!out.alg)
    return refuse("the token names no algorithm");
  return out;
}

/// The key for this header, whose algorithm is the key's.
result<const jwt_key*> choose_key(const token_header& header,
                                  std::span<const jwt_key> keys) {
  const auto kid = header.kid.value_or(std::string{});
  const auto found =
      std::find_if(keys.begin(), keys.end(),
                   [&](const jwt_key& each) { return each.kid() == kid; });
  if (found == keys.end())
    return refuse("the token is by an unknown key");
  if (parse_jwt_algorithm(*header.alg) != found->algorithm())
    return refuse("the token's algorithm is not its key's");
  return &*found;
}

// -- claims -------------------------------------------------------------------

struct token_claims {
  const json::value* sub = nullptr;
  const json::value* scope = nullptr;
  const json::value* jti = nullptr;
  const json::value* aud = nullptr;
  const json::value* exp = nullptr;
  const json::value* nbf = nullptr;
  const json::value* iat = nullptr;

  /// Null for claims nobody here reads.
  const json::value** field(std::string_view name) {
    if (name == "sub")
      return &sub;
    if (name == "scope")
      return &scope;
    if (name == "jti")
      return &jti;
    if (name == "aud")
      return &aud;
    if (name == "exp")
      return &exp;
    if (name == "nbf")
      return &nbf;
    return name == "iat" ? &iat : nullptr;
  }
};

/// Borrows `object`.
token_claims find_claims(const json::value& object) {
  token_claims out;
  for (const auto& member : object.GetObject())
    if (auto* field = out.field(name_of(member.name)))
      *field = &member.value;
  return out;
}

/// Empty when absent.
result<std::string> read_text(const json::value* from,
                              std::string_view refusal) {
  if (!from)
    return std::string{};
  auto out = json::string_in(*from);
  if (!out)
    return refuse(refusal);
  return std::move(*out);
}

/// Null when absent.
result<std::optional<std::int64_t>> read_time(const json::value* from,
                                              std::string_view refusal) {
  if (!from)
    return std::optional<std::int64_t>{};
  if (!from->IsInt64() || from->GetInt64() < 0 || from->GetInt64() > last_time)
    return refuse(refusal);
  return std::optional{from->GetInt64()};
}

/// Whether an element of an array is one scope and not, once joined, several.
bool is_one_scope(std::string_view text) {
  return !text.empty() && std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == ',';
  });
}

result<std::string> read_scope(const json::value* from) {
  if (!from || !from->IsArray())
    return read_text(from, "the token's scope is not a string or strings");
  std::string out;
  for (const auto& element : from->GetArray()) {
    const auto each = json::string_in(element);
    if (!each || !is_one_scope(*each))
      return refuse("the token's scope is not a string or strings");
    if (!out.empty())
      out += ' ';
    out += *each;
  }
  return out;
}

result<void> check_audience(const json::value* aud, std::string_view wanted) {
  if (!aud)
    return refuse("the token has no audience");
  bool found = false;
  const auto matches = [&](const json::value& each) {
    const auto text = json::string_in(each);
    found = found || (text && !wanted.empty() && *text == wanted);
    return text.has_value();
  };
  bool readable = false;
  if (aud->IsArray()) {
    const auto list = aud->GetArray();
    readable = std::all_of(list.begin(), list.end(), matches);
  } else {
    readable = matches(*aud);
  }
  if (!readable)
    return refuse("the token's audience is not a string or strings");
  if (!found)
    return refuse("the token is for another audience");
  return {};
}

/// Fills in when the token was issued and ends.
result<void> check_times(const token_claims& from, const jwt_rules& rules,
                         std::int64_t now, jwt_claims& out) {
  const auto exp = read_time(from.exp, "the token's exp is not a time");
  const auto nbf = read_time(from.nbf, "the token's nbf is not a time");
  const auto iat = read_time(from.iat, "the token's iat is not a time");
  for (const auto* each : {&exp, &nbf, &iat})
    if (!*each)
      return each->error();
  if (!*exp)
    return refuse("the token has no expiry");
  if (**exp <= now)
    return expired();
  const auto latest_start = now + limits::jwt_leeway.count();
  if (nbf->value_or(0) > latest_start)
    return refuse("the token is not valid yet");
  if (iat->value_or(0) > latest_start)
    return refuse("the token is issued in the future");
  if (**exp - iat->value_or(now) > limits::max_jwt_lifetime.count())
    return refuse("the token lives too long");
  if (rules.min_issued > 0 && !*iat)
    return refuse("the token does not say when it was issued");
  if (rules.min_issued > 0 && **iat < rules.min_issued)
    return refuse("the token has been revoked");
  out.issued_at = iat->value_or(0);
  out.expires_at = **exp;
  return {};
}

result<jwt_claims> check_claims(std::string_view text, const jwt_rules& rules,
                                std::int64_t now) {
  const auto object = json::parse_object(text, "claims", limits::max_jwt);
  if (!object)
    return refuse("the token's claims are not a JSON object without twins");
  const auto from = find_claims(*object);
  jwt_claims out;
  if (auto times = check_times(from, rules, now, out); !times)
    return times.error();
  if (auto audience = check_audience(from.aud, rules.audience); !audience)
    return audience.error();
  auto subject = read_text(from.sub, "the token's sub is not a string");
  auto id = read_text(from.jti, "the token's jti is not a string");
  auto scope = read_scope(from.scope);
  for (const auto* each : {&subject, &id, &scope})
    if (!*each)
      return each->error();
  out.subject = std::move(*subject);
  out.id = std::move(*id);
  out.scope = std::move(*scope);
  return out;
}

} // namespace

std::optional<jwt_algorithm> parse_jwt_algorithm(std::string_view name) {
  for (const auto& [algorithm, its_name] : algorithms)
    if (its_name == name)
      return algorithm;
  return std::nullopt;
}

bool looks_like_jwt(std::string_view token) {
  return std::count(token.begin(), token.end(), '.') == 2;
}

result<jwt_claims> verify_jwt(std::string_view token,
                              std::span<const jwt_key> keys,
                              const jwt_rules& rules, std::int64_t now) {
  const auto decoded = decode(token);
  if (!decoded)
    return decoded.error();
  const auto header = parse_header(decoded->header);
  if (!header)
    return header.error();
  const auto key = choose_key(*header, keys);
  if (!key)
    return key.error();
  if (!(*key)->verify(decoded->signed_part, decoded->signature))
    return refuse("the token's signature is wrong");
  auto claims = check_claims(decoded->claims, rules, now);
  if (claims)
    claims->key_id = (*key)->id();
  return claims;
}

} // namespace outrigger
