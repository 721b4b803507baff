// The own search, alone and beside ripgrep's on the same tree.

#include <array>
#include <cstdio>
#include <cstdlib>

#include "actors/files/search_work.hpp"
#include "tests/actors/search_fixture.hpp"

namespace outrigger {
namespace {

using namespace std::string_literals;

struct own_search : search_fixture {
  own_search() { use(false); }

  std::string lines(const std::string& query) {
    return lines_of(body_of("/files/search?" + query));
  }
  std::string names(const std::string& query) {
    auto body = body_of("/files/search/files?" + query);
    body = body.substr(body.find("\"files\":[") + 9);
    return body.substr(0, body.find(']'));
  }
};

} // namespace

TEST_CASE_METHOD(own_search, "without ripgrep we search by ourselves") {
  tree.write("a.txt", "Hello you\nand hello\n");
  tree.write("src/b.c", "int x; // hello\n");
  CHECK(lines("q=hello") ==
        "a.txt:1:Hello you\na.txt:2:and hello\nsrc/b.c:1:int x; // hello\n");
  CHECK(lines("q=hello&case_sensitive=true") ==
        "a.txt:2:and hello\nsrc/b.c:1:int x; // hello\n");
  CHECK(lines("q=h.l%2Bo&regex=true&file_types=c") ==
        "src/b.c:1:int x; // hello\n");
  CHECK(lines("q=Hello&context_lines=1&path=a.txt&case_sensitive=true") ==
        "a.txt:1:Hello you\na.txt-2-and hello\n");
  CHECK(lines("q=hello&max_results=2") ==
        "a.txt:1:Hello you\nsrc/b.c:1:int x; // hello\ncapped\n");
  CHECK(lines("q=nowhere") == "");
  CHECK(failure_of("/files/search?q=(&regex=true") == errc::malformed);
  CHECK(held->spawned.empty());
}

TEST_CASE_METHOD(own_search, "what is kept closed is not searched") {
  tree.write("secret", "hello\n");
  tree.write("b.txt", "hello\n");
  CHECK(lines("q=hello") == "b.txt:1:hello\n");
  CHECK(failure_of("/files/search?q=hello&path=secret") == errc::forbidden);
}

TEST_CASE_METHOD(own_search, "links are not followed") {
  tree.write("../beside/c.txt", "hello\n");
  tree.link("../beside", "near");
  tree.link("../beside/c.txt", "c.txt");
  tree.write("in.txt", "hello\n");
  tree.link("in.txt", "again.txt");
  CHECK(lines("q=hello") == "in.txt:1:hello\n");
}

TEST_CASE_METHOD(own_search, "no step does more than a little") {
  for (int i = 0; i < 20; ++i)
    tree.write("f" + std::to_string(i),
               std::string(200'000, '.') + "\nhello\n");
  steps = 0;
  CHECK(body_of("/files/search?q=hello").find(R"("total_matches":20)") !=
        std::string::npos);
  CHECK(steps > 20 * 4);
}

TEST_CASE_METHOD(own_search, "a search that is overdue stops on its thread") {
  for (int i = 0; i < 50; ++i)
    tree.write("f" + std::to_string(i), "hello\n");
  hold_steps = true;
  auto answer = start("/files/search?q=hello&timeout=1");
  const auto take_step = [this] {
    REQUIRE_FALSE(waiting_steps.empty());
    auto step = std::move(waiting_steps.front());
    waiting_steps.pop_front();
    step();
    run();
  };
  for (int i = 0; i < 5; ++i)
    take_step();
  CHECK_FALSE(answer->has_value());
  advance(std::chrono::seconds{1});
  REQUIRE(answer->has_value());
  CHECK((*answer)->error().code == errc::timeout);
  take_step(); // the one that was under way
  CHECK(waiting_steps.empty());
}

TEST_CASE_METHOD(own_search, "files are found by a part of their path") {
  tree.write("src/Main.c", "");
  tree.write("src/main/x.h", "");
  tree.write("other.c", "");
  tree.write(".hidden/main", "");
  tree.write("out/main.o", "");
  tree.write(".gitignore", "out/\n");
  tree.link("other.c", "main.link");
  CHECK(names("q=main") == R"("src/main/x.h","src/Main.c","main.link")");
  CHECK(names("q=main&case_sensitive=true") == R"("src/main/x.h","main.link")");
  CHECK(names("q=c/M&path=") == R"("src/main/x.h","src/Main.c")");
  CHECK(names("q=main&path=src") == R"("main/x.h","Main.c")");
  CHECK(
      names("q=main&include_hidden=true&no_gitignore=true") ==
      R"(".hidden/main","out/main.o","src/main/x.h","src/Main.c","main.link")");
  CHECK(names("q=main&ignore_patterns=*.h,*.link") == R"("src/Main.c")");
  const auto capped = body_of("/files/search/files?q=main&max_results=2");
  CHECK(capped.find(R"("total_files":2,"capped":true)") != std::string::npos);
  CHECK(body_of("/files/search/files?q=main&max_results=3")
            .find(R"("capped":false)") != std::string::npos);
}

// -- beside ripgrep -----------------------------------------------------------

namespace {

/// Runs a program as the holder would, and returns what it prints.
std::string output_of(const search_work::program_call& call) {
  std::string command = "cd '" + call.folder + "' &&";
  for (const auto& argument : call.argv) {
    REQUIRE(argument.find('\'') == std::string::npos);
    command += " '" + argument + "'";
  }
  std::FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe);
  std::string out;
  std::array<char, 4096> piece{};
  while (const auto size = std::fread(piece.data(), 1, piece.size(), pipe))
    out.append(piece.data(), size);
  ::pclose(pipe);
  return out;
}

struct both_searches {
  both_searches() {
    tree.write("a.txt", "one\ntwo Three\n\nfour three\nthree\nsix\n");
    tree.write("crlf.txt", "three\r\nend three\r\n");
    tree.write("src/deep/b.ts", "let threes = 3;\n\tthree();\n");
    tree.write("src/B.TS", "three\n");
    tree.write("latin.txt", "caf\xe9 three\n");
    tree.write("utf8.txt", "caf\u00e9 three \u00c9T\u00c9\n\u00e9three\n");
    tree.write("bom.txt", "\xef\xbb\xbfthree\n");
    tree.write("binary", "three\n\0three\n"s);
    tree.write("late_binary", std::string(100'000, 'x') + "\nthree\n\0"s);
    tree.write("utf16", "\xff\xfet\0h\0r\0e\0e\0\n\0"s);
    tree.write("long.js", std::string(50'000, 'y') + "three\n");
    tree.write("empty", "");
    tree.write("no_end", "three");
    tree.write("name with spaces", "three\n");
    tree.write(".hidden", "three\n");
    tree.write(".config/x.txt", "three\n");
    tree.write(".git/config", "three\n");
    tree.write(".gitignore", "build/\n*.log\n/only_here\n!kept.log\n");
    tree.write("build/x.txt", "three\n");
    tree.write("src/build/x.txt", "three\n");
    tree.write("a.log", "three\n");
    tree.write("kept.log", "three\n");
    tree.write("only_here", "three\n");
    tree.write("src/only_here", "three\n");
    tree.write("src/.gitignore", "deep/*.ts\n!deep/b.ts\nown.txt\n");
    tree.write("src/own.txt", "three\n");
    tree.write("src/deep/c.ts", "three\n");
    tree.write("node_modules/m/index.js", "three\n");
    tree.link("a.txt", "link.txt");
    tree.link("src", "src_link");
    tree.write("same/x", "1\n2\n3\n4\nthree\n6\nthree\n8\n9\nthree\n");
    workspace::setup wanted;
    wanted.root = tree.root();
    wanted.home = "/";
    auto opened = workspace::open(wanted);
    REQUIRE(opened);
    files = std::make_unique<workspace>(std::move(*opened));
  }

  std::unique_ptr<search_work> work(const std::string& query) {
    auto target = parse_http_target("/files/search?" + query);
    REQUIRE(target);
    auto request = parse_search_request(*target);
    REQUIRE(request);
    auto place = files->locate(request->path, path_style::machine,
                               scope_set::everything(), right::view);
    REQUIRE(place);
    auto out = search_lines(std::move(*request), std::move(*place));
    REQUIRE(out->begin());
    return out;
  }

  std::string by_rg(const std::string& query) {
    auto out = work(query);
    const auto call = out->program(path);
    REQUIRE(call);
    REQUIRE(out->take(output_of(*call)));
    CHECK(out->is_complete());
    return out->answer().body;
  }

  std::string by_ourselves(const std::string& query) {
    auto out = work(query);
    REQUIRE(out->begin_own());
    while (!out->step(search_work::clock::now(), {}))
      ;
    return out->answer().body;
  }

  search_tree tree;
  std::unique_ptr<workspace> files;
  const char* path = std::getenv("PATH");
};

} // namespace

TEST_CASE_METHOD(both_searches, "both searches find the same") {
  if (!path || !work("q=x")->program(path)) {
    WARN("skipped: there is no rg");
    return;
  }
  CHECK(by_rg("q=three").find(R"("total_matches":0)") == std::string::npos);
  for (const auto* query : {"q=three",
                            "q=THREE",
                            "q=three&case_sensitive=true",
                            "q=three&whole_word=true",
                            "q=%C3%A9t%C3%A9",
                            "q=%C3%A9",
                            "q=.",
                            "q=t.r%2Be&regex=true",
                            "q=%5Ethree&regex=true",
                            "q=three%24&regex=true",
                            "q=%5E%24&regex=true",
                            "q=t[^e]*e&regex=true&whole_word=true",
                            "q=(two|four)%20&regex=true",
                            "q=x*&regex=true&max_results=10000",
                            "q=three&context_lines=1",
                            "q=three&context_lines=2",
                            "q=three&context_lines=10",
                            "q=three&include_hidden=true",
                            "q=three&no_gitignore=true",
                            "q=three&include_hidden=true&no_gitignore=true",
                            "q=three&path=src",
                            "q=three&path=src/build",
                            "q=three&path=build",
                            "q=three&path=src/deep/c.ts",
                            "q=three&path=a.log",
                            "q=three&path=binary",
                            "q=three&path=utf16",
                            "q=three&path=.hidden",
                            "q=three&path=src_link",
                            "q=three&path=link.txt",
                            "q=three&file_types=ts",
                            "q=three&file_types=.TS,txt",
                            "q=three&file_types=js&no_gitignore=true",
                            "q=three&ignore_patterns=node_modules",
                            "q=three&ignore_patterns=*.txt,src",
                            "q=three&ignore_patterns=src/*",
                            "q=three&ignore_patterns=**/deep",
                            "q=three&ignore_patterns=[ab]*",
                            "q=three&ignore_patterns=?.txt,same/",
                            "q=--files",
                            "q=-e",
                            "q=nowhere"}) {
    CAPTURE(query);
    CHECK(by_rg(query) == by_ourselves(query));
  }
}

} // namespace outrigger
