#include "protocol/error_body.hpp"

#include <set>

#include <catch2/catch.hpp>

#include "protocol/files/file_fault.hpp"
#include "protocol/json.hpp"

using namespace outrigger;

namespace {

constexpr errc all_codes[] = {
    errc::malformed,      errc::unauthorized, errc::forbidden,
    errc::not_found,      errc::method,       errc::conflict,
    errc::terminal_limit, errc::upgrade,      errc::too_large,
    errc::unsupported,    errc::unavailable,  errc::timeout,
    errc::internal,       errc::too_many,     errc::media_type,
    errc::expectation,    errc::precondition, errc::range,
    errc::no_space};

} // namespace

TEST_CASE("every failure has its HTTP status") {
  const unsigned statuses[] = {400, 401, 403, 404, 405, 409, 409, 426, 413, 501,
                               503, 504, 500, 429, 415, 417, 412, 416, 507};
  static_assert(std::size(statuses) == std::size(all_codes));
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

// -- what the clients of a dialect look for -----------------------------------

TEST_CASE("an error about a file names its path beside the sentence") {
  CHECK(error_body(file_error(file_fault::exists, "/src/a"), "r-1") ==
        R"({"success":false,"error":"exists already: /src/a",)"
        R"("code":"conflict","message":"exists already: /src/a",)"
        R"("detail":"exists already: /src/a","status_code":409,)"
        R"("request_id":"r-1","path":"/src/a"})");
}

TEST_CASE("the runtime API's errors have its shape") {
  CHECK(error_body({errc::not_found, "no such route"}, "r-1",
                   error_style::runtime) ==
        R"({"error":"HTTP Error","detail":"no such route",)"
        R"("status_code":404,"request_id":"r-1"})");
}

TEST_CASE("the runtime API's errors about files have a code") {
  CHECK(error_body(file_error(file_fault::not_found, "/src/a", "really"), "r-1",
                   error_style::runtime) ==
        R"({"error":"HTTP Error","detail":{"code":"FILE_NOT_FOUND",)"
        R"("errorCode":"FILE_NOT_FOUND",)"
        R"x("message":"file not found: /src/a (really)",)x"
        R"("details":{"path":"/src/a"}},"status_code":404,)"
        R"("request_id":"r-1"})");
}

TEST_CASE("the details of an error about a file are an object in any case") {
  error err{errc::internal, "the disk failed: EIO"};
  err.fault = file_fault::io;
  CHECK(error_body(err, "r-1", error_style::runtime) ==
        R"({"error":"HTTP Error","detail":{"code":"INTERNAL_ERROR",)"
        R"("errorCode":"INTERNAL_ERROR","message":"the disk failed: EIO",)"
        R"("details":{}},"status_code":500,"request_id":"r-1"})");
}

TEST_CASE("the runtime API says what is wrong with a credential, and when") {
  const auto [fault, name] = GENERATE(table<credential_fault, std::string>({
      {credential_fault::missing, "MISSING_AUTH_HEADER"},
      {credential_fault::empty, "EMPTY_TOKEN"},
      {credential_fault::expired, "TOKEN_EXPIRED"},
      {credential_fault::none, "AUTH_ERROR"},
  }));
  error err{errc::unauthorized, "this will not do"};
  err.credential = fault;
  CHECK(error_body(err, "r-1", error_style::runtime, 1'500) ==
        R"({"error":"HTTP Error","detail":"this will not do","error_code":")" +
            name +
            R"(","timestamp":"1970-01-01T00:00:01.500Z","status_code":401,)"
            R"("request_id":"r-1"})");
}

TEST_CASE("the runtime API is what lies below its root") {
  const auto [path, style] = GENERATE(table<std::string, error_style>({
      {"/api/v1", error_style::runtime},
      {"/api/v1/", error_style::runtime},
      {"/api/v1/files/a", error_style::runtime},
      {"/api/v10/files", error_style::superset},
      {"/api", error_style::superset},
      {"/files/api/v1", error_style::superset},
      {"", error_style::superset},
  }));
  CAPTURE(path);
  CHECK(error_style_of(path) == style);
}

TEST_CASE("a path that is no text does not break a body") {
  const auto err = file_error(file_fault::invalid_path, "/\xff\x01\"");
  for (const auto style : {error_style::superset, error_style::runtime})
    CHECK(json::parse_object(error_body(err, "", style), "body", 4096)
              .has_value());
}
