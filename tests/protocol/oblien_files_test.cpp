#include "../support/result_text.hpp"
#include "files_fixture.hpp"

#include <catch2/catch.hpp>

#include "protocol/files/oblien_files.hpp"

using namespace outrigger;
using outrigger::test::entry;
using outrigger::test::why;

namespace {

http_target target(const std::string& query) {
  return parse_http_target("/files?" + query).value();
}

} // namespace

TEST_CASE("a read's lines are counted from one") {
  const auto query = parse_read_query(target("path=a&start_line=2&end_line=3"));
  REQUIRE(query);
  CHECK(*query->start_line == 2);
  CHECK(*query->end_line == 3);
  CHECK(why(parse_read_query(target("start_line=1")).error()) ==
        "read file: path is missing");
  CHECK(why(parse_read_query(target("path=a&start_line=0")).error())
            .starts_with("read file: start_line must be a number"));
  CHECK(
      why(parse_read_query(target("path=a&start_line=3&end_line=2")).error()) ==
      "read file: end_line must not be before start_line");
}

TEST_CASE("lines are taken inclusively, with their ends") {
  const auto take = [](std::string_view text, std::uint64_t first,
                       std::uint64_t last) {
    read_query query;
    query.start_line = first;
    query.end_line = last;
    const auto out = take_lines(text, query);
    return std::to_string(out.lines) + ":" + out.text;
  };
  CHECK(take("a\nb\nc\n", 2, 2) == "1:b\n");
  CHECK(take("a\nb\nc", 2, 9) == "2:b\nc");
  CHECK(take("a\nb\n", 3, 9) == "0:");
  CHECK(take("", 1, 9) == "0:");
  CHECK(take("\n\n", 1, 9) == "2:\n\n");
  CHECK(take_lines("a\r\nb", {}).text == "a\r\nb");
}

TEST_CASE("lines may be numbered as they are in the file") {
  read_query query;
  query.numbers = true;
  query.first_number = 99;
  query.start_line = 2;
  CHECK(take_lines("a\nb\n", query).text == "   100\tb\n");
}

TEST_CASE("a write's body is read whole") {
  const auto body = parse_write_body(
      R"({"path":"/w/a","content":"eA==","encoding":"base64","fsync":true,)"
      R"("create_dirs":true,"append":false,"mode":"0600",)"
      R"("expectedVersionId":"1-2-3"})");
  REQUIRE(body);
  CHECK(body->path == "/w/a");
  CHECK(body->content == "x");
  CHECK(body->create_folders);
  CHECK_FALSE(body->append);
  CHECK(body->durable);
  CHECK(body->mode == 0600);
  CHECK(body->expected_version == "1-2-3");
}

TEST_CASE("a mode is octal, as text or as a number") {
  const auto mode = [](const char* text) {
    const auto body = parse_write_body(
        std::string{R"({"path":"a","content":"","mode":)"} + text + "}");
    return body ? static_cast<int>(body->mode) : -1;
  };
  CHECK(mode("\"0644\"") == 0644);
  CHECK(mode("\"755\"") == 0755);
  CHECK(mode("\"0o600\"") == 0600);
  CHECK(mode("644") == 0644);
  CHECK(mode("null") == 0644);
  for (const auto* wrong : {"\"\"", "\"rw\"", "\"1777\"", "\"0888\"", "-1",
                            "\"00000644\"", "true", "4755"})
    CHECK(mode(wrong) == -1);
}

TEST_CASE("what is wrong with a write's body is said") {
  CHECK(why(parse_write_body("{}").error()) == "write file: path is missing");
  CHECK(why(parse_write_body(R"({"path":"a"})").error()) ==
        "write file: content is missing");
  CHECK(why(parse_write_body(R"({"path":"a","content":1})").error())
            .find("content") != std::string::npos);
  CHECK(
      why(parse_write_body(R"({"path":"a","content":"","append":"x"})").error())
          .find("append") != std::string::npos);
  CHECK(why(parse_write_body("[]").error()).starts_with("write file"));
}

TEST_CASE("a path comes in the body or in the query") {
  CHECK(*parse_path_call("", target("path=/a"), "delete") == "/a");
  CHECK(*parse_path_call(R"({"path":"/b"})", target("path=/a"), "delete") ==
        "/b");
  CHECK(why(parse_path_call("", target("x=1"), "delete").error()) ==
        "delete: path is missing");
}

TEST_CASE("a download names what it wants") {
  const auto body = parse_download_body(
      R"({"paths":["/a","/b/."],"exclude_patterns":["*.o"]})");
  REQUIRE(body);
  CHECK(body->paths == std::vector<std::string>{"/a", "/b/."});
  CHECK(body->exclude == std::vector<std::string>{"*.o"});
  CHECK(why(parse_download_body(R"({"paths":[]})").error()) ==
        "download: paths is missing");
}

TEST_CASE("a read's answer says what kind of content it is") {
  read_answer out;
  out.file = entry("/w/a.txt", entry_kind::file);
  out.content = {"hi\n", false};
  out.lines = 1;
  CHECK(to_json(out) ==
        R"({"success":true,"path":"/w/a.txt","content":"hi\n",)"
        R"("encoding":"utf-8","is_binary":false,"size":3,"lines":1,)"
        R"("extension":".txt","modified":"2023-11-14T22:13:20Z",)"
        R"("etag":"\"1-3-5\""})");
}

TEST_CASE("a link is described as itself") {
  auto link = entry("/w/l", entry_kind::link);
  link.mode = 0777;
  CHECK(stat_to_json(link, "a") ==
        R"({"success":true,"path":"/w/l","name":"l","type":"symlink",)"
        R"("size":0,"modified":"2023-11-14T22:13:20Z","permissions":"0777",)"
        R"("is_code":false,"symlink_target":"a"})");
}
