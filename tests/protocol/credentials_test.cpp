#include "protocol/credentials.hpp"

#include <catch2/catch.hpp>

#include "tests/protocol/prefixes.hpp"
#include "tests/support/result_text.hpp"

using namespace outrigger;

namespace {

const std::string digest_a = to_hex(sha256("a"));
const std::string digest_b = to_hex(sha256("b"));

std::string record(std::string id, std::string digest, std::string more = "") {
  return R"({"id":")" + std::move(id) + R"(","sha256":")" + std::move(digest) +
         R"(","scopes":"read","created_at":5)" + std::move(more) + "}";
}

std::string with_tokens(std::string list) {
  return R"({"version":1,"tokens":[)" + std::move(list) + "]}";
}

result<token_register> parse_one(std::string more) {
  return parse_token_register(
      with_tokens(record("0123abcd", digest_a, std::move(more))));
}

std::string refusal(const std::string& text) {
  const auto parsed = parse_token_register(text);
  REQUIRE(parsed.has_error());
  return parsed.error().detail;
}

token_register example() {
  token_register out;
  out.min_issued = 1'700'000'000;
  token_record first;
  first.id = "0123abcd";
  first.name = "build \"server\" \xE2\x82\xAC";
  first.digest = sha256("a");
  first.scopes = *parse_scopes("terminal:3:view files:/docs");
  first.created_at = 1'700'000'001;
  first.expires_at = 1'700'000'002;
  auto second = first;
  second.id = "00000000";
  second.name.clear();
  second.digest = sha256("b");
  second.expires_at.reset();
  out.tokens = {first, second};
  return out;
}

} // namespace

TEST_CASE("what is written of the tokens is read again") {
  const auto before = example();
  const auto after = parse_token_register(to_json(before));
  REQUIRE(after);
  CHECK(after->min_issued == before.min_issued);
  REQUIRE(after->tokens.size() == before.tokens.size());
  for (std::size_t i = 0; i < before.tokens.size(); ++i) {
    const auto& read = after->tokens[i];
    const auto& written = before.tokens[i];
    CHECK(read.id == written.id);
    CHECK(read.name == written.name);
    CHECK(read.digest == written.digest);
    CHECK(read.scopes == written.scopes);
    CHECK(read.created_at == written.created_at);
    CHECK(read.expires_at == written.expires_at);
  }
}

TEST_CASE("no token is as good as some") {
  const auto parsed = parse_token_register(to_json(token_register{}));
  REQUIRE(parsed);
  CHECK(parsed->tokens.empty());
  CHECK(parsed->min_issued == 0);
}

TEST_CASE("the form of the register is the documented one") {
  token_register all;
  all.tokens.push_back(owner_record("a"));
  all.tokens[0].id = "0123abcd";
  CHECK(to_json(all) ==
        R"({"version":1,"min_issued":0,"tokens":[{"id":"0123abcd","name":"",)"
        R"("sha256":")" +
            digest_a +
            R"(","scopes":"all","created_at":0,"expires_at":null}]})");
}

TEST_CASE("unknown fields of the register are ignored") {
  CHECK(parse_one(R"(,"colour":"red","expires_at":null,"name":null)"));
  CHECK(parse_token_register(R"({"version":1,"tokens":[],"more":{}})"));
}

TEST_CASE("another version of the register is not") {
  for (const auto* version : {"2", "0", "-1", "null", "\"1\"", "1.5", "1e0"}) {
    CAPTURE(version);
    CHECK_THAT(
        refusal(R"({"tokens":[],"version":)" + std::string{version} + "}"),
        Catch::Contains("version"));
  }
  CHECK_THAT(refusal(R"({"tokens":[]})"), Catch::Contains("version"));
}

TEST_CASE("a wrong field of a token is named with its place") {
  const auto [more, field] = GENERATE(table<std::string, std::string>({
      {R"("id":"0123abc","sha256":"D","scopes":"all")", "id"},
      {R"("id":"0123ABCD","sha256":"D","scopes":"all")", "id"},
      {R"("id":"owner","sha256":"D","scopes":"all")", "id"},
      {R"("id":7,"sha256":"D","scopes":"all")", "id"},
      {R"("sha256":"D","scopes":"all")", "id"},
      {R"("id":"0123abcd","scopes":"all")", "sha256"},
      {R"("id":"0123abcd","sha256":"","scopes":"all")", "sha256"},
      {R"("id":"0123abcd","sha256":"D0","scopes":"all")", "sha256"},
      {R"("id":"0123abcd","sha256":"D")", "scopes"},
      {R"("id":"0123abcd","sha256":"D","scopes":"")", "scopes"},
      {R"("id":"0123abcd","sha256":"D","scopes":"rule"})", "JSON"},
      {R"("id":"0123abcd","sha256":"D","scopes":"rule")", "scopes"},
      {R"("id":"0123abcd","sha256":"D","scopes":["all"])", "scopes"},
      {R"("id":"0123abcd","sha256":"D","scopes":"all","name":1)", "name"},
      {R"("id":"0123abcd","sha256":"D","scopes":"all","name":"\n")", "name"},
      {R"("id":"0123abcd","sha256":"D","scopes":"all","created_at":-1)",
       "created_at"},
      {R"("id":"0123abcd","sha256":"D","scopes":"all","expires_at":"never")",
       "expires_at"},
      {R"("id":"0123abcd","sha256":"D","scopes":"all","expires_at":1.5)",
       "expires_at"},
      {R"("id":"0123abcd","sha256":"D","scopes":"all","expires_at":-1)",
       "expires_at"},
  }));
  auto text = more;
  if (const auto at = text.find("\"D"); at != std::string::npos)
    text.replace(at + 1, 1, digest_b);
  const auto why =
      refusal(with_tokens(record("00000000", digest_a) + ",{" + text + "}"));
  CAPTURE(more);
  CHECK_THAT(why, Catch::Contains(field));
  if (field != "JSON")
    CHECK_THAT(why, Catch::Contains("tokens[1]"));
}

TEST_CASE("a digest has lower-case hex digits only") {
  auto upper = digest_a;
  upper[0] = 'A';
  CHECK_THAT(refusal(with_tokens(record("0123abcd", upper))),
             Catch::Contains("sha256"));
  auto other = digest_a;
  other[63] = 'g';
  CHECK_THAT(refusal(with_tokens(record("0123abcd", other))),
             Catch::Contains("sha256"));
}

TEST_CASE("neither an id nor a token is there twice") {
  CHECK_THAT(refusal(with_tokens(record("0123abcd", digest_a) + "," +
                                 record("0123abcd", digest_b))),
             Catch::Contains("twice"));
  CHECK_THAT(refusal(with_tokens(record("0123abcd", digest_a) + "," +
                                 record("0123abce", digest_a))),
             Catch::Contains("twice"));
}

TEST_CASE("a register is an object with an array of objects") {
  for (const auto* text :
       {"", "[]", "null", "{", R"({"version":1})",
        R"({"version":1,"tokens":{}})", R"({"version":1,"tokens":[1]})",
        R"({"version":1,"tokens":[[]]})", R"({"version":1,"tokens":null})",
        R"({"version":1,"tokens":[],"min_issued":-1})",
        R"({"version":1,"tokens":[],"min_issued":"x"})",
        R"({"version":1,"tokens":[]} more)"}) {
    CAPTURE(text);
    CHECK(parse_token_register(text).has_error());
  }
}

TEST_CASE("a register has room for 1,000 tokens") {
  std::string list;
  for (int i = 0; i < 1000; ++i)
    list += (i > 0 ? "," : "") + record(std::to_string(10'000'000 + i),
                                        to_hex(sha256(std::to_string(i))));
  const auto full = parse_token_register(with_tokens(list));
  REQUIRE(full);
  CHECK(full->tokens.size() == 1000);
  CHECK_THAT(refusal(with_tokens(list + "," + record("0123abcd", digest_a))),
             Catch::Contains("1000"));
}

TEST_CASE("a register over 4 MiB is too large") {
  const auto parsed =
      parse_token_register(with_tokens("") + std::string(5'000'000, ' '));
  REQUIRE(parsed.has_error());
  CHECK(parsed.error().code == errc::too_large);
}

TEST_CASE("a register cut anywhere is malformed") {
  test::for_each_prefix(to_json(example()), [](auto text) {
    CHECK(parse_token_register(text).has_error());
  });
}

TEST_CASE("no refused register is quoted") {
  const auto text =
      GENERATE(as<std::string>{}, R"({"version":1,"tokens":["canary"]})",
               R"({"version":1,"tokens":[{"id":"canary"}]})",
               R"({"version":"canary"})", "canary");
  CHECK(refusal(text).find("canary") == std::string::npos);
  const auto scopes = parse_token_register(with_tokens(
      R"({"id":"0123abcd","sha256":")" + digest_a + R"(","scopes":"canary"})"));
  REQUIRE(scopes.has_error());
  CHECK(scopes.error().detail.find("canary") == std::string::npos);
}

TEST_CASE("the owner may do everything, for ever") {
  const auto owner = owner_record("secret");
  CHECK(owner.id == "owner");
  CHECK(owner.digest == sha256("secret"));
  CHECK(owner.scopes == scope_set::everything());
  CHECK_FALSE(owner.expires_at);
}

TEST_CASE("a digest is written and read as hex") {
  const std::string of_abc =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  CHECK(to_hex(sha256("abc")) == of_abc);
  CHECK(digest_from_hex(of_abc) == sha256("abc"));
  CHECK_FALSE(digest_from_hex(of_abc + "0"));
  CHECK_FALSE(digest_from_hex(""));
  CHECK(equal_digest(sha256("a"), sha256("a")));
  CHECK_FALSE(equal_digest(sha256("a"), sha256("b")));
}
