#include "net/http_answer.hpp"

#include <catch2/catch.hpp>

namespace outrigger {
namespace {

namespace http = boost::beast::http;

std::string sent(http_answer answer, answer_context context = {"r-1", ""}) {
  finish_head(answer, context);
  return to_text(answer.head);
}

bool has(const std::string& head, const std::string& line) {
  return head.find("\r\n" + line + "\r\n") != std::string::npos;
}

class no_source final : public body_source {
public:
  void next(std::function<void(result<std::string>)>) override {}
};

} // namespace

TEST_CASE("a head is written as HTTP says") {
  const auto head = sent(to_answer(rest_answer{404, "{}"}));
  CHECK(head.starts_with("HTTP/1.1 404 Not Found\r\n"));
  CHECK(head.ends_with("\r\n\r\n"));
  CHECK(has(head, "Content-Type: application/json"));
  CHECK(has(head, "Content-Length: 2"));
  CHECK(has(head, "X-Request-Id: r-1"));
  CHECK(has(head, "Cache-Control: no-store"));
}

TEST_CASE("an answer's own fields go before ours") {
  rest_answer answer{200, "x"};
  answer.type = "text/plain";
  answer.fields = {{"Cache-Control", "no-cache"},
                   {"ETag", "\"a\""},
                   {"Content-Range", "bytes 0-0/2"}};
  const auto head = sent(to_answer(std::move(answer)));
  CHECK(has(head, "Content-Type: text/plain"));
  CHECK(has(head, "Cache-Control: no-cache"));
  CHECK_FALSE(has(head, "Cache-Control: no-store"));
  CHECK(has(head, "ETag: \"a\""));
  CHECK(has(head, "Content-Range: bytes 0-0/2"));
}

TEST_CASE("a value that would end its field is left out") {
  const auto value = GENERATE(as<std::string>{}, "a\r\nSet-Cookie: b", "a\nb",
                              std::string("a\0b", 3));
  rest_answer answer{200, "x"};
  answer.fields = {{"Content-Disposition", value}, {"ETag", "\"a\""}};
  const auto head = sent(to_answer(std::move(answer)));
  CHECK(head.find("Set-Cookie") == std::string::npos);
  CHECK(head.find("Content-Disposition") == std::string::npos);
  CHECK(has(head, "ETag: \"a\""));
}

TEST_CASE("a body's end is told by what is known of it") {
  rest_answer file{200};
  file.file = file_body{std::make_shared<const int>(-1), 5, 1'000'000'000'000};
  auto head = sent(to_answer(std::move(file)));
  CHECK(has(head, "Content-Length: 1000000000000"));
  CHECK(head.find("Transfer-Encoding") == std::string::npos);

  rest_answer source{200};
  source.source = std::make_shared<no_source>();
  head = sent(to_answer(source));
  CHECK(has(head, "Transfer-Encoding: chunked"));
  CHECK(head.find("Content-Length") == std::string::npos);

  head = sent(to_answer(source), {"r-1", "", true, false});
  CHECK(head.find("Transfer-Encoding") == std::string::npos);
  CHECK(has(head, "Connection: close"));
}

TEST_CASE("what may have no body has none, nor its length") {
  const auto status = GENERATE(204u, 304u);
  rest_answer file{status};
  file.file = file_body{std::make_shared<const int>(-1), 0, 100};
  auto answer = to_answer(std::move(file));
  finish_head(answer, {"r-1", ""});
  CHECK_FALSE(answer.is_streamed());
  CHECK(answer.bytes().empty());
  CHECK(to_text(answer.head).find("Content-Length") == std::string::npos);
}

TEST_CASE("a page that may read an answer may read what is about files") {
  const auto head =
      sent(to_answer(rest_answer{200, ""}), {"r-1", "https://ide.example"});
  CHECK(has(head, "Access-Control-Allow-Origin: https://ide.example"));
  CHECK(has(head, "Access-Control-Expose-Headers: ETag, X-Request-Id, "
                  "Content-Range, Accept-Ranges, Last-Modified, "
                  "Content-Disposition"));
}

TEST_CASE("a failure has the shape of its dialect") {
  const error err{errc::unauthorized, "a token is required"};
  const auto plain = to_answer(err, "r-1", error_style::superset);
  CHECK(plain.bytes().find("\"success\":false") != std::string::npos);
  const auto runtime = to_answer(err, "r-1", error_style::runtime);
  CHECK(runtime.bytes().find("\"error\":\"HTTP Error\"") != std::string::npos);
  // The time is now.
  CHECK(runtime.bytes().find("\"timestamp\":\"20") != std::string::npos);
  for (const auto& answer : {std::cref(plain), std::cref(runtime)})
    CHECK(answer.get().head[http::field::www_authenticate] == "Bearer");
}

} // namespace outrigger
