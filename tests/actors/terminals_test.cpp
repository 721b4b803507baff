// The directory: ids, the limit, what is listed and for how long.

#include <sys/resource.h>

#include "tests/actors/workspace_fixture.hpp"

namespace outrigger {

using namespace std::chrono_literals;

// -- ids ----------------------------------------------------------------------

TEST_CASE_METHOD(workspace_fixture, "terminals are numbered from 1") {
  CHECK(create() == 1);
  CHECK(create() == 2);
  CHECK(create() == 3);
}

TEST_CASE_METHOD(workspace_fixture,
                 "an id that was freed is not the next one") {
  create();
  const auto key = program(1).key();
  REQUIRE(remove(1));
  session_over(key);
  CHECK(create() == 2);
}

TEST_CASE_METHOD(workspace_fixture, "the id freed longest ago comes first") {
  for (int expected = 1; expected <= 255; ++expected) {
    const auto id = create();
    REQUIRE(id == expected);
    const auto key = program(id).key();
    REQUIRE(remove(id));
    session_over(key);
    held->sessions.erase(key);
  }
  CHECK(create() == 1);
  CHECK(create() == 2);
}

TEST_CASE_METHOD(workspace_fixture,
                 "an id is not used again while a dead terminal is listed") {
  terminals_options options;
  options.limit = 1;
  use(options);
  for (int expected = 1; expected <= 20; ++expected) {
    REQUIRE(create() == expected);
    exit(static_cast<std::uint8_t>(expected), 0);
  }
  CHECK(list().size() == 20);
}

TEST_CASE_METHOD(workspace_fixture,
                 "when all ids are listed the oldest dead one gives way") {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  terminals_options options;
  options.limit = 300;
  use(options);
  for (int id = 1; id <= 255; ++id)
    REQUIRE(create() == id);
  CHECK(try_create().error().code == errc::terminal_limit);
  exit(20, 0);
  exit(10, 0);
  CHECK(create() == 10); // created before 20
  CHECK(list().size() == 255);
}

// -- the limit ----------------------------------------------------------------

TEST_CASE_METHOD(workspace_fixture, "the limit is on terminals that live") {
  terminals_options options;
  options.limit = 2;
  use(options);
  create();
  create();
  const auto refused = try_create();
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == errc::terminal_limit);
  exit(1, 0);
  CHECK(try_create());
}

TEST_CASE_METHOD(workspace_fixture, "a terminal being started counts") {
  terminals_options options;
  options.limit = 1;
  use(options);
  held->hold_spawns = true;
  auto first = begin<terminal_summary>(terminals, create_terminal{});
  run();
  CHECK(try_create().error().code == errc::terminal_limit);
  send(holder, restart_holder{});
  run();
  REQUIRE(first->has_value());
  CHECK((*first)->has_value());
}

TEST_CASE_METHOD(workspace_fixture, "two terminals started at once differ") {
  held->hold_spawns = true;
  auto first = begin<terminal_summary>(terminals, create_terminal{});
  auto second = begin<terminal_summary>(terminals, create_terminal{});
  run();
  send(holder, restart_holder{});
  run();
  REQUIRE((first->has_value() && second->has_value()));
  CHECK((*first)->value().id != (*second)->value().id);
}

TEST_CASE_METHOD(workspace_fixture, "a start that failed leaves nothing") {
  held->refusal = error{errc::malformed, "run nonsense: not found"};
  const auto refused = try_create();
  REQUIRE(refused.has_error());
  CHECK(refused.error() == *held->refusal);
  CHECK(list().empty());
  held->refusal.reset();
  CHECK(create() == 1);
}

TEST_CASE_METHOD(workspace_fixture,
                 "a holder that does not answer is a timeout") {
  held->hold_spawns = true;
  auto answer = begin<terminal_summary>(terminals, create_terminal{});
  advance(10s);
  REQUIRE(answer->has_value());
  CHECK((*answer)->error().code == errc::timeout);
}

// -- what a program gets ------------------------------------------------------

TEST_CASE_METHOD(workspace_fixture, "without a command the shell is run") {
  create();
  REQUIRE(held->spawned.size() == 1);
  const auto& asked = held->spawned.front();
  CHECK(asked.argv == std::vector<std::string>{"/bin/bash"});
  CHECK(asked.cwd == "/srv");
  CHECK(asked.kind == os::session_kind::pty);
  CHECK_FALSE(asked.login);
}

TEST_CASE_METHOD(workspace_fixture, "a program gets what its creator asked") {
  create_terminal_body body;
  body.command = {"vi", "file"};
  body.size = {100, 40};
  body.cwd = "/tmp";
  body.login = true;
  create(body);
  const auto& asked = held->spawned.front();
  CHECK(asked.argv == body.command);
  CHECK(asked.cols == 100);
  CHECK(asked.rows == 40);
  CHECK(asked.cwd == "/tmp");
  CHECK(asked.login);
}

TEST_CASE_METHOD(workspace_fixture,
                 "a relative directory is in the workspace") {
  create_terminal_body body;
  body.cwd = "src";
  create(body);
  CHECK(held->spawned.front().cwd == "/srv/src");
}

TEST_CASE_METHOD(workspace_fixture,
                 "the creator's environment replaces the daemon's by name") {
  terminals_options options;
  options.defaults.environment = {"TERM=xterm-256color", "LANG=C"};
  use(options);
  create_terminal_body body;
  body.env = {{"LANG", "de_DE.UTF-8"}, {"EMPTY", ""}};
  create(body);
  auto env = held->spawned.front().env;
  std::sort(env.begin(), env.end());
  CHECK(env == std::vector<std::string>{"EMPTY=", "LANG=de_DE.UTF-8",
                                        "TERM=xterm-256color"});
}

TEST_CASE_METHOD(workspace_fixture, "the ring holds at least the scrollback") {
  const auto wanted = GENERATE(std::size_t{1024}, limits::default_scrollback,
                               std::size_t{300'000}, limits::max_scrollback);
  create_terminal_body body;
  body.scrollback_size = wanted;
  create(body);
  CHECK(held->spawned.front().ring_capacity >= wanted);
  CHECK(held->spawned.front().ring_capacity >= limits::default_ring);
  CHECK(held->spawned.front().ring_capacity <= os::max_ring_capacity);
}

TEST_CASE_METHOD(workspace_fixture,
                 "a new terminal is described to its creator") {
  create_terminal_body body;
  body.command = {"top"};
  body.scrollback_size = 4096;
  const auto made = try_create(body);
  REQUIRE(made);
  CHECK(made->id == 1);
  CHECK(made->session == identity(1));
  CHECK(made->command == body.command);
  CHECK(made->alive);
  CHECK(made->pid == 4242);
  CHECK(made->scrollback_size == 4096);
}

// -- what is listed -----------------------------------------------------------

TEST_CASE_METHOD(workspace_fixture, "terminals are listed by id") {
  create();
  create();
  const auto all = list();
  REQUIRE(all.size() == 2);
  CHECK(all[0].id == 1);
  CHECK(all[1].id == 2);
}

TEST_CASE_METHOD(workspace_fixture,
                 "a dead terminal stays listed with its exit") {
  create();
  exit(1, 3);
  const auto all = list();
  REQUIRE(all.size() == 1);
  CHECK_FALSE(all[0].alive);
  CHECK(all[0].exit == terminal_exit{3, 0});
  CHECK(count().alive == 0);
  CHECK(count().listed == 1);
}

TEST_CASE_METHOD(workspace_fixture, "a dead terminal still gives its output") {
  create();
  program(1).print("result");
  exit(1, 0);
  const auto kept = ask<scrollback>(find(1), get_scrollback{});
  REQUIRE(kept);
  CHECK(kept->bytes == "result");
}

TEST_CASE_METHOD(workspace_fixture,
                 "a dead terminal is forgotten after an hour") {
  create();
  exit(1, 0);
  advance(59min);
  CHECK(list().size() == 1);
  CHECK(held->forgotten.empty());
  advance(2min);
  CHECK(list().empty());
  CHECK(held->forgotten == std::vector<std::uint64_t>{1});
}

TEST_CASE_METHOD(workspace_fixture,
                 "a terminal that lives is never forgotten") {
  create();
  advance(24h);
  CHECK(list().size() == 1);
}

TEST_CASE_METHOD(workspace_fixture, "an unknown id is not found") {
  const auto shown = ask<found_terminal>(terminals, find_terminal{9});
  REQUIRE(shown.has_error());
  CHECK(shown.error().code == errc::not_found);
  const auto found = ask<found_terminal>(terminals, find_terminal{9});
  REQUIRE(found.has_error());
  CHECK(found.error().code == errc::not_found);
  CHECK(remove(9).error().code == errc::not_found);
}

} // namespace outrigger
