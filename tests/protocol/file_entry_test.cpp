#include "../support/result_text.hpp"

#include <catch2/catch.hpp>

#include "protocol/base64.hpp"
#include "protocol/files/file_entry.hpp"

using namespace outrigger;

namespace {
constexpr std::int64_t second = 1'000'000'000;
}

TEST_CASE("times are written as each dialect's clients read them") {
  const auto at = 1'700'000'000 * second;
  CHECK(to_zulu_time(at) == "2023-11-14T22:13:20Z");
  CHECK(to_zulu_time(at + 999'999'999) == "2023-11-14T22:13:20Z");
  CHECK(to_offset_time(at) == "2023-11-14T22:13:20+00:00");
  CHECK(to_offset_time(at + second / 2) == "2023-11-14T22:13:20.500000+00:00");
  CHECK(to_offset_time(at + 999) == "2023-11-14T22:13:20+00:00");
  CHECK(to_offset_time(at + 1000) == "2023-11-14T22:13:20.000001+00:00");
}

TEST_CASE("times before 1970 round down") {
  CHECK(to_zulu_time(-1) == "1969-12-31T23:59:59Z");
  CHECK(to_offset_time(-1) == "1969-12-31T23:59:59.999999+00:00");
}

TEST_CASE("code is told by its name") {
  for (const auto* name : {"a.cpp", "A.CPP", "x.d.ts", "Makefile", "go.mod",
                           ".x.py", "page.vue", "c.yaml"})
    CHECK(is_code(name));
  for (const auto* name : {"", "a", "a.png", ".py", "makefile.bin", "a."})
    CHECK_FALSE(is_code(name));
}

TEST_CASE("bytes that are not text are shown as base64 and come back") {
  CHECK_FALSE(to_shown("grüße\n").is_base64);
  CHECK(to_shown("a\xff").is_base64);
  CHECK(to_shown(std::string{"a\0b", 3}).is_base64);
  for (const auto& bytes :
       {std::string{"text"}, std::string{"\xff\x00\x01", 3}, std::string{}}) {
    const auto shown = to_shown(bytes);
    const auto back =
        from_shown(shown.text, shown.is_base64 ? "base64" : "", "test");
    REQUIRE(back);
    CHECK(*back == bytes);
  }
}

TEST_CASE("an unknown encoding and broken base64 are said to be that") {
  CHECK(from_shown("x", "latin1", "write file").error().detail ==
        "write file: encoding must be utf-8 or base64");
  CHECK(from_shown("x", "base64", "write file").error().detail ==
        "write file: content is not base64");
}

TEST_CASE("base64 is read with and without padding and line ends") {
  CHECK(from_base64("") == "");
  CHECK(from_base64("Zg==") == "f");
  CHECK(from_base64("Zg") == "f");
  CHECK(from_base64("Zm8=") == "fo");
  CHECK(from_base64("Zm9v\r\nYmFy\n") == "foobar");
  for (const auto* wrong :
       {"Z", "Zg=", "Zm9v=", "Zg==Zg==", "Z g=", "Zm9_", "====", "Zg==="})
    CHECK_FALSE(from_base64(wrong));
  std::string all;
  for (int i = 0; i < 256; ++i)
    all += static_cast<char>(i);
  for (std::size_t cut = 0; cut < 4; ++cut)
    CHECK(from_base64(to_base64(all.substr(cut))) == all.substr(cut));
}
