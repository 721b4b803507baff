// What is made of many changes: few events, the first at once, none wrong.
#include "actors/files/change_coalescer.hpp"

#include <catch2/catch.hpp>

#include "actors/files/event_log.hpp"
#include "actors/files/watch_excludes.hpp"

namespace outrigger {
namespace {

using namespace std::chrono_literals;
using kind = os::change_kind;

class coalescing {
public:
  explicit coalescing(std::size_t max_paths = 100) : all{50ms, max_paths} {}

  void happens(kind what, const std::string& path = "f",
               bool is_folder = false) {
    all.take({what, is_folder, path}, now, told);
  }
  void pass(std::chrono::milliseconds time) {
    now += time;
    all.end_windows(now, told);
  }
  /// What was told since it was asked last.
  std::vector<file_op> ops() {
    std::vector<file_op> out;
    for (const auto& each : std::exchange(told, {}))
      out.push_back(each.op);
    return out;
  }

  change_coalescer all;
  change_coalescer::clock::time_point now{};
  std::vector<told_change> told;
};

using ops = std::vector<file_op>;

} // namespace

TEST_CASE("the first change of a path is told at once") {
  coalescing c;
  c.happens(kind::modified);
  CHECK(c.ops() == ops{file_op::write});
  c.pass(50ms);
  CHECK(c.ops().empty());
  CHECK_FALSE(c.all.next_end());
}

TEST_CASE("what follows is told once, when the window is over") {
  coalescing c;
  for (int i = 0; i < 10; ++i)
    c.happens(kind::modified);
  CHECK(c.ops() == ops{file_op::write});
  c.pass(49ms);
  CHECK(c.ops().empty());
  c.pass(1ms);
  CHECK(c.ops() == ops{file_op::write});
  // And that begins another window.
  c.happens(kind::modified);
  CHECK(c.ops().empty());
  c.pass(50ms);
  CHECK(c.ops() == ops{file_op::write});
  c.pass(50ms);
  c.happens(kind::modified);
  CHECK(c.ops() == ops{file_op::write});
}

TEST_CASE("the last one wins") {
  coalescing c;
  c.happens(kind::modified);
  c.happens(kind::modified);
  c.happens(kind::removed);
  c.pass(50ms);
  CHECK(c.ops() == ops{file_op::write, file_op::remove});
}

TEST_CASE("what is new stays new until it was told") {
  coalescing c;
  c.happens(kind::removed);
  c.happens(kind::created);
  c.happens(kind::modified);
  c.pass(50ms);
  CHECK(c.ops() == ops{file_op::remove, file_op::create});
}

TEST_CASE("what came and went in between was never there") {
  coalescing c;
  const auto end = GENERATE(kind::removed, kind::moved_away);
  c.happens(end);
  c.happens(kind::created);
  c.happens(end);
  c.pass(50ms);
  CHECK(c.ops().size() == 1);
  // But what clients know of is told to be gone.
  coalescing d;
  d.happens(kind::created);
  d.happens(end);
  d.happens(kind::created);
  d.happens(end);
  d.pass(50ms);
  CHECK(d.ops().size() == 2);
}

TEST_CASE(
    "a folder that went is told to have gone, though one of its name came "
    "back at once") {
  // Of what was in it nothing else may be told.
  coalescing c;
  const auto end = GENERATE(kind::removed, kind::moved_away);
  c.happens(kind::created, "d", true);
  c.happens(end, "d", true);
  c.happens(kind::created, "d", true);
  c.pass(50ms);
  const auto gone = end == kind::removed ? file_op::remove : file_op::rename;
  CHECK(c.ops() == ops{file_op::create, gone, file_op::create});
  c.happens(end, "d", true);
  c.pass(50ms);
  c.pass(50ms);
  CHECK(c.ops() == ops{gone});
  // Nor when it was not told yet that it had come back.
  c.happens(end, "e", true);
  c.happens(kind::created, "e", true);
  c.happens(kind::created, "e/f");
  c.happens(end, "e", true);
  c.pass(50ms);
  CHECK(c.ops() == ops{gone, file_op::create, gone});
}

TEST_CASE("a folder that is told of twice came once, a file may be another") {
  coalescing c;
  const os::folder_change folder{kind::created, true, "d", {}};
  c.all.take(folder, c.now, c.told);
  c.all.take(folder, c.now, c.told); // found by a scan, told by the kernel
  c.pass(50ms);
  CHECK(c.ops() == ops{file_op::create});
  c.happens(kind::created, "f");
  c.happens(kind::created, "f"); // renamed over it
  c.pass(50ms);
  CHECK(c.ops() == ops{file_op::create, file_op::write});
  // Removed and made again is something else.
  c.happens(kind::created, "g");
  c.happens(kind::removed, "g");
  c.happens(kind::created, "g");
  c.pass(50ms);
  CHECK(c.ops() == ops{file_op::create, file_op::create});
}

TEST_CASE("paths do not wait for each other") {
  coalescing c;
  c.happens(kind::created, "a");
  c.pass(30ms);
  c.happens(kind::created, "b");
  c.happens(kind::modified, "a");
  c.happens(kind::modified, "b");
  CHECK(c.ops() == ops{file_op::create, file_op::create});
  c.pass(20ms);
  REQUIRE(c.told.size() == 1);
  CHECK(c.told[0].path == "a");
  c.pass(30ms);
  CHECK(c.told.size() == 2);
}

TEST_CASE("both names of a rename are kept") {
  coalescing c;
  c.all.take({kind::moved_away, true, "a", "b"}, c.now, c.told);
  c.all.take({kind::created, true, "b", "a"}, c.now, c.told);
  CHECK(c.told == std::vector<told_change>{{file_op::rename, true, "a", "b"},
                                           {file_op::create, true, "b", "a"}});
}

TEST_CASE("with too many paths windows end early, and nothing is lost") {
  coalescing c{10};
  c.happens(kind::created, "first");
  c.happens(kind::modified, "first");
  for (int i = 0; i < 1000; ++i)
    c.happens(kind::created, std::to_string(i));
  CHECK(c.told.size() == 1002);
  CHECK(c.told[11].path == "first");
  CHECK(c.told[11].op == file_op::write);
  c.pass(50ms);
  CHECK_FALSE(c.all.next_end());
}

TEST_CASE("what waits can be dropped") {
  coalescing c;
  c.happens(kind::created);
  c.happens(kind::modified);
  c.all.clear();
  c.pass(50ms);
  CHECK(c.ops() == ops{file_op::create});
  c.happens(kind::modified);
  CHECK(c.ops() == ops{file_op::write});
}

// -- the log ------------------------------------------------------------------

namespace {

watch_event event_of(const std::string& path) {
  watch_event out;
  out.path = path;
  return out;
}

} // namespace

TEST_CASE("events are numbered from one on") {
  event_log log;
  CHECK(log.next() == 1);
  log.append(event_of("a"));
  log.append(event_of("b"));
  const auto all = log.from(1, 1 << 20);
  REQUIRE(all.size() == 2);
  CHECK((all[0]->event.sequence == 1 && all[0]->event.path == "a"));
  CHECK((all[1]->event.sequence == 2 && all[1]->event.path == "b"));
  CHECK(log.from(2, 1 << 20).size() == 1);
  CHECK(log.from(3, 1 << 20).empty());
}

TEST_CASE("a slice holds at least one event and not much more than wanted") {
  event_log log;
  for (int i = 0; i < 1000; ++i)
    log.append(event_of(std::string(1000, 'x')));
  CHECK(log.from(log.first(), 1).size() == 1);
  const auto some = log.from(log.first(), 32 * 1024).size();
  CHECK((some > 10 && some <= 33));
}

TEST_CASE("the log is bounded, the oldest go first") {
  event_log log{100'000};
  for (int i = 0; i < 1000; ++i)
    log.append(event_of(std::to_string(i)));
  CHECK(log.bytes() <= 100'000);
  CHECK(log.next() == 1001);
  CHECK(log.first() > 1);
  CHECK(log.from(log.first(), 1)[0]->event.sequence == log.first());
  log.forget(log.next());
  CHECK(log.bytes() == 0);
  CHECK(log.first() == log.next());
  event_log tiny{1};
  tiny.append(event_of("a")); // the latest is always kept
  CHECK(tiny.from(1, 1).size() == 1);
}

// -- excludes -----------------------------------------------------------------

TEST_CASE("names, globs and paths are left out") {
  const watch_excludes some{{"dist", "*.swp", "*~", "docs/*.tmp", "**/gen/x"}};
  const auto out = [&](std::string_view folder, std::string_view name) {
    return some.leaves_out(folder, name);
  };
  CHECK(out("", "dist"));
  CHECK(out("a/b", "dist"));
  CHECK_FALSE(out("", "dist2"));
  CHECK_FALSE(out("dist", "x")); // nobody asks: the folder has no watch
  CHECK(out("a", ".f.swp"));
  CHECK(out("a", "f~"));
  CHECK(out("docs", "a.tmp"));
  CHECK_FALSE(out("", "a.tmp"));
  CHECK_FALSE(out("docs/sub", "a.tmp"));
  CHECK(out("a/gen", "x"));
  CHECK(out("gen", "x"));
}

TEST_CASE("our own files are left out while they are written") {
  const watch_excludes none{{}};
  CHECK(none.leaves_out("a", ".outrigger-abc.tmp"));
  CHECK_FALSE(none.leaves_out("a", ".outrigger-abc"));
}

TEST_CASE("the same excludes are the same in any order") {
  CHECK(watch_excludes{{"a", "b", "a"}}.key() ==
        watch_excludes{{"b", "a"}}.key());
  CHECK(watch_excludes{{"a", "b"}}.key() != watch_excludes{{"ab"}}.key());
}

} // namespace outrigger
