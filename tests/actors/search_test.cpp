// Searches by ripgrep, whose part the test plays.

#include "tests/actors/search_fixture.hpp"

#include <algorithm>

namespace outrigger {
namespace {

using namespace std::chrono_literals;

bool has(const std::vector<std::string>& all, std::string_view one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

struct with_rg : search_fixture {
  with_rg() {
    tree.write("a.txt", "hello you\nand you\n");
    tree.write("src/b.c", "int hello;\n");
    use(true);
  }

  /// A search that ripgrep answers with this.
  std::string answered(const std::string& target, std::string_view output) {
    auto answer = start(target);
    rg().print(output);
    rg().print(printed_summary);
    exit_rg(0);
    REQUIRE(answer->has_value());
    REQUIRE((*answer)->has_value());
    return (**answer)->body;
  }
};

} // namespace

TEST_CASE_METHOD(with_rg, "ripgrep is started in the folder that is searched") {
  start("/files/search?q=hello&path=src");
  REQUIRE(held->spawned.size() == 1);
  const auto& request = held->spawned[0];
  CHECK(request.kind == os::session_kind::pipes);
  CHECK(request.cwd == tree.root() + "/src");
  CHECK(request.argv.front() == tree.path("bin/rg"));
  CHECK(has(request.argv, "--json"));
  CHECK(request.env == std::vector<std::string>{"LC_ALL=C.UTF-8"});
  CHECK(request.tag == search_tag);
  CHECK(request.paced);
}

TEST_CASE_METHOD(with_rg, "what ripgrep finds is answered") {
  const auto body =
      answered("/files/search?q=hello", printed("src/b.c", "int hello;") +
                                            printed("a.txt", "and you", 2, 10));
  CHECK(lines_of(body) == "a.txt:2:and you\nsrc/b.c:1:int hello;\n");
  CHECK(body.find(R"("path":")" + tree.root() + '"') != body.npos);
  CHECK(body.find(R"("total_matches":2,"total_files":2,"capped":false)") !=
        body.npos);
}

TEST_CASE_METHOD(with_rg, "a session that has ended is forgotten") {
  answered("/files/search?q=hello", "");
  CHECK(held->forgotten == std::vector<std::uint64_t>{rg().key()});
  CHECK(held->asked_to_end.empty());
}

TEST_CASE_METHOD(with_rg, "a file may be searched, by its own name") {
  const auto body =
      answered("/files/search?q=hello&path=src/b.c&file_types=nothing",
               printed("b.c", "int hello;") + printed("../a.txt", "hello you"));
  CHECK(held->spawned[0].cwd == tree.root() + "/src");
  CHECK(held->spawned[0].argv.back() == "./b.c");
  CHECK(lines_of(body) == "b.c:1:int hello;\n");
}

TEST_CASE_METHOD(with_rg,
                 "links on the way are gone before ripgrep sees them") {
  tree.link("src", "way");
  tree.link("src/b.c", "file");
  start("/files/search?q=hello&path=way");
  CHECK(held->spawned.back().cwd == tree.root() + "/src");
  start("/files/search?q=hello&path=file");
  CHECK(held->spawned.back().cwd == tree.root() + "/src");
  CHECK(held->spawned.back().argv.back() == "./b.c");
}

// Case 25: folders are swapped for links while ripgrep looks.
TEST_CASE_METHOD(with_rg, "what cannot be read through the door is not told") {
  tree.write("secret", "token\n");
  tree.link("/etc", "out");
  tree.link("../beside", "near");
  tree.write("../beside/c.txt", "beside\n");
  tree.write("fits.txt", "xxhello\n");
  const auto body = answered(
      "/files/search?q=hello&include_hidden=true",
      printed("secret", "token") + printed("out/hostname", "localhost") +
          printed("near/c.txt", "beside") +
          printed("../beside/c.txt", "beside") +
          printed(tree.root() + "/a.txt", "hello you") +
          printed("gone.txt", "hello") + printed("src", "hello") +
          printed("a.txt", "Hello you") +      // says something else
          printed("fits.txt", "hello", 1, 2) + // is a part of a line
          printed("a.txt", "you", 1, 18446744073709551615u));
  CHECK(lines_of(body) == "");
}

TEST_CASE_METHOD(with_rg, "what a filter leaves out is not told") {
  for (const auto* path : {".hidden/a.c", "src/.b.c", "out/a.c", "a.log",
                           "deep/out/a.c", "x/y/z.c", "keep.h", "keep.C"})
    tree.write(path, "hello\n");
  std::string output;
  for (const auto* path : {".hidden/a.c", "src/.b.c", "out/a.c", "a.log",
                           "deep/out/a.c", "x/y/z.c", "keep.h", "keep.C"})
    output += printed(path, "hello");
  CHECK(lines_of(answered("/files/search?q=hello&file_types=c,log"
                          "&ignore_patterns=out,*.log,x/*/z.c",
                          output)) == "keep.C:1:hello\n");
}

TEST_CASE_METHOD(with_rg, "a binary file is not told") {
  auto output = printed("a.txt", "hello you");
  output.replace(output.find("null"), 4, "7");
  CHECK(lines_of(answered("/files/search?q=hello", output)) == "");
}

TEST_CASE_METHOD(with_rg, "it is over as soon as there is enough") {
  auto answer = start("/files/search?q=you&max_results=1");
  const auto key = rg().key();
  held->busy.insert(key);
  rg().print(printed("a.txt", "hello you"));
  run();
  CHECK_FALSE(answer->has_value()); // there may be no more
  rg().print(printed("src/b.c", "int hello;"));
  run();
  REQUIRE(answer->has_value());
  CHECK(lines_of((**answer)->body) == "a.txt:1:hello you\ncapped\n");
  CHECK(held->asked_to_end == std::vector<std::uint64_t>{key});
  CHECK(held->forgotten.empty());
  session_over(key);
  CHECK(held->forgotten == std::vector<std::uint64_t>{key});
}

TEST_CASE_METHOD(with_rg, "a search that takes too long is ended with 504") {
  auto answer = start("/files/search?q=hello&timeout=7");
  const auto key = rg().key();
  held->busy.insert(key);
  advance(6999ms);
  CHECK_FALSE(answer->has_value());
  advance(1ms);
  REQUIRE(answer->has_value());
  REQUIRE((*answer)->has_error());
  CHECK((*answer)->error().code == errc::timeout);
  CHECK(held->asked_to_end == std::vector<std::uint64_t>{key});
  session_over(key);
  CHECK(held->forgotten == std::vector<std::uint64_t>{key});
}

TEST_CASE_METHOD(with_rg, "ripgrep that starts too late is ended as well") {
  held->hold_spawns = true;
  auto answer = start("/files/search?q=hello&timeout=2");
  advance(2s);
  REQUIRE(answer->has_value());
  CHECK((*answer)->error().code == errc::timeout);
  send(holder, restart_holder{}); // now it starts
  run();
  CHECK(held->forgotten == std::vector<std::uint64_t>{rg().key()});
}

TEST_CASE_METHOD(with_rg, "a pattern that ripgrep refuses is the client's") {
  auto answer = start("/files/search?q=(&regex=true");
  rg().complain("regex parse error:\n    (\n    ^\nerror: unclosed group\n");
  exit_rg(2);
  REQUIRE(answer->has_value());
  REQUIRE((*answer)->has_error());
  CHECK((*answer)->error().code == errc::malformed);
  CHECK((*answer)->error().detail ==
        "search: q is no regular expression: unclosed group");
}

TEST_CASE_METHOD(with_rg, "when ripgrep fails we search by ourselves") {
  auto answer = start("/files/search?q=hello");
  SECTION("it does not know an option") {
    rg().complain("error: Found argument '--json' which wasn't expected\n");
    exit_rg(2);
  }
  SECTION("it dies on its way") {
    rg().print(printed("a.txt", "hello you"));
    rg().die(9);
    run();
  }
  SECTION("it ends without a word") {
    exit_rg(0);
  }
  SECTION("it is something else") {
    rg().print("usage: rg [files]\n");
    run();
  }
  SECTION("its output was overwritten") {
    held->sessions.rbegin()->second.get()->set_credit(os::free_running);
    rg().print_quickly(10'000'000);
    run();
  }
  SECTION("its holder dies") {
    send(held->listener, holder_lost{"no more"});
    run();
  }
  REQUIRE(answer->has_value());
  REQUIRE((*answer)->has_value());
  CHECK(lines_of((**answer)->body) ==
        "a.txt:1:hello you\nsrc/b.c:1:int hello;\n");
}

TEST_CASE_METHOD(with_rg,
                 "when ripgrep cannot be started we search ourselves") {
  held->refusal = error{errc::malformed, "run rg: Permission denied"};
  CHECK(lines_of(body_of("/files/search?q=hello&max_results=1")) ==
        "src/b.c:1:int hello;\ncapped\n");
}

TEST_CASE_METHOD(with_rg, "ripgrep prints as much as is taken in, no more") {
  auto answer = start("/files/search?q=hello");
  hold_steps = true;
  std::string output;
  while (output.size() < 3 * rg().capacity())
    output += printed("gone.txt", "hello");
  const auto first = rg().print(output);
  CHECK(first == rg().capacity());
  run();
  const auto second = rg().print(std::string_view{output}.substr(first));
  CHECK(second > 0); // the piece that is on a thread
  CHECK(second < rg().capacity());
  CHECK(rg().print("x") == 0);
  CHECK(waiting_steps.size() == 1);
  hold_steps = false;
  auto done = first + second;
  waiting_steps.front()();
  run();
  while (done < output.size()) {
    const auto more = rg().print(std::string_view{output}.substr(done));
    REQUIRE(more > 0);
    done += more;
    run();
  }
  rg().print(printed("a.txt", "hello you"));
  rg().print(printed_summary);
  exit_rg(0);
  REQUIRE(answer->has_value());
  CHECK(lines_of((**answer)->body) == "a.txt:1:hello you\n");
}

TEST_CASE_METHOD(with_rg, "what comes in the same moment as the end is heard") {
  auto answer = start("/files/search?q=hello");
  rg().print(printed("a.txt", "hello you"));
  rg().print(printed_summary);
  rg().exit(0);
  run();
  REQUIRE(answer->has_value());
  CHECK(lines_of((**answer)->body) == "a.txt:1:hello you\n");
}

} // namespace outrigger
