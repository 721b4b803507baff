// What the terminals and holder actors write on the health board, so that
// /health asks nobody.

#include "tests/actors/workspace_fixture.hpp"

namespace outrigger {
namespace {

class board_fixture : public workspace_fixture {
public:
  board_fixture() {
    terminals_options options;
    options.board = &board;
    options.counted = &counted;
    use(options);
  }

  health_board board;
  terminal_meters counted;
};

} // namespace

TEST_CASE_METHOD(board_fixture, "a terminal is on the board once it is made") {
  CHECK(board.terminals == 0);
  create();
  CHECK(board.terminals == 1);
  CHECK(board.listed == 1);
  create();
  CHECK(board.terminals == 2);
}

TEST_CASE_METHOD(board_fixture, "an ended terminal is listed, not alive") {
  create();
  exit(1, 0);
  CHECK(board.terminals == 0);
  CHECK(board.listed == 1);
}

TEST_CASE_METHOD(board_fixture, "a deleted terminal is off the board") {
  create();
  create();
  REQUIRE(remove(1));
  CHECK(board.terminals == 1);
  CHECK(board.listed == 1);
  exit(2, 0);
  REQUIRE(remove(2));
  CHECK(board.listed == 0);
}

TEST_CASE_METHOD(board_fixture, "adopted terminals are on the board") {
  held->add({.key = 5, .tag = to_tag({3, 1024, "/", {"sh"}}, 100)});
  held->add({.key = 6, .tag = "somebody else's"});
  REQUIRE(ask<terminal_counts>(terminals, adopt_sessions{}));
  CHECK(board.terminals == 1);
}

TEST_CASE_METHOD(board_fixture,
                 "terminals lost with the holder are not alive") {
  create();
  send(terminals, holder_lost{"gone"});
  run();
  CHECK(board.terminals == 0);
  CHECK(board.listed == 1);
}

TEST_CASE_METHOD(board_fixture, "its terminals count for the daemon") {
  create();
  send(find(1), leave_input{{}, std::make_shared<const std::string>("ls\n")});
  run();
  CHECK(counted.input_bytes == 3);
}

} // namespace outrigger
