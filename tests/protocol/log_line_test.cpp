#include "protocol/log_line.hpp"

#include <catch2/catch.hpp>

#include "protocol/log_fields.hpp"

using namespace outrigger;

TEST_CASE("a logged message has no control characters left") {
  CHECK(escape_controls("plain text") == "plain text");
  CHECK(escape_controls("a\n\x1b[31m\x7f") == "a\\x0a\\x1b[31m\\x7f");
  CHECK(escape_controls(std::string("\0", 1)) == "\\x00");
}

TEST_CASE("a terminal's eight-bit control characters are escaped as well") {
  CHECK(escape_controls("\xc2\x9b"
                        "31m") == "\\xc2\\x9b31m"); // CSI
  CHECK(escape_controls("caf\xc3\xa9 \xe2\x82\xac") ==
        "caf\xc3\xa9 \xe2\x82\xac");
}

TEST_CASE("bytes that are not UTF-8 are escaped") {
  CHECK(escape_controls("a\xff"
                        "b\xc3") == "a\\xffb\\xc3");
  CHECK(escape_controls("\xed\xa0\x80") == "\\xed\\xa0\\x80"); // a surrogate
}

TEST_CASE("a text log line is time, tag, message and fields") {
  CHECK(log_line_text("12:00", "info", "ready") == "12:00 info     ready");
  CHECK(log_line_text("12:00", "critical", "a\nb") == "12:00 critical a\\x0ab");
  CHECK(log_line_text("12:00", "access",
                      with_fields("GET /", {{"status", 200u}})) ==
        "12:00 access   GET /, status 200");
}

TEST_CASE("a JSON log line is one object on one line") {
  CHECK(log_line_json("12:00", "info", "", "a \"b\"\n") ==
        R"({"time":"12:00","level":"info","message":"a \"b\"\n"})");
}

TEST_CASE("a JSON log line has the payload's fields and the log's name") {
  const auto payload =
      with_fields("GET / 200", {{"request_id", "2a"}, {"status", 200u}});
  CHECK(log_line_json("12:00", "info", "access", payload) ==
        R"({"time":"12:00","level":"info","logger":"access",)"
        R"("message":"GET / 200","request_id":"2a","status":200})");
}
