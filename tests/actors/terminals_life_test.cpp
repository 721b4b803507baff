// The directory: deletion, adoption, loss and failure.

#include <csignal>

#include "tests/actors/workspace_fixture.hpp"

namespace outrigger {

using namespace std::chrono_literals;

// -- deletion -----------------------------------------------------------------

TEST_CASE_METHOD(workspace_fixture,
                 "a deleted terminal leaves the list at once") {
  create();
  REQUIRE(remove(1));
  CHECK(list().empty());
  CHECK(remove(1).error().code == errc::not_found);
  CHECK(held->asked_to_end == std::vector<std::uint64_t>{1});
}

TEST_CASE_METHOD(workspace_fixture,
                 "a deleted session is forgotten once nothing of it runs") {
  create();
  REQUIRE(remove(1));
  CHECK(held->forgotten.empty());
  session_over(1);
  CHECK(held->forgotten == std::vector<std::uint64_t>{1});
}

TEST_CASE_METHOD(workspace_fixture,
                 "a deleted terminal's id is taken until nothing of it runs") {
  for (int id = 1; id <= 255; ++id) { // every id was used once
    const auto made = create();
    const auto key = program(made).key();
    REQUIRE(remove(made));
    if (id > 1)
      session_over(key);
    held->sessions.erase(key);
  }
  CHECK(create() == 2);
}

TEST_CASE_METHOD(workspace_fixture,
                 "listeners hear of a deletion when nothing runs any more") {
  create();
  auto heard = subscribe();
  REQUIRE(remove(1));
  CHECK(heard->removed.empty());
  session_over(1);
  CHECK(heard->removed.size() == 1);
}

TEST_CASE_METHOD(workspace_fixture, "a deleted terminal's exit is told") {
  create();
  auto heard = subscribe();
  auto& session = program(1);
  REQUIRE(remove(1));
  session.die(SIGHUP);
  run();
  session_over(1);
  REQUIRE(heard->removed.size() == 1);
  CHECK(heard->removed[0].id == 1);
  CHECK(heard->removed[0].key == 1);
  CHECK(heard->removed[0].exit == terminal_exit{129, SIGHUP});
}

TEST_CASE_METHOD(workspace_fixture,
                 "the exit is told although the holder was faster") {
  create();
  auto heard = subscribe();
  auto& session = program(1);
  REQUIRE(remove(1));
  session.die(SIGHUP);
  send(terminals, session_ended{1}); // before the ring's event is seen
  run();
  REQUIRE(heard->removed.size() == 1);
  CHECK(heard->removed[0].exit == terminal_exit{129, SIGHUP});
}

TEST_CASE_METHOD(workspace_fixture,
                 "a session the holder does not know is gone at once") {
  create();
  held->refusal =
      error{errc::not_found, "end session: No such file or directory"};
  REQUIRE(remove(1));
  CHECK(held->forgotten == std::vector<std::uint64_t>{1});
}

TEST_CASE_METHOD(workspace_fixture, "a session that ends by itself is listed") {
  create();
  exit(1, 0);
  session_over(1);
  CHECK(list().size() == 1);
  CHECK(held->forgotten.empty());
}

TEST_CASE_METHOD(workspace_fixture,
                 "ending all is answered when nothing runs") {
  create();
  create();
  auto answer = begin<done>(terminals, end_all_terminals{});
  run();
  CHECK(held->asked_to_end.size() == 2);
  CHECK_FALSE(answer->has_value());
  session_over(1);
  CHECK_FALSE(answer->has_value());
  session_over(2);
  REQUIRE(answer->has_value());
  CHECK((*answer)->has_value());
}

TEST_CASE_METHOD(workspace_fixture,
                 "while all are ended no terminal is created") {
  create();
  begin<done>(terminals, end_all_terminals{});
  run();
  CHECK(try_create().error().code == errc::unavailable);
}

TEST_CASE_METHOD(workspace_fixture,
                 "a terminal that was being created is ended with all") {
  held->hold_spawns = true;
  begin<terminal_summary>(terminals, create_terminal{});
  auto answer = begin<done>(terminals, end_all_terminals{});
  run();
  CHECK_FALSE(answer->has_value());
  send(holder, restart_holder{}); // the holder answers now
  run();
  CHECK(held->asked_to_end == std::vector<std::uint64_t>{1});
  CHECK_FALSE(answer->has_value());
  session_over(1);
  CHECK(answer->has_value());
}

TEST_CASE_METHOD(workspace_fixture,
                 "a holder that did not answer is asked again to end") {
  create();
  held->refusal = error{errc::timeout, "end session: timed out"};
  REQUIRE(remove(1));
  CHECK(held->forgotten.empty());
  held->refusal.reset();
  advance(2s);
  CHECK(held->asked_to_end == std::vector<std::uint64_t>{1, 1});
  session_over(1);
  CHECK(held->forgotten == std::vector<std::uint64_t>{1});
}

TEST_CASE_METHOD(workspace_fixture,
                 "ending all of nothing is answered at once") {
  CHECK(ask<done>(terminals, end_all_terminals{}));
}

// -- adoption -----------------------------------------------------------------

namespace {

std::string tag_of(std::uint8_t id) {
  return to_tag({id, 4096, "/srv", {"bash"}}, 1024);
}

fake_session_options kept_session(std::uint64_t key, std::string tag) {
  fake_session_options options;
  options.key = key;
  options.tag = std::move(tag);
  return options;
}

} // namespace

TEST_CASE_METHOD(workspace_fixture,
                 "a later daemon knows the terminals again") {
  held->add(kept_session(5, tag_of(3))).print("from before");
  const auto counts = ask<terminal_counts>(terminals, adopt_sessions{});
  REQUIRE(counts);
  CHECK(counts->alive == 1);
  const auto all = list();
  REQUIRE(all.size() == 1);
  CHECK(all[0].id == 3);
  CHECK(all[0].session == identity(5));
  CHECK(all[0].command == std::vector<std::string>{"bash"});
  CHECK(all[0].scrollback_size == 4096);
  const auto kept = ask<scrollback>(find(3), get_scrollback{});
  REQUIRE(kept);
  CHECK(kept->bytes == "from before");
}

TEST_CASE_METHOD(workspace_fixture, "a session of someone else is left alone") {
  held->add(kept_session(5, "agent"));
  REQUIRE(ask<terminal_counts>(terminals, adopt_sessions{}));
  CHECK(list().empty());
  CHECK(held->asked_to_end.empty());
  CHECK(held->forgotten.empty());
}

TEST_CASE_METHOD(workspace_fixture, "an adopted terminal may have ended") {
  held->add(kept_session(5, tag_of(1))).exit(7);
  const auto counts = ask<terminal_counts>(terminals, adopt_sessions{});
  REQUIRE(counts);
  CHECK(counts->listed == 1);
  const auto all = list();
  REQUIRE(all.size() == 1);
  CHECK_FALSE(all[0].alive);
  CHECK(all[0].exit == terminal_exit{7, 0});
}

TEST_CASE_METHOD(workspace_fixture, "an adopted id is not given out again") {
  held->add(kept_session(5, tag_of(1)));
  REQUIRE(ask<terminal_counts>(terminals, adopt_sessions{}));
  CHECK(create() == 2);
}

TEST_CASE_METHOD(workspace_fixture, "adopted terminals count for the limit") {
  terminals_options options;
  options.limit = 1;
  use(options);
  held->add(kept_session(5, tag_of(1)));
  REQUIRE(ask<terminal_counts>(terminals, adopt_sessions{}));
  CHECK(try_create().error().code == errc::terminal_limit);
}

TEST_CASE_METHOD(workspace_fixture,
                 "what was deleted before stays deleted after an adoption") {
  auto kept = kept_session(5, tag_of(1));
  kept.ending = true;
  held->add(std::move(kept));
  const auto counts = ask<terminal_counts>(terminals, adopt_sessions{});
  REQUIRE(counts);
  CHECK(counts->alive == 0);
  CHECK(list().empty());
  CHECK(subscribe()->added.empty());
  CHECK(held->asked_to_end == std::vector<std::uint64_t>{5});
  session_over(5);
  CHECK(held->forgotten == std::vector<std::uint64_t>{5});
}

TEST_CASE_METHOD(workspace_fixture,
                 "after an adoption ids go on behind the newest terminal's") {
  auto older = kept_session(5, tag_of(9));
  older.created_unix_ms -= 1000;
  held->add(std::move(older));
  held->add(kept_session(6, tag_of(7)));
  REQUIRE(ask<terminal_counts>(terminals, adopt_sessions{}));
  CHECK(create() == 8);
  CHECK(create() == 10);
}

TEST_CASE_METHOD(workspace_fixture, "after 255 come the ids from 1 on") {
  held->add(kept_session(5, tag_of(255)));
  REQUIRE(ask<terminal_counts>(terminals, adopt_sessions{}));
  CHECK(create() == 1);
}

TEST_CASE_METHOD(workspace_fixture,
                 "a dead terminal's hour began when it ended") {
  held->add(kept_session(5, tag_of(1))).exit(7, 40min);
  REQUIRE(ask<terminal_counts>(terminals, adopt_sessions{}));
  advance(19min);
  CHECK(list().size() == 1);
  advance(2min);
  CHECK(list().empty());
}

TEST_CASE_METHOD(workspace_fixture, "an adoption without a holder fails") {
  held->refusal = error{errc::unavailable, "no holder"};
  const auto answer = ask<terminal_counts>(terminals, adopt_sessions{});
  REQUIRE(answer.has_error());
  CHECK(answer.error().code == errc::unavailable);
}

// -- a lost holder ------------------------------------------------------------

TEST_CASE_METHOD(workspace_fixture, "sessions die with their holder") {
  create();
  send(terminals, holder_lost{"the session holder died"});
  run();
  const auto all = list();
  REQUIRE(all.size() == 1);
  CHECK_FALSE(all[0].alive);
  CHECK(all[0].exit == terminal_exit{lost_exit_code, 0});
}

TEST_CASE_METHOD(workspace_fixture, "a lost holder does not change an exit") {
  create();
  exit(1, 3);
  send(terminals, holder_lost{"the session holder died"});
  run();
  CHECK(list().at(0).exit == terminal_exit{3, 0});
}

TEST_CASE_METHOD(workspace_fixture,
                 "what was being ended is over when the holder is lost") {
  create();
  auto heard = subscribe();
  REQUIRE(remove(1));
  send(terminals, holder_lost{"the session holder died"});
  run();
  CHECK(heard->removed.size() == 1);
}

TEST_CASE_METHOD(workspace_fixture,
                 "new terminals work after a holder was lost") {
  create();
  send(terminals, holder_lost{"the session holder died"});
  run();
  CHECK(create() == 2);
  CHECK(count().alive == 1);
}

// -- a failed actor -----------------------------------------------------------

TEST_CASE_METHOD(workspace_fixture, "a terminal whose actor failed goes on") {
  create();
  program(1).print("before ");
  auto heard = subscribe();
  const auto old = find(1);
  fail(1);
  REQUIRE(heard->added.size() == 2);
  CHECK(heard->added[0].key == heard->added[1].key);
  CHECK(heard->added[1].terminal != old);
  program(1).print("after");
  const auto kept = ask<scrollback>(find(1), get_scrollback{});
  REQUIRE(kept);
  CHECK(kept->bytes == "before after");
}

TEST_CASE_METHOD(workspace_fixture, "a terminal that fails for ever is ended") {
  create();
  for (int i = 0; i < 5; ++i)
    fail(1);
  CHECK(held->asked_to_end.empty());
  fail(1);
  CHECK(list().empty());
  CHECK(held->asked_to_end == std::vector<std::uint64_t>{1});
}

TEST_CASE_METHOD(workspace_fixture, "failures long ago are forgiven") {
  create();
  for (int i = 0; i < 12; ++i) {
    fail(1);
    advance(15s);
  }
  CHECK(list().size() == 1);
}

// -- listeners ----------------------------------------------------------------

TEST_CASE_METHOD(workspace_fixture, "a new listener hears of every terminal") {
  create();
  create();
  exit(1, 3);
  auto heard = subscribe();
  REQUIRE(heard->added.size() == 2);
  CHECK(heard->added[0].id == 1);
  CHECK(heard->added[0].exit == terminal_exit{3, 0});
  CHECK(heard->added[1].id == 2);
  CHECK_FALSE(heard->added[1].exit);
}

TEST_CASE_METHOD(workspace_fixture,
                 "a new listener is told when it has heard of all") {
  create();
  create();
  auto heard = subscribe();
  create();
  CHECK(heard->complete_at == std::vector<std::size_t>{2});
}

TEST_CASE_METHOD(workspace_fixture, "a listener hears of later terminals") {
  auto heard = subscribe();
  create();
  REQUIRE(heard->added.size() == 1);
  CHECK(heard->added[0].id == 1);
  CHECK(heard->added[0].key == 1);
}

TEST_CASE_METHOD(workspace_fixture, "a listener hears of no deleted terminal") {
  create();
  REQUIRE(remove(1));
  CHECK(subscribe()->added.empty());
}

TEST_CASE_METHOD(workspace_fixture, "a listener that died does no harm") {
  auto other = subscribe();
  subscribe();
  end(last_listener, true);
  CHECK(create() == 1);
  CHECK(other->added.size() == 1);
}

} // namespace outrigger
