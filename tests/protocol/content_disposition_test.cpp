// File names in an answer's header.

#include "protocol/content_disposition.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

#include "protocol/percent.hpp"

using namespace outrigger;

namespace {

std::string attached(std::string_view name) {
  return content_disposition(disposition::attachment, name);
}

} // namespace

TEST_CASE("a plain name is told as it is, twice") {
  CHECK(attached("a-1.txt") ==
        "attachment; filename=\"a-1.txt\"; filename*=UTF-8''a-1.txt");
  CHECK(content_disposition(disposition::in_line, "a b") ==
        "inline; filename=\"a b\"; filename*=UTF-8''a%20b");
  CHECK(attached("") == "attachment; filename=\"\"; filename*=UTF-8''");
}

TEST_CASE("a name beyond ASCII is told in UTF-8") {
  CHECK(attached("na\xc3\xafve \xf0\x9f\x98\x80") ==
        "attachment; filename=\"na_ve _\"; "
        "filename*=UTF-8''na%C3%AFve%20%F0%9F%98%80");
}

TEST_CASE("what has a meaning in the field is not told as it is") {
  CHECK(attached("a\"b\\c;d'e%41") ==
        "attachment; filename=\"a_b_c;d'e_41\"; "
        "filename*=UTF-8''a%22b%5Cc%3Bd%27e%2541");
}

TEST_CASE("line ends, controls and slashes are in neither form") {
  CHECK(attached("a\r\nX: y/z\t\x7f") ==
        "attachment; filename=\"a__X: y_z__\"; "
        "filename*=UTF-8''a__X%3A%20y_z__");
  CHECK(attached(std::string_view{"\0", 1}) ==
        "attachment; filename=\"_\"; filename*=UTF-8''_");
}

TEST_CASE("bytes that are no UTF-8 are told as such") {
  CHECK(attached("a\xff\xc3") == "attachment; filename=\"a__\"; "
                                 "filename*=UTF-8''a%EF%BF%BD%EF%BF%BD");
}

TEST_CASE("every byte leaves the field well-formed") {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string name{'a', static_cast<char>(byte), 'b'};
    const auto field = attached(name);
    CHECK(std::count(field.begin(), field.end(), '"') == 2);
    CHECK(std::all_of(field.begin(), field.end(),
                      [](char c) { return c >= ' ' && c <= '~'; }));
    const auto encoded = field.substr(field.find("''") + 2);
    const auto decoded = percent_decode(encoded, false);
    REQUIRE(decoded);
    const bool told = byte >= ' ' && byte < 0x7f && byte != '/';
    CHECK((*decoded == name) == told);
  }
}
