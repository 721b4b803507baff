#include "protocol/json_stream.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace outrigger;

namespace {

/// What is heard, written down; pieces of a text are put together.
class recorder final : public json_listener {
public:
  void open_object() override { heard += '{'; }
  void open_array() override { heard += '['; }
  void close() override { heard += '<'; }
  void open_text(bool is_name) override { heard += is_name ? " @" : " '"; }
  void text(std::string_view piece) override { heard += piece; }
  void close_text() override { heard += '\''; }
  void word(std::string_view word) override { heard.append(" ").append(word); }
  std::string heard;
};

/// What is heard of `text`, fed in pieces of `size`; "?" at the end when it is
/// refused, "…" when something is missing.
std::string read(std::string_view text, std::size_t size = 1000) {
  recorder out;
  json_stream stream;
  for (std::size_t at = 0; at < text.size(); at += size)
    if (!stream.feed(text.substr(at, size), out))
      return out.heard + "?";
  return out.heard + (stream.is_whole() ? "" : "…");
}

constexpr std::string_view sample =
    R"({"a":[1,-2.5e+3,true,null,{}],"b\n":"x\"y\\z\u00e9\ud83d\ude00","c":[]})";

} // namespace

TEST_CASE("what is in JSON is heard in its order") {
  CHECK(read(sample) == "{ @a'[ 1 -2.5e+3 true null{<< @b\n' "
                        "'x\"y\\z\u00e9\U0001F600' @c'[<<");
}

TEST_CASE("JSON may come in pieces of any size") {
  const auto whole = read(sample);
  for (std::size_t size = 1; size < sample.size(); ++size) {
    CAPTURE(size);
    CHECK(read(sample, size) == whole);
  }
}

TEST_CASE("JSON that ends early is not whole, and no mistake so far") {
  for (std::size_t size = 1; size < sample.size(); ++size) {
    CAPTURE(size);
    const auto heard = read(sample.substr(0, size));
    CHECK(heard.ends_with("…"));
  }
}

TEST_CASE("values may follow each other") {
  CHECK(read("{}\n{} [1] ") == "{<{<[ 1<");
  CHECK(read("") == "");
}

TEST_CASE("what is not JSON is refused") {
  const auto* text = GENERATE(
      "}", "]", "{]", "[}", "{1:2}", "{\"a\"}", "{\"a\" 1}", "{\"a\":}",
      "{\"a\":1,}", "[1,]", "[,]", "{,}", "[1 2]", "nul ", "True ", "+1 ",
      "1. ", ".5 ", "1e ", "- ", "1-2 ", "\"\n\"", "\"\\x\"", "\"\\u12g4\"",
      "\"\\ud800\"", "\"\\ud800\\n\"", "\"\\udc00\"", "\"\\ud800\\ud800\"",
      "[00x]", "\x01", "'a'", "{a:1}", "111111111111111111111111111111111 ");
  CAPTURE(text);
  CHECK(read(text).ends_with("?"));
  CHECK(read(text, 1).ends_with("?"));
}

TEST_CASE("after a mistake nothing is heard any more") {
  recorder out;
  json_stream stream;
  CHECK(stream.feed("[1,,", out).has_error());
  const auto heard = out.heard;
  CHECK(stream.feed("2]", out).has_error());
  CHECK(out.heard == heard);
}

TEST_CASE("JSON is read to a certain depth") {
  const std::string deepest(json_stream::max_depth, '[');
  CHECK(
      read(deepest + std::string(json_stream::max_depth, ']')).ends_with("<"));
  CHECK(read(deepest + "[").ends_with("?"));
}
