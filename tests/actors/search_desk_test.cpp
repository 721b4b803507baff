// Whose turn it is, what becomes of sessions, who may search what.

#include <sys/stat.h>

#include "protocol/search_limits.hpp"
#include "tests/actors/search_fixture.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;

struct search_desk_fixture : search_fixture {
  search_desk_fixture() {
    tree.write("a.txt", "hello\n");
    tree.write("docs/b.txt", "hello\n");
    tree.write("docs/in/c.txt", "hello\n");
  }

  /// As many searches as may run, none of which ends.
  void fill() {
    for (std::size_t i = 0; i < limits::max_searches; ++i)
      running.push_back(start("/files/search?q=hello&timeout=60"));
    REQUIRE(held->spawned.size() == limits::max_searches);
  }

  /// The program of the n-th search ends.
  void end_rg(std::uint64_t number) {
    auto& program = held->sessions.at(100 + number);
    program.print(printed_summary);
    program.exit(0);
    run();
  }

  std::vector<answer_ptr> running;
};

fake_session_options left_behind(std::uint64_t key, std::string tag) {
  fake_session_options options;
  options.key = key;
  options.tag = std::move(tag);
  options.pipes = true;
  return options;
}

} // namespace

TEST_CASE_METHOD(search_desk_fixture, "who comes when all are busy waits") {
  use(true);
  fill();
  auto waiting = start("/files/search?q=hello");
  CHECK(held->spawned.size() == limits::max_searches);
  end_rg(1);
  CHECK(running[0]->has_value());
  CHECK(held->spawned.size() == limits::max_searches + 1);
  end_rg(limits::max_searches + 1);
  REQUIRE(waiting->has_value());
  CHECK((*waiting)->has_value());
}

TEST_CASE_METHOD(search_desk_fixture, "who comes when enough wait is refused") {
  use(true);
  fill();
  std::vector<answer_ptr> waiting;
  for (std::size_t i = 0; i < limits::max_waiting_searches; ++i)
    waiting.push_back(start("/files/search?q=hello"));
  const auto refused = call("/files/search/files?q=x");
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == errc::too_many);
  CHECK(refused.error().retry_after > 0s);
  for (const auto& each : waiting)
    CHECK_FALSE(each->has_value());
}

TEST_CASE_METHOD(search_desk_fixture, "waiting counts as time of the search") {
  use(true);
  fill();
  auto never = start("/files/search?q=hello&timeout=3");
  auto late = start("/files/search?q=hello&timeout=9");
  advance(3s);
  REQUIRE(never->has_value());
  CHECK((*never)->error().code == errc::timeout);
  CHECK(held->spawned.size() == limits::max_searches);
  end_rg(1);
  CHECK(held->spawned.size() == limits::max_searches + 1);
  advance(6s);
  REQUIRE(late->has_value());
  CHECK((*late)->error().code == errc::timeout);
}

TEST_CASE_METHOD(search_desk_fixture,
                 "what a daemon before us left is ended and forgotten") {
  held->add(left_behind(7, std::string{search_tag}));
  held->add(left_behind(8, std::string{search_tag}));
  held->add(left_behind(9, "outrigger-terminal-1"));
  held->busy.insert(8);
  use(true);
  CHECK(held->forgotten == std::vector<std::uint64_t>{7});
  CHECK(held->asked_to_end == std::vector<std::uint64_t>{8});
  session_over(8);
  CHECK(held->forgotten == std::vector<std::uint64_t>{7, 8});
}

TEST_CASE_METHOD(search_desk_fixture,
                 "a session is asked about again when the holder is away") {
  use(true);
  auto answer = start("/files/search?q=hello&timeout=1");
  held->refusal = error{errc::unavailable, "away"};
  advance(1s);
  CHECK(answer->has_value());
  held->asked_to_end.clear();
  held->forgotten.clear();
  held->refusal.reset();
  advance(1s);
  CHECK(held->forgotten == std::vector<std::uint64_t>{rg().key()});
}

TEST_CASE_METHOD(search_desk_fixture,
                 "a session that nobody was told of is found later") {
  use(true);
  held->hold_spawns = true;
  auto answer = start("/files/search?q=hello&timeout=60");
  advance(6s); // the holder should have answered
  REQUIRE(answer->has_value());
  CHECK(lines_of((**answer)->body) ==
        "a.txt:1:hello\ndocs/b.txt:1:hello\ndocs/in/c.txt:1:hello\n");
  held->add(left_behind(50, std::string{search_tag}));
  advance(2min);
  CHECK(held->forgotten == std::vector<std::uint64_t>{50});
}

TEST_CASE_METHOD(search_desk_fixture, "a search ends with its client") {
  use(true);
  for (int i = 0; i < 6; ++i) // of which four run
    start("/files/search?q=hello&timeout=60");
  CHECK(held->spawned.size() == 4);
  client.request_stop();
  run();
  CHECK(held->forgotten.size() >= 4);
  client = std::stop_source{};
  const auto count = held->spawned.size();
  start("/files/search?q=hello&timeout=60");
  CHECK(held->spawned.size() == count + 1); // its turn comes at once
}

TEST_CASE_METHOD(search_desk_fixture,
                 "when the daemon stops so do its programs") {
  use(true);
  start("/files/search?q=hello");
  end(desk);
  CHECK(held->asked_to_end == std::vector<std::uint64_t>{rg().key()});
}

TEST_CASE_METHOD(search_desk_fixture, "sessions of others are nothing to us") {
  use(true);
  session_over(4711);
  CHECK(held->forgotten.empty());
  CHECK(held->asked_to_end.empty());
}

// -- who may search what ------------------------------------------------------

TEST_CASE_METHOD(search_desk_fixture,
                 "a credential searches where it may look") {
  use(false);
  const std::string all =
      "a.txt:1:hello\ndocs/b.txt:1:hello\ndocs/in/c.txt:1:hello\n";
  for (const auto* scopes : {"all", "read", "files", "files:/"})
    CHECK(lines_of(body_of("/files/search?q=hello", scopes)) == all);
  for (const auto* scopes : {"files:/docs", "files:/docs:read"}) {
    CAPTURE(scopes);
    CHECK(failure_of("/files/search?q=hello", scopes) == errc::forbidden);
    CHECK(failure_of("/files/search?q=hello&path=a.txt", scopes) ==
          errc::forbidden);
    CHECK(lines_of(body_of("/files/search?q=hello&path=docs/in", scopes)) ==
          "c.txt:1:hello\n");
    CHECK(failure_of("/files/search/files?q=b", scopes) == errc::forbidden);
    CHECK(body_of("/files/search/files?q=b&path=docs", scopes)
              .find(R"("files":["b.txt"])") != std::string::npos);
  }
}

TEST_CASE_METHOD(search_desk_fixture, "no link leads out of what it may see") {
  tree.link("..", "docs/up");
  tree.link("../a.txt", "docs/a.txt");
  tree.link("in", "docs/inner");
  use(false);
  CHECK(failure_of("/files/search?q=hello&path=docs/up", "files:/docs") ==
        errc::forbidden);
  CHECK(failure_of("/files/search?q=hello&path=docs/a.txt", "files:/docs") ==
        errc::forbidden);
  CHECK(lines_of(body_of("/files/search?q=hello&path=docs/inner",
                         "files:/docs")) == "c.txt:1:hello\n");
  CHECK(lines_of(body_of("/files/search?q=hello&path=docs/up", "files")) != "");
}

TEST_CASE_METHOD(search_desk_fixture, "what cannot be searched is an error") {
  REQUIRE(::mkfifo((tree.root() + "/fifo").c_str(), 0600) == 0);
  use(true);
  CHECK(failure_of("/files/search") == errc::malformed);
  CHECK(failure_of("/files/search?q=x&path=none") == errc::not_found);
  CHECK(failure_of("/files/search?q=x&path=/etc") == errc::forbidden);
  CHECK(failure_of("/files/search?q=x&path=../x") == errc::forbidden);
  CHECK(failure_of("/files/search?q=x&path=fifo") == errc::malformed);
  CHECK(failure_of("/files/search/files?q=x&path=a.txt") == errc::malformed);
  CHECK(failure_of("/files/search/files") == errc::malformed);
  CHECK(held->spawned.empty());
}

// -- ripgrep itself -----------------------------------------------------------

TEST_CASE_METHOD(search_desk_fixture, "ripgrep is asked for its version") {
  use(true);
  const auto* method = GENERATE("GET", "POST");
  auto answer = start("/files/search/init", method);
  REQUIRE(held->spawned.size() == 1);
  CHECK(held->spawned[0].argv ==
        std::vector<std::string>{tree.path("bin/rg"), "--version"});
  rg().print("ripgrep 13.0.0\n-SIMD -AVX (compiled)\n");
  exit_rg(0);
  REQUIRE(answer->has_value());
  CHECK((**answer)->status == 200);
  CHECK((**answer)->body == R"({"success":true,"installed":true,"path":")" +
                                tree.path("bin/rg") +
                                R"(","version":"ripgrep 13.0.0"})");
}

TEST_CASE_METHOD(search_desk_fixture, "without ripgrep that is what is said") {
  use(false);
  CHECK(body_of("/files/search/init").find(R"("installed":false)") !=
        std::string::npos);
  const auto refused = call("/files/search/init", "POST");
  REQUIRE(refused);
  CHECK(refused->status == 501);
  CHECK(refused->body.find(R"("success":false,"installed":false)") !=
        std::string::npos);
}

TEST_CASE_METHOD(search_desk_fixture,
                 "what only calls itself rg is not there") {
  use(true);
  auto answer = start("/files/search/init");
  rg().print("I am something else\n");
  exit_rg(0);
  REQUIRE(answer->has_value());
  CHECK((**answer)->body.find(R"("installed":false)") != std::string::npos);
}

} // namespace outrigger
