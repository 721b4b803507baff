#include "protocol/log_line.hpp"

#include <catch2/catch.hpp>

using namespace outrigger;

TEST_CASE("a logged message has no control characters left") {
  CHECK(escape_controls("plain text") == "plain text");
  CHECK(escape_controls("a\n\x1b[31m\x7f") == "a\\x0a\\x1b[31m\\x7f");
  CHECK(escape_controls(std::string("\0", 1)) == "\\x00");
}

TEST_CASE("a JSON log line is one object on one line") {
  CHECK(log_line_json("12:00", "info", "a \"b\"\n") ==
        R"({"time":"12:00","level":"info","message":"a \"b\"\n"})");
}
