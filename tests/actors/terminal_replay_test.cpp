// What an emulator that was not there when it was printed may be shown.

#include "tests/actors/terminal_fixture.hpp"

namespace outrigger {
namespace {

const std::string cursor_query = "\x1B[6n";
const std::string colour_query = "\x1B]11;?\x1B\\";

std::string nuls(std::size_t count) {
  return std::string(count, '\0');
}

} // namespace

TEST_CASE_METHOD(terminal_fixture, "a query in the scrollback becomes NULs") {
  print("a" + cursor_query + "b" + colour_query + "c");
  auto viewer = watch_all();
  CHECK(viewer.seen->bytes() == "a" + nuls(cursor_query.size()) + "b" +
                                    nuls(colour_query.size()) + "c");
}

TEST_CASE_METHOD(terminal_fixture, "a live query passes") {
  print("old");
  auto viewer = watch_all();
  print(cursor_query);
  CHECK(viewer.seen->bytes() == "old" + cursor_query);
}

TEST_CASE_METHOD(terminal_fixture,
                 "a query printed after the attach passes although unread") {
  print("old" + cursor_query);
  auto viewer = watch();
  print(cursor_query);
  read_all(viewer);
  CHECK(viewer.seen->bytes() ==
        "old" + nuls(cursor_query.size()) + cursor_query);
}

TEST_CASE_METHOD(terminal_fixture, "a query in resumed output becomes NULs") {
  print("seen");
  print(cursor_query + "missed");
  auto viewer = watch_all(4);
  CHECK(viewer.seen->bytes() == nuls(cursor_query.size()) + "missed");
}

TEST_CASE_METHOD(terminal_fixture,
                 "stripping queries for one viewer leaves them to another") {
  auto live = watch_all();
  print(cursor_query);
  auto late = watch_all();
  CHECK(live.seen->bytes() == cursor_query);
  CHECK(late.seen->bytes() == nuls(cursor_query.size()));
}

TEST_CASE_METHOD(terminal_fixture,
                 "the kept output read at once is what was printed") {
  print("a" + cursor_query);
  const auto kept = ask<scrollback>(term, get_scrollback{});
  REQUIRE(kept);
  CHECK(kept->bytes == "a" + cursor_query);
}

TEST_CASE_METHOD(terminal_fixture,
                 "a replayed slice never ends inside a query") {
  // Wherever the query lies, slices of this size would cut some of them.
  for (std::size_t before = 0; before < 16; ++before) {
    use({});
    const auto text = std::string(before, 'x') + colour_query + "end\n";
    print(text);
    auto viewer = watch();
    read_all(viewer, 12);
    INFO("query at " << before);
    CHECK(viewer.seen->bytes() ==
          std::string(before, 'x') + nuls(colour_query.size()) + "end\n");
    CHECK(viewer.seen->contiguous());
  }
}

TEST_CASE_METHOD(terminal_fixture,
                 "a long query is replayed whole in the smallest slices") {
  const auto query = "\x1BP+q" + std::string(4000, '6') + "\x1B\\";
  print(std::string(8000, 'x') + query + "end\n");
  auto viewer = watch();
  read_all(viewer, limits::shared_slice);
  CHECK(viewer.seen->bytes() ==
        std::string(8000, 'x') + nuls(query.size()) + "end\n");
}

TEST_CASE_METHOD(terminal_fixture,
                 "an endless sequence does not hold the replay up") {
  const auto text = "\x1B]0;" + std::string(30'000, 't');
  print(text);
  auto viewer = watch();
  read_all(viewer, limits::shared_slice);
  CHECK(viewer.seen->bytes().size() == text.size());
}

TEST_CASE_METHOD(terminal_fixture,
                 "a sequence open at the end of the scrollback is passed on") {
  print("text\x1B[1");
  auto viewer = watch_all();
  print("mbold");
  CHECK(viewer.seen->bytes() == "text\x1B[1mbold");
}

TEST_CASE_METHOD(terminal_fixture,
                 "a replay that had to be cut starts after a line end") {
  use({}, 1024);
  print(numbered_lines(5000));
  const auto text = numbered_lines(5000);
  auto viewer = watch_all();
  const auto start = viewer.seen->last<viewer_attached>()->offset;
  REQUIRE(start > 0);
  CHECK(text[start - 1] == '\n');
}

TEST_CASE_METHOD(terminal_fixture,
                 "a replay that had to be cut starts between characters") {
  use({}, 1024);
  std::string text;
  while (text.size() < 5000)
    text += "\xE2\x82\xAC"; // no line end and no sequence far and wide
  text.resize(5001 / 3 * 3);
  print(text + "x"); // so that the cut falls inside a character
  auto viewer = watch_all();
  CHECK(viewer.seen->bytes().starts_with("\xE2\x82\xAC"));
}

TEST_CASE_METHOD(terminal_fixture,
                 "a replay that had to be cut starts with a whole sequence") {
  use({}, 1024);
  std::string text;
  while (text.size() < 5000)
    text += "\x1B[38;5;208mcolour";
  print(text);
  auto viewer = watch_all();
  const auto seen = viewer.seen->bytes();
  CHECK(seen.starts_with("\x1B[38;5;208m"));
  CHECK(text.ends_with(seen));
}

TEST_CASE_METHOD(terminal_fixture,
                 "a replay of everything starts at the first byte") {
  print("\x80middle of a character\n");
  auto viewer = watch_all();
  CHECK(viewer.seen->last<viewer_attached>()->offset == 0);
  CHECK(viewer.seen->bytes().starts_with("\x80"));
}

} // namespace outrigger
