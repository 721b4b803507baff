// The console's files as HTTP answers.

#include "net/console.hpp"

#include <catch2/catch.hpp>

#include "web/console_assets.hpp"

namespace outrigger {
namespace {

namespace http = boost::beast::http;

std::string_view bytes_of(const asset_response& answer) {
  return {answer.body().data(), answer.body().size()};
}

std::string field(const asset_response& answer, http::field name) {
  return std::string{answer[name]};
}

/// A file that exists in every encoding.
const web::asset& compressed() {
  for (const auto& file : web::assets())
    if (!file.gzip.empty() && !file.brotli.empty())
      return file;
  FAIL("no file is compressed");
  return web::assets().front();
}

/// The Content-Encoding for an Accept-Encoding.
std::string chosen(std::string_view accept) {
  return field(serve_asset(compressed().path, accept, ""),
               http::field::content_encoding);
}

} // namespace

TEST_CASE("the page is an asset and other paths are not") {
  CHECK(is_asset("/"));
  CHECK(is_asset("/index.html"));
  CHECK_FALSE(is_asset("/nothing-of-that-name"));
  CHECK_FALSE(is_asset("/../etc/passwd"));
  CHECK_FALSE(is_asset(""));
}

TEST_CASE("without Accept-Encoding a file is sent as it is") {
  const auto& file = compressed();
  const auto answer = serve_asset(file.path, "", "");
  CHECK(answer.result() == http::status::ok);
  CHECK(answer.count(http::field::content_encoding) == 0);
  CHECK(bytes_of(answer) == file.identity);
  CHECK(field(answer, http::field::content_type) == file.content_type);
}

TEST_CASE("brotli is preferred to gzip") {
  const auto& file = compressed();
  CHECK(chosen("gzip, deflate, br") == "br");
  CHECK(bytes_of(serve_asset(file.path, "br", "")) == file.brotli);
  CHECK(chosen("gzip") == "gzip");
  CHECK(bytes_of(serve_asset(file.path, "gzip", "")) == file.gzip);
}

TEST_CASE("an encoding with q=0 is refused") {
  const auto refusal =
      GENERATE("br;q=0", "br; q=0", "br ;q=0", "br;q=0.0", "br;q=0.000");
  INFO(refusal);
  CHECK(chosen(refusal) == "");
  CHECK(chosen(std::string{refusal} + ", gzip") == "gzip");
}

TEST_CASE("an encoding with a small q is accepted") {
  CHECK(chosen("br;q=0.1") == "br");
  CHECK(chosen("br;q=0.001") == "br");
  CHECK(chosen("gzip;q=1.0") == "gzip");
}

TEST_CASE("a name that only begins like an encoding is another one") {
  CHECK(chosen("brotli, gzipped") == "");
}

TEST_CASE("the list may have blanks and unknown entries") {
  CHECK(chosen("  deflate ,\tbr") == "br");
  CHECK(chosen(",,zstd,,gzip") == "gzip");
}

TEST_CASE("encodings are named without regard to case") {
  CHECK(chosen("GZIP") == "gzip");
  CHECK(chosen("Br") == "br");
}

TEST_CASE("a cache is told that the encoding was negotiated") {
  const auto answer = serve_asset("/", "", "");
  CHECK(field(answer, http::field::vary) == "Accept-Encoding");
}

TEST_CASE("each encoding has a tag of its own") {
  const auto& file = compressed();
  const auto plain = field(serve_asset(file.path, "", ""), http::field::etag);
  const auto gzip =
      field(serve_asset(file.path, "gzip", ""), http::field::etag);
  const auto brotli =
      field(serve_asset(file.path, "br", ""), http::field::etag);
  CHECK(plain == file.etag);
  CHECK(plain != gzip);
  CHECK(plain != brotli);
  CHECK(gzip != brotli);
}

TEST_CASE("a file the client has is not sent again") {
  const auto encoding = GENERATE("", "gzip", "br");
  const auto& file = compressed();
  const auto tag =
      field(serve_asset(file.path, encoding, ""), http::field::etag);
  const auto wanted = std::string{GENERATE("", "W/", "\"other\", ")} + tag;
  const auto answer = serve_asset(file.path, encoding, wanted);
  CHECK(answer.result() == http::status::not_modified);
  CHECK(bytes_of(answer).empty());
  CHECK(field(answer, http::field::etag) == tag);
  CHECK(answer.count(http::field::vary) == 1);
}

TEST_CASE("any file will do for a client that says so") {
  CHECK(serve_asset("/", "", "*").result() == http::status::not_modified);
}

TEST_CASE("a file the client has an older one of is sent") {
  const auto answer = serve_asset("/", "", "\"older\"");
  CHECK(answer.result() == http::status::ok);
  CHECK_FALSE(bytes_of(answer).empty());
}

TEST_CASE("a file with a hash in its name is kept for ever, others are not") {
  for (const auto& file : web::assets()) {
    const auto answer = serve_asset(file.path, "", "");
    const auto policy = field(answer, http::field::cache_control);
    INFO(file.path);
    CHECK((policy.find("immutable") != std::string::npos) == file.immutable);
    if (!file.immutable)
      CHECK(policy == "no-cache");
  }
}

TEST_CASE("the page may run nothing foreign and be framed by nobody") {
  const auto answer = serve_asset("/", "", "");
  const std::string policy{answer["Content-Security-Policy"]};
  CHECK(policy.find("default-src 'self'") != std::string::npos);
  CHECK(policy.find("frame-ancestors 'none'") != std::string::npos);
  CHECK(policy.find("script-src") == std::string::npos);
}

} // namespace outrigger
