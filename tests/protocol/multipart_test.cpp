// Forms with files, taken apart in whatever pieces they come.

#include "protocol/multipart.hpp"

#include <catch2/catch.hpp>

#include <vector>

#include "tests/protocol/prefixes.hpp"
#include "tests/support/result_text.hpp"

using namespace outrigger;

namespace {

constexpr std::string_view type = "multipart/form-data; boundary=B";

/// Writes down what it hears: "name|filename|type=data;".
class recorder final : public multipart_listener {
public:
  result<void> part_began(const multipart_part& part) override {
    CHECK_FALSE(open);
    open = true;
    heard += part.name + "|" + part.filename.value_or("-") + "|" +
             part.content_type + "=";
    return refuse_at("began");
  }
  result<void> part_data(std::string_view bytes) override {
    CHECK(open);
    CHECK_FALSE(bytes.empty());
    ++pieces;
    heard += bytes;
    return refuse_at("data");
  }
  result<void> part_ended() override {
    CHECK(open);
    open = false;
    heard += ";";
    return refuse_at("ended");
  }

  std::string refuses;
  std::string heard;
  bool open = false;
  int pieces = 0;

private:
  [[nodiscard]] result<void> refuse_at(std::string_view event) const {
    if (refuses == event)
      return error{errc::no_space, refuses};
    return {};
  }
};

/// What is heard of a body in pieces of `size`, or the error's detail.
std::string heard_in(std::string_view body, std::size_t size,
                     std::string_view content_type = type) {
  auto parser = multipart_parser::begin(content_type);
  REQUIRE(parser.has_value());
  recorder listener;
  for (; !body.empty(); body.remove_prefix(std::min(size, body.size()))) {
    // A copy, so that a sanitizer sees a read past the end.
    const std::string piece{body.substr(0, size)};
    if (const auto fed = parser->feed(piece, listener); !fed)
      return "error: " + fed.error().detail;
  }
  const auto finished = parser->finish();
  return finished ? listener.heard : "error: " + finished.error().detail;
}

/// The same, however it is cut.
std::string heard(std::string_view body) {
  auto whole = heard_in(body, body.size());
  for (const std::size_t size : {1, 2, 3, 5, 7})
    CHECK(heard_in(body, size) == whole);
  return whole;
}

std::string part(std::string_view header, std::string_view data) {
  std::string out = "--B\r\n";
  return out.append(header).append("\r\n\r\n").append(data).append("\r\n");
}

/// A part with one field of a header beside its name.
std::string field(std::string_view more = "", std::string_view data = "1") {
  std::string header = "Content-Disposition: form-data; name=\"a\"";
  return part(header.append(more), data) + "--B--";
}

bool refused(std::string_view body) {
  return heard(body).starts_with("error: multipart/form-data: ");
}

} // namespace

TEST_CASE("a form's fields and files are told in order") {
  const auto body =
      part("Content-Disposition: form-data; name=\"path\"", "/up") +
      part("content-disposition: Form-Data; name=file; filename=\"a b.bin\"\r\n"
           "X-More: x\r\nContent-Type: application/zip",
           std::string("\0\r\n--A\r\r\n--", 11)) +
      part("Content-Disposition: form-data; name=\"e\"; filename=\"\"", "") +
      "--B--\r\n";
  CHECK(heard(body) == "path|-|text/plain=/up;file|a b.bin|application/zip=" +
                           std::string("\0\r\n--A\r\r\n--", 11) +
                           ";e||text/plain=;");
}

TEST_CASE("a boundary may be cut anywhere") {
  const auto body = field("", "x\r\n--") + "\r\n";
  const auto expected = heard_in(body, body.size());
  for (std::size_t cut = 0; cut <= body.size(); ++cut) {
    auto parser = multipart_parser::begin(type);
    REQUIRE(parser.has_value());
    recorder listener;
    CHECK(parser->feed(body.substr(0, cut), listener));
    CHECK(parser->feed(body.substr(cut), listener));
    CHECK(parser->finish());
    CHECK(listener.heard == expected);
  }
}

TEST_CASE("what only looks like a boundary is data") {
  for (const std::string_view data :
       {"--B", "x--B--", "\r\n--", "\r\n-", "\n--B\n", "\r--B", "\r\r\n--\r\n",
        "\r\n\r\n--A", "\r\n --B", "\r", "\r\n--\r\n--\r"}) {
    INFO(data);
    const auto shifted = "x" + std::string{data};
    CHECK(heard(field("", shifted)) == "a|-|text/plain=" + shifted + ";");
  }
}

TEST_CASE("data is told in large pieces") {
  auto parser = multipart_parser::begin(type);
  REQUIRE(parser.has_value());
  recorder listener;
  const std::string data(1024 * 1024, 'x');
  REQUIRE(parser->feed(field("", data), listener));
  CHECK(listener.pieces == 1);
}

TEST_CASE("what is before the first boundary and behind the last is ignored") {
  const auto form = field();
  const auto expected = heard(form);
  CHECK(heard("preamble\r\n" + form + "\r\nepilogue\r\n--B\r\n") == expected);
  CHECK(heard("\r\n" + form) == expected);
  CHECK(heard(form + "more") == expected);
  const std::string preamble(multipart_parser::max_preamble, 'x');
  CHECK(heard_in(preamble + "\r\n" + form, 100) == expected);
  CHECK(heard_in(preamble + "x\r\n" + form, 100).starts_with("error: "));
  CHECK(heard_in(preamble + "xx", 9000).starts_with("error: "));
  CHECK(heard("x" + form) == ""); // its boundary does not begin a line
}

TEST_CASE("a form may be empty, and so may a part") {
  CHECK(heard("--B--") == "");
  CHECK(heard(field("", "")) == "a|-|text/plain=;");
  CHECK(heard("--B\r\nContent-Disposition: form-data; name=a\r\n\r\n--B--") ==
        "a|-|text/plain=;");
  CHECK(heard("--B\r\nContent-Disposition: form-data; name=a\r\n\r\n--C\r\n"
              "--B--") == "a|-|text/plain=--C;");
}

TEST_CASE("a form that is cut short is an error") {
  test::for_each_prefix(field("; filename=f", "data"),
                        [](std::string_view cut) {
                          CHECK(heard_in(cut, 1).starts_with("error: "));
                          CHECK(heard_in(cut, 100).starts_with("error: "));
                        });
}

TEST_CASE("a boundary's line may end with blanks and with nothing else") {
  CHECK(heard("--B \t\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n"
              "--B-- \r\n") == "a|-|text/plain=1;");
  for (const char* line : {"--BB\r\n", "--B\n", "--B\r\r\n", "--B-\r\n",
                           "--B -- \r\n", "--B x\r\n", "--B\rx"}) {
    INFO(line);
    CHECK(refused(line + field().substr(5)));
  }
  CHECK(refused("--B" + std::string(9000, ' ') + "\r\n" + field().substr(5)));
}

TEST_CASE("names are quoted as browsers do") {
  const auto name_of = [](const std::string& filename) {
    const auto all = heard(field("; filename=" + filename));
    return all.starts_with("error") ? all
                                    : all.substr(2, all.rfind("|text") - 2);
  };
  CHECK(name_of("\"a;b=c\"") == "a;b=c");
  CHECK(name_of("\"a\\\"b\\\\c\"") == "a\"b\\c");
  CHECK(name_of("\"C:\\dir\\x.txt\"") == "C:\\dir\\x.txt");
  CHECK(name_of("\"../na\xc3\xafve\"") == "../na\xc3\xafve");
  CHECK(name_of("token.txt") == "token.txt");
  CHECK(name_of("x ; other=1") == "x");
  CHECK(name_of("x; filename*=UTF-8''y") == "x");
  for (const char* wrong :
       {"", "\"a", "\"a\"b", "a b", "a\"b\"", "\xc3\xa9", "a; filename=b",
        "a; FILENAME=b", "a; name=b", "\"a\\\"", "a; x", "a; =x", "a; x =y"})
    CHECK(name_of(wrong).starts_with("error: "));
  CHECK(heard(field("; filename*=UTF-8''y")) == "a|-|text/plain=1;");
}

TEST_CASE("names are bounded") {
  const std::string longest(multipart_parser::max_name, 'x');
  CHECK_FALSE(refused(field("; filename=" + longest)));
  CHECK(refused(field("; filename=" + longest + "x")));
  const std::string header = "Content-Disposition: form-data; name=";
  CHECK_FALSE(refused(part(header + longest, "") + "--B--"));
  CHECK(refused(part(header + longest + "x", "") + "--B--"));
}

TEST_CASE("a part's header is of a form, complete and unambiguous") {
  for (const char* header :
       {"", "X: y", "Content-Disposition: form-data",
        "Content-Disposition: form-data; filename=x",
        "Content-Disposition: attachment; name=a",
        "Content-Disposition: form-data x; name=a",
        "Content-Disposition : form-data; name=a",
        " Content-Disposition: form-data; name=a",
        "Content-Disposition: form-data;\r\n name=a",
        "Content-Disposition: form-data; name=a\r\n"
        "Content-Disposition: form-data; name=a",
        "Content-Disposition: form-data; name=a\r\nno field",
        "Content-Disposition: form-data; name=a\r\n: x",
        "Content-Disposition: form-data; name=a\nX: y",
        "Content-Disposition: form-data; name=\"a\rb\"",
        "Content-Disposition: form-data; name=\"a\x01\"",
        "Content-Disposition: form-data; name=a\r\n"
        "Content-Transfer-Encoding: base64",
        "Content-Disposition: form-data; name=a\r\n"
        "Content-Type: a/b\r\ncontent-type: c/d"}) {
    INFO(header);
    CHECK(refused(part(header, "1") + "--B--"));
  }
  CHECK(heard(field("; ; filename=f;\r\nContent-Transfer-Encoding: Binary")) ==
        "a|f|text/plain=1;");
}

TEST_CASE("a part's header is bounded") {
  const auto with = [](std::size_t size) {
    const std::string lines =
        "Content-Disposition: form-data; name=a\r\nX: \r\n\r\n";
    return heard_in("--B\r\nContent-Disposition: form-data; name=a\r\nX: " +
                        std::string(size - lines.size(), 'x') +
                        "\r\n\r\n1\r\n--B--",
                    1000);
  };
  CHECK(with(multipart_parser::max_part_header) == "a|-|text/plain=1;");
  CHECK(with(multipart_parser::max_part_header + 1).starts_with("error: "));
}

TEST_CASE("the parts are counted") {
  std::string body;
  for (std::size_t i = 0; i < multipart_parser::max_parts; ++i)
    body += part("Content-Disposition: form-data; name=a", "");
  CHECK_FALSE(heard_in(body + "--B--", 1000).starts_with("error: "));
  CHECK(heard_in(body + field(), 1000).starts_with("error: "));
}

TEST_CASE("a listener's error ends it and is repeated") {
  for (const char* event : {"began", "data", "ended"}) {
    auto parser = multipart_parser::begin(type);
    REQUIRE(parser.has_value());
    recorder listener;
    listener.refuses = event;
    const auto fed = parser->feed(field() + field(), listener);
    REQUIRE(fed.has_error());
    CHECK(fed.error() == error{errc::no_space, event});
    const auto before = listener.heard;
    CHECK(parser->feed(field(), listener) == fed);
    CHECK(parser->finish() == fed);
    CHECK(listener.heard == before);
  }
}

TEST_CASE("a body's type is that of a form, with a boundary") {
  const auto code = [](std::string_view content_type) {
    const auto made = multipart_parser::begin(content_type);
    return made ? errc{} : made.error().code;
  };
  const std::string longest(70, 'x');
  for (const auto& good : std::vector<std::string>{
           "multipart/form-data; boundary=B",
           "Multipart/Form-Data;charset=utf-8;BOUNDARY=\"a b/c:d\"",
           "multipart/form-data ; boundary=----WebKitFormBoundary7MA4;",
           "multipart/form-data; boundary=" + longest}) {
    INFO(good);
    CHECK(code(good) == errc{});
  }
  for (const char* other : {"", "text/plain; boundary=B", "multipart/mixed",
                            "multipart/form-data2; boundary=B"})
    CHECK(code(other) == errc::media_type);
  for (const auto& wrong : std::vector<std::string>{
           "multipart/form-data", "multipart/form-data; boundary",
           "multipart/form-data; boundary=",
           "multipart/form-data; boundary=\"\"",
           "multipart/form-data; boundary=\"a ",
           "multipart/form-data; boundary=é",
           "multipart/form-data; boundary=\"a \"",
           "multipart/form-data; boundary=\"a\r\n\"",
           "multipart/form-data; boundary=a; boundary=b",
           "multipart/form-data; boundary=a b",
           "multipart/form-data; boundary=" + longest + "x"}) {
    INFO(wrong);
    CHECK(code(wrong) == errc::malformed);
  }
  CHECK(heard_in("--a b/c:d--", 100,
                 "multipart/form-data; boundary=\"a b/c:d\"") == "");
}
