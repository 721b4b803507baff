// Which part of a file is sent.

#include "protocol/http_range.hpp"

#include <catch2/catch.hpp>

#include "tests/protocol/prefixes.hpp"
#include "tests/support/result_text.hpp"

using namespace outrigger;

namespace {

constexpr std::uint64_t most = UINT64_MAX;

/// Null: the whole file.
std::optional<byte_range> chosen(std::string_view field, std::uint64_t size) {
  const auto out = choose_range(field, size);
  REQUIRE(out.has_value());
  return *out;
}

void refused(std::string_view field, std::uint64_t size) {
  const auto out = choose_range(field, size);
  INFO(field);
  REQUIRE(out.has_error());
  CHECK(out.error().code == errc::range);
  CHECK(out.error().fault == file_fault::range);
  CHECK_FALSE(out.error().detail.empty());
}

} // namespace

TEST_CASE("a range is a part of the file") {
  CHECK(chosen("bytes=0-0", 10) == byte_range{0, 1});
  CHECK(chosen("bytes=2-5", 10) == byte_range{2, 4});
  CHECK(chosen("bytes=0-9", 10) == byte_range{0, 10});
  CHECK(chosen("bytes=9-9", 10) == byte_range{9, 1});
  CHECK(chosen("Bytes=00-05", 10) == byte_range{0, 6});
  CHECK(chosen("bytes= ,\t2-5 ,", 10) == byte_range{2, 4});
}

TEST_CASE("a range without an end, or beyond it, ends with the file") {
  CHECK(chosen("bytes=3-", 10) == byte_range{3, 7});
  CHECK(chosen("bytes=3-10", 10) == byte_range{3, 7});
  CHECK(chosen("bytes=3-99999999999999999999999999", 10) == byte_range{3, 7});
  CHECK(chosen("bytes=0-18446744073709551615", most) == byte_range{0, most});
  CHECK(chosen("bytes=1-", most) == byte_range{1, most - 1});
}

TEST_CASE("a range without a beginning is so many bytes from the end") {
  CHECK(chosen("bytes=-1", 10) == byte_range{9, 1});
  CHECK(chosen("bytes=-10", 10) == byte_range{0, 10});
  CHECK(chosen("bytes=-11", 10) == byte_range{0, 10});
  CHECK(chosen("bytes=-99999999999999999999999999", 10) == byte_range{0, 10});
  CHECK_FALSE(chosen("bytes=-5", 0));
}

TEST_CASE("a range that begins behind the end is refused") {
  refused("bytes=10-", 10);
  refused("bytes=10-12", 10);
  refused("bytes=99999999999999999999999999-", 10);
  refused("bytes=0-", 0);
  refused("bytes=0-0", 0);
  refused("bytes=-0", 10);
  refused("bytes=-0", 0);
  refused("bytes=18446744073709551615-", most);
}

TEST_CASE("a field that asks for something else is passed over") {
  for (const char* field : {"",
                            "bytes",
                            "bytes=",
                            "bytes=-",
                            "bytes=,",
                            "bytes=5",
                            "bytes=5-2",
                            "bytes=a-b",
                            "bytes=0-b",
                            "bytes=a-5",
                            "bytes=--5",
                            "bytes=0--5",
                            "bytes=-5-",
                            "bytes=+1-2",
                            "bytes=0x1-2",
                            "bytes=1 - 2",
                            "bytes=1-2 3",
                            "bytes =0-1",
                            " bytes=0-1",
                            "lines=0-1",
                            "bytes:0-1",
                            "=0-1",
                            "bytes=0-1,3-4",
                            "bytes=0-1,0-1",
                            "bytes=0-1,x",
                            "bytes=1.0-2"}) {
    INFO(field);
    CHECK_FALSE(chosen(field, 10));
  }
}

TEST_CASE("a range has a meaning wherever it is cut") {
  test::for_each_prefix("bytes=12345678901234567890123-999", [](auto cut) {
    static_cast<void>(choose_range(cut, 10));
  });
  test::for_each_prefix("bytes=2-5", [](std::string_view cut) {
    const auto whole = cut != "bytes=2-";
    CHECK(chosen(cut, 10).has_value() != whole);
  });
  CHECK_FALSE(chosen("bytes=" + std::string(8000, ','), 10));
}

TEST_CASE("an answer names the part it has") {
  CHECK(content_range({2, 4}, 10) == "bytes 2-5/10");
  CHECK(content_range({0, most}, most) ==
        "bytes 0-18446744073709551614/18446744073709551615");
  CHECK(unsatisfied_range(10) == "bytes */10");
}
