#include "protocol/error_body.hpp"

#include <set>

#include <catch2/catch.hpp>

#include "protocol/json.hpp"

using namespace outrigger;

namespace {

constexpr errc all_codes[] = {
    errc::malformed,      errc::unauthorized, errc::forbidden,
    errc::not_found,      errc::method,       errc::conflict,
    errc::terminal_limit, errc::too_large,    errc::unsupported,
    errc::unavailable,    errc::timeout,      errc::internal};

} // namespace

TEST_CASE("every failure has its HTTP status") {
  const unsigned statuses[] = {400, 401, 403, 404, 405, 409,
                               409, 413, 501, 503, 504, 500};
  for (std::size_t i = 0; i < std::size(all_codes); ++i)
    CHECK(http_status(all_codes[i]) == statuses[i]);
  CHECK(http_status(errc{}) == 500);
}

TEST_CASE("every failure has a name of its own") {
  std::set<std::string_view> names;
  for (const auto code : all_codes)
    CHECK(names.insert(code_name(code)).second);
  CHECK(code_name(errc::not_found) == "not_found");
  CHECK(code_name(errc::terminal_limit) == "TERMINAL_LIMIT_REACHED");
}

TEST_CASE("an error body has every field of every dialect") {
  CHECK(error_body({errc::not_found, "terminal 7: no such terminal"}, "r-1") ==
        R"({"success":false,"error":"terminal 7: no such terminal",)"
        R"("code":"not_found","message":"terminal 7: no such terminal",)"
        R"("detail":"terminal 7: no such terminal","status_code":404,)"
        R"("request_id":"r-1"})");
}

TEST_CASE("the sentence is never one word, so no client takes it for a code") {
  for (const auto code : all_codes)
    for (const auto* detail : {"", "busy", "NOT_FOUND", "a sentence", "a:b"}) {
      const auto sentence = error_sentence({code, detail});
      CAPTURE(sentence);
      CHECK(sentence.find_first_of(" :") != std::string::npos);
      CHECK(sentence.find(detail) != std::string::npos);
    }
}

TEST_CASE("the sentence of a wrong method lists the right ones") {
  CHECK(error_sentence({errc::method, "GET, POST"}) ==
        "method not allowed; allowed: GET, POST");
}

TEST_CASE("an error body is JSON whatever the detail") {
  const auto text = error_body(
      {errc::internal, std::string("\"\\\x01\xff\xed\xa0\x80\0 end", 13)}, "");
  CHECK(json::parse_object(text, "body", 4096).has_value());
}
