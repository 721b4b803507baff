#include "../support/result_text.hpp"
#include "files_fixture.hpp"

#include <catch2/catch.hpp>

#include "protocol/files/oblien_listing.hpp"

using namespace outrigger;
using outrigger::test::entry;
using outrigger::test::why;

namespace {

http_target target(const std::string& query) {
  return parse_http_target("/files?" + query).value();
}

const auto file = entry_kind::file;
const auto folder = entry_kind::directory;

} // namespace

TEST_CASE("a listing's query has the documented defaults") {
  const auto query = parse_list_query(target("path=/x"));
  REQUIRE(query);
  CHECK(query->path == "/x");
  CHECK_FALSE(query->nested);
  CHECK_FALSE(query->flatten);
  CHECK_FALSE(query->light);
  CHECK(query->gitignore);
  CHECK(query->hidden);
  CHECK(query->max_depth == 20);
  CHECK_FALSE(opens_files(*query));
}

TEST_CASE("a listing's query is read whole") {
  const auto query = parse_list_query(
      target("nested=true&flatten=1&light&include_hash=yes&include_content=on&"
             "include_extensions=true&code_files_only=true&use_gitignore=false&"
             "max_depth=3&path_filter=Src&include_ext=js,%20ts,,&"
             "ignore_patterns=*.log,tmp&max_content_budget=10&"
             "include_hidden=0"));
  REQUIRE(query);
  CHECK(query->nested);
  CHECK(query->flatten);
  CHECK(query->light);
  CHECK(query->hash);
  CHECK(query->content);
  CHECK(query->extensions);
  CHECK(query->code_only);
  CHECK_FALSE(query->gitignore);
  CHECK_FALSE(query->hidden);
  CHECK(query->max_depth == 3);
  CHECK(query->path_filter == "Src");
  CHECK(query->extensions_only == std::vector<std::string>{"js", "ts"});
  CHECK(query->ignore == std::vector<std::string>{"*.log", "tmp"});
  CHECK(query->content_budget == 10);
}

TEST_CASE("a wrong parameter of a listing is named") {
  CHECK(why(parse_list_query(target("nested=maybe")).error()) ==
        "list files: nested must be true or false");
  for (const auto* depth :
       {"0", "65", "-1", "x", "1e3", "99999999999999999999"})
    CHECK(why(parse_list_query(target(std::string{"max_depth="} + depth))
                  .error()) ==
          "list files: max_depth must be a number from 1 to 64");
}

TEST_CASE("a flat listing holds every entry on one level") {
  list_query query;
  query.flatten = true;
  query.light = true;
  list_writer out{"/w", query};
  out.add(entry("/w/a", folder, 1));
  out.add(entry("/w/a/b.txt", file, 2));
  CHECK(out.count() == 2);
  CHECK(out.finish(false) ==
        R"({"success":true,"path":"/w","entries":[)"
        R"({"name":"a","path":"/w/a","type":"directory"},)"
        R"({"name":"b.txt","path":"/w/a/b.txt","type":"file"}],"count":2})");
}

TEST_CASE("a nested listing puts entries into their folders") {
  list_query query;
  query.nested = true;
  query.light = true;
  list_writer out{"/", query};
  out.add(entry("/a", folder, 1));
  out.add(entry("/a/b", folder, 2));
  out.add(entry("/a/b/c", file, 3));
  out.add(entry("/d", folder, 1));
  out.add(entry("/e", file, 1));
  CHECK(out.finish(true) ==
        R"({"success":true,"path":"/","entries":[)"
        R"({"name":"a","path":"/a","type":"directory","children":[)"
        R"({"name":"b","path":"/a/b","type":"directory","children":[)"
        R"({"name":"c","path":"/a/b/c","type":"file"}]}]},)"
        R"({"name":"d","path":"/d","type":"directory","children":[]},)"
        R"({"name":"e","path":"/e","type":"file"}],"count":5,)"
        R"("truncated":true})");
}

TEST_CASE("an entry says what was asked about it") {
  list_query query;
  query.extensions = true;
  auto what = entry("/w/a.go", file, 1);
  what.hash = "ab";
  what.content = "x\n";
  CHECK(stream_entry_line(what, query) ==
        R"({"name":"a.go","path":"/w/a.go","type":"file","size":3,)"
        R"("modified":"2023-11-14T22:13:20Z","extension":".go","hash":"ab",)"
        R"("content":"x\n"})"
        "\n");
  CHECK(stream_start_line("/w") == "{\"event\":\"start\",\"path\":\"/w\"}\n");
  CHECK(stream_done_line(2, false) == "{\"event\":\"done\",\"count\":2}\n");
}
