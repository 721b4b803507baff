#include "protocol/option_text.hpp"

#include <catch2/catch.hpp>

using namespace outrigger::option_text;
using namespace std::chrono_literals;

TEST_CASE("a duration is a whole number with its unit") {
  CHECK(parse_duration("500ms") == 500ms);
  CHECK(parse_duration("10s") == 10s);
  CHECK(parse_duration("2m") == 2min);
  CHECK(parse_duration("1h") == 1h);
  CHECK(parse_duration("0s") == 0s);
  CHECK(parse_duration("90S") == 90s);
  for (const auto* bad :
       {"", "10", "s", "1.5s", "-1s", "+1s", " 1s", "1s ", "1 s", "1d", "1min",
        "1m30s", "1e3s", "0x1s", "18446744073709551615s",
        "18446744073709551616ms", "9223372036854775808ms"})
    CHECK_FALSE(parse_duration(bad));
}

TEST_CASE("a size is a number of bytes, or has an IEC unit") {
  CHECK(parse_size("65536") == 65536);
  CHECK(parse_size("65536B") == 65536);
  CHECK(parse_size("64KiB") == 65536);
  CHECK(parse_size("64kib") == 65536);
  CHECK(parse_size("1MiB") == 1048576);
  CHECK(parse_size("3GiB") == 3221225472);
  CHECK(parse_size("0") == 0);
  for (const auto* bad :
       {"", "KiB", "64k", "64K", "64KB", "8m", "1TiB", "1.5MiB", "-1", "1 KiB",
        "18446744073709551616", "17179869184GiB", "\xff"})
    CHECK_FALSE(parse_size(bad));
}

TEST_CASE("durations and sizes are written in their largest whole unit") {
  for (const auto* text : {"0ms", "1500ms", "90s", "2m", "1h"})
    CHECK(written(*parse_duration(text)) == text);
  CHECK(written(60s) == "1m");
  CHECK(written(120min) == "2h");
  for (const auto* text : {"0B", "1500B", "64KiB", "1MiB", "1536MiB", "2GiB"})
    CHECK(written_size(*parse_size(text)) == text);
}

TEST_CASE("text of any bytes is one TOML string on one line") {
  CHECK(quoted("a \"b\"\\\n\x7f\xff") ==
        "\"a \\\"b\\\"\\\\\\u000A\\u007F\xef\xbf\xbd\"");
  CHECK(list_of({}) == "[]");
  CHECK(list_of({"a", "b"}) == "[\"a\", \"b\"]");
}
