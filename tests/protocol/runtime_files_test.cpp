#include "../support/result_text.hpp"
#include "files_fixture.hpp"

#include <catch2/catch.hpp>

#include "protocol/files/runtime_answers.hpp"
#include "protocol/files/runtime_requests.hpp"

using namespace outrigger;
using outrigger::test::entry;
using outrigger::test::why;

namespace {

http_target target(const std::string& query) {
  return parse_http_target("/api/v1/files?" + query).value();
}

bool has(const std::string& json, const std::string& part) {
  INFO(json);
  return json.find(part) != std::string::npos;
}

const std::string stamp{"2023-11-14T22:13:20+00:00"};

} // namespace

TEST_CASE("a tree's query has the shipped defaults, and a deepest level") {
  auto query = parse_tree_query(target("x=1"));
  REQUIRE(query);
  CHECK(query->path == "/");
  CHECK_FALSE(query->hidden);
  CHECK(query->max_depth == 10);
  query = parse_tree_query(
      target("path=src&includeHidden=true&maxDepth=2&scope=project"));
  REQUIRE(query);
  CHECK(query->path == "src");
  CHECK(query->hidden);
  CHECK(query->max_depth == 2);
  CHECK(query->scope == "project");
  CHECK(parse_tree_query(target("maxDepth=99"))->max_depth == 10);
  for (const auto* depth : {"x", "0", ""})
    CHECK(why(parse_tree_query(target(std::string{"maxDepth="} + depth)))
              .starts_with("file tree: maxDepth must be a number"));
}

TEST_CASE("a tree's nodes hold their children") {
  tree_query query;
  tree_writer out{query};
  out.add(entry("/a", entry_kind::directory, 0), std::nullopt);
  out.add(entry("/a/b", entry_kind::directory, 1), true);
  out.add(entry("/c", entry_kind::directory, 0), std::nullopt);
  out.add(entry("/d", entry_kind::file, 0), std::nullopt);
  CHECK(out.count() == 4);
  const auto fixed = [](const std::string& size) {
    return R"(,"scope":null,"size":)" + size + R"(,"updatedAt":")" + stamp +
           R"(","lastModified":")" + stamp + R"(","depth":)";
  };
  const std::string more{
      R"(,"extension":null,"fileType":null,"metadata":null,"children":[)"};
  CHECK(out.finish(false) ==
        R"({"path":"/","scope":null,"nodes":[)"
        R"({"id":"/a","name":"a","path":"/a","type":"directory")" +
            fixed("0") + "0" + more +
            R"({"id":"/a/b","name":"b","path":"/a/b","type":"directory")" +
            fixed("0") + "1" + more + R"(],"hasChildren":true}],)" +
            R"("hasChildren":true},)"
            R"({"id":"/c","name":"c","path":"/c","type":"directory")" +
            fixed("0") + "0" + more + R"(],"hasChildren":false},)" +
            R"({"id":"/d","name":"d","path":"/d","type":"file")" + fixed("3") +
            "0" + more + R"(],"hasChildren":false}],"total":3})");
}

TEST_CASE("content is asked for by query or by route") {
  CHECK(parse_content_query(target("path=/a"), "")->path == "/a");
  CHECK(parse_content_query(target("path=/a"), "/b")->path == "/b");
  CHECK(parse_content_query(target("raw=true"), "/b")->raw);
  CHECK(parse_content_query(target("download=true"), "/b")->raw);
  CHECK(why(parse_content_query(target("raw=true"), "")) ==
        "file content: path is missing");
}

TEST_CASE("a put's body may repeat the route's path, and nothing else") {
  auto body = parse_put_body(R"({"path":"/a","content":"x"})", "");
  REQUIRE(body);
  CHECK(body->path == "/a");
  CHECK(body->content == "x");
  CHECK(parse_put_body(R"({"content":"x"})", "/a/b")->path == "/a/b");
  CHECK(parse_put_body(R"({"path":"a//b","content":"x"})", "/a/b"));
  CHECK(why(parse_put_body(R"({"path":"c","content":"x"})", "/a/b")) ==
        "put file: path differs from the one in the URL");
  CHECK(why(parse_put_body(R"({"path":"/a"})", "")) ==
        "put file: content is missing");
  CHECK(why(parse_put_body(R"({"content":"x"})", "")) ==
        "put file: path is missing");
}

TEST_CASE("bytes are appended or put at an offset, not both") {
  CHECK(*parse_raw_put(target("offset=7"), "/a")->offset == 7);
  CHECK(parse_raw_put(target("append=true&fsync=true"), "/a")->append);
  CHECK(parse_raw_put(target("path=/b"), "/a")->path == "/a");
  CHECK(parse_raw_put(target("path=/b"), "")->path == "/b");
  CHECK(why(parse_raw_put(target("offset=7"), "")) ==
        "put file: path is missing");
  CHECK(why(parse_raw_put(target("append=true&offset=7"), "/a")) ==
        "put file: offset and append exclude each other");
  CHECK(why(parse_raw_put(target("offset=-1"), "/a"))
            .starts_with("put file: offset must be a number"));
}

TEST_CASE("a batch may lack a content, but not a path") {
  const auto body = parse_batch_write(
      R"({"files":[{"path":"a","content":"x"},{"path":"b"}]})");
  REQUIRE(body);
  REQUIRE(body->files.size() == 2);
  CHECK(body->files[0].second == "x");
  CHECK_FALSE(body->files[1].second);
  CHECK(why(parse_batch_write(R"({"files":[{"content":"x"}]})")) ==
        "put files: path is missing");
  CHECK(why(parse_batch_write("{}")).starts_with("put files: files must be"));
  CHECK(why(parse_batch_write(R"({"files":[1]})")) ==
        "put files: files must hold objects");
}

TEST_CASE("what is created is a file or a folder") {
  auto body = parse_create_body(
      R"({"path":"/a","type":"file","content":"eA==","encoding":"base64"})");
  REQUIRE(body);
  CHECK_FALSE(body->directory);
  CHECK(body->content == "x");
  CHECK(parse_create_body(R"({"path":"/a","type":"directory"})")->directory);
  CHECK(why(parse_create_body(R"({"path":"/a","type":"link"})")) ==
        "create: type must be file or directory");
  CHECK(why(parse_create_body(R"({"path":"/a"})")) ==
        "create: type is missing");
}

TEST_CASE("copy and move need both ends") {
  const auto body = parse_transfer_body(
      R"({"sourcePath":"/a","destPath":"/b","overwrite":true})", "copy");
  REQUIRE(body);
  CHECK(body->source == "/a");
  CHECK(body->destination == "/b");
  CHECK(body->overwrite);
  CHECK(why(parse_transfer_body(R"({"sourcePath":"/a"})", "move")) ==
        "move: destPath is missing");
}

TEST_CASE("conflict strategies are known or refused") {
  CHECK(*parse_conflict_strategy("") == conflict_strategy::rename);
  CHECK(*parse_conflict_strategy("reject") == conflict_strategy::reject);
  CHECK(why(parse_conflict_strategy("merge")) ==
        "unknown conflict strategy: merge (rename, overwrite or reject)");
  CHECK(why(parse_extract_body(
                R"({"archivePath":"/a.zip","conflictStrategy":"x"})"))
            .starts_with("unknown conflict strategy"));
  CHECK(parse_extract_body(R"({"archivePath":"/a.zip"})")->target.empty());
}

TEST_CASE("a put's answer names the version twice, as its clients do") {
  const auto json = put_to_json(entry("/a", entry_kind::file, 0), "");
  CHECK(has(json, R"({"success":true,"path":null,"scope":null,)"
                  R"("message":null,"versionId":"1-3-5","data":{"path":"/a",)"
                  R"("scope":null,"size":3)"));
  CHECK(has(json, R"("versionId":"1-3-5"}})"));
}

TEST_CASE("content comes with its hash and version") {
  auto file = entry("/a", entry_kind::file, 0);
  file.hash = "beef";
  const auto json = content_to_json(file, {"x", false}, "project");
  CHECK(has(json, R"({"path":"/a","scope":"project","content":"x",)"
                  R"("encoding":"utf-8","isBinary":false,"size":3)"));
  CHECK(has(json, R"("versionId":"1-3-5","contentHash":"sha256:beef"})"));
}

TEST_CASE("a batch's answer counts what failed") {
  CHECK(batch_to_json({{"a", 3, {}}, {"b", {}, "no"}}, "deleted") ==
        R"({"total":2,"succeeded":1,"failed":1,"results":[)"
        R"({"path":"a","status":"success","size":3},)"
        R"({"path":"b","status":"failed","error":"no"}],"deleted":["a"]})");
}

TEST_CASE("an operation's report has a result once it is complete") {
  operation_report report;
  report.id = "extract-1";
  report.state = operation_state::running;
  report.progress = 0.5;
  CHECK(has(to_json(report), R"("status":"running","progress":0.5000)"));
  CHECK(
      has(to_json(report), R"("completedAt":null,"error":null,"result":null)"));
  report.state = operation_state::completed;
  report.completed_ns = 1'700'000'000'000'000'000;
  report.extracted = {entry("/x/a", entry_kind::file, 0)};
  CHECK(has(to_json(report),
            R"("completedAt":"2023-11-14T22:13:20Z","error":null,"result":)"
            R"({"extracted":[{"path":"/x/a","size":3,"lastModified":")" +
                stamp + R"(","type":"file"}],"extractedPaths":["/x/a"]}})"));
}

TEST_CASE("an upload's answer lists what became of each file") {
  upload_report report;
  report.uploaded = {entry("uploads/a", entry_kind::file, 0)};
  report.skipped = {"b"};
  CHECK(to_json(report) ==
        R"({"uploaded":[{"path":"uploads/a","size":3,"lastModified":")" +
            stamp + R"(","type":"file"}],"extracted":[],"skipped":["b"]})");
}
