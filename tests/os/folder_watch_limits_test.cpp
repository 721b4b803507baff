// Watched folders when there is too much: of changes for the queue or for
// those who watch, of folders for the budget; and when the folder itself goes.
#include "tests/os/watch_fixture.hpp"

#include <catch2/catch.hpp>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace outrigger::os::test {

namespace fs = std::filesystem;

namespace {

watch_settings with_budget(std::size_t watches) {
  auto settings = watch_fixture::quick();
  settings.max_watches = watches;
  return settings;
}

/// So many changes in a row, no two of them the same, for the kernel would
/// make one of those.
void change_often(const file_tree& tree, int times,
                  const std::function<void()>& between = nullptr) {
  std::ofstream files[2];
  for (int i = 0; i < 2; ++i)
    files[i].open(tree.in("noise-" + std::to_string(i)));
  for (int i = 0; i < times; ++i) {
    files[i % 2].put('x').flush();
    if (between && i % 500 == 0)
      between();
  }
}

void append(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary | std::ios::app) << text;
}

} // namespace

// -- overflow -----------------------------------------------------------------

TEST_CASE_METHOD(watch_fixture, "when the queue runs over, the folder is gone "
                                "through anew and that is told") {
  make_folders(tree, "a/gone");
  make_folders(tree, "b");
  auto w = open();
  // Nobody reads: the loop does not run.
  fs::remove_all(tree.in("a/gone"));
  change_often(tree, 17'000);
  make_folders(tree, "b/unseen/deep");
  REQUIRE(until([&] { return w.seen->lost == 1; }));
  CHECK(watches->now().overflows == 1);
  // The new folders have watches, before anybody is told to look.
  CHECK(watches->now().watches == 5);
  write_file(tree.in("b/unseen/deep/f"), "");
  CHECK(until([&] { return w.seen->was_told("created b/unseen/deep/f"); }));
}

TEST_CASE_METHOD(watch_fixture, "when those who watch do not keep up, the "
                                "queue is not read on") {
  auto settings = quick();
  settings.max_handed_out = 2;
  use(settings);
  auto w = open();
  w.seen->hold = true;
  change_often(tree, 40'000, [&] { loop.poll(); });
  CHECK(w.seen->held.size() <= 2);
  CHECK(w.seen->lost == 0);
  w.seen->hold = false;
  w.seen->held.clear();
  CHECK(until([&] { return w.seen->lost > 0; }));
  settle(w);
}

// -- budget -------------------------------------------------------------------

TEST_CASE_METHOD(watch_fixture, "folders beyond the budget are looked at, and "
                                "that is told") {
  use(with_budget(3));
  make_folders(tree, "a");
  make_folders(tree, "b");
  make_folders(tree, "c/d");
  make_folders(tree, "e");
  write_file(tree.in("c/d/old"), "1");
  write_file(tree.in("e/gone"), "1");
  auto w = open();
  REQUIRE(w.seen->degraded.size() == 1);
  CHECK(w.seen->degraded[0].path.empty());
  CHECK(w.seen->degraded[0].folders == 2); // c and e
  CHECK(w.seen->degraded[0].reason.find("limit") != std::string::npos);
  REQUIRE(w.seen->ready.size() == 1);
  CHECK(w.seen->ready[0] == watch_ready{3, w.seen->degraded});
  CHECK(watches->now().degraded == 1);
  // What is watched is told at once, the rest a little later. The first look
  // only notes what is there.
  REQUIRE(until([&] {
    append(tree.in("c/d/old"), "2");
    return w.seen->was_told("modified c/d/old");
  }));
  ::unlink(tree.in("e/gone").c_str());
  make_folders(tree, "c/new/deep");
  write_file(tree.in("c/new/deep/f"), "");
  CHECK(until([&] {
    return w.seen->was_told("removed e/gone") &&
           w.seen->was_told("created c/new/") &&
           w.seen->was_told("created c/new/deep/f");
  }));
  write_file(tree.in("a/f"), "");
  CHECK(until([&] { return w.seen->was_told("created a/f"); }));
  CHECK(w.seen->lost == 0);
}

TEST_CASE_METHOD(watch_fixture, "a new folder for which there is no watch any "
                                "more is looked at, its content told") {
  use(with_budget(2));
  make_folders(tree, "a");
  auto w = open();
  CHECK(w.seen->degraded.empty());
  make_folders(tree, "a/new/deep");
  write_file(tree.in("a/new/deep/f"), "");
  REQUIRE(until([&] { return w.seen->was_told("created a/new/deep/f"); }));
  REQUIRE(w.seen->degraded.size() == 1);
  CHECK(w.seen->degraded[0].path == "a/new");
  // Renamed, it is known by its new name.
  fs::rename(tree.in("a/new"), tree.in("a/other"));
  write_file(tree.in("a/other/deep/g"), "");
  CHECK(until([&] { return w.seen->was_told("created a/other/deep/g"); }));
  CHECK(w.seen->was_told("created a/other/ | a/new"));
}

TEST_CASE_METHOD(watch_fixture, "when there is room again everything is "
                                "watched again") {
  use(with_budget(4));
  make_folders(tree, "a/b");
  make_folders(tree, "c/d");
  auto w = open();
  REQUIRE(w.seen->degraded.size() == 1);
  CHECK(w.seen->degraded[0].path == "c/d");
  fs::remove_all(tree.in("a"));
  REQUIRE(until([&] { return w.seen->ready.size() == 2; }));
  CHECK(w.seen->ready.back() == watch_ready{3});
  CHECK(watches->now().degraded == 0);
  CHECK(w.seen->lost == 1); // between the last look and the watch
  write_file(tree.in("c/d/f"), "");
  CHECK(until([&] { return w.seen->was_told("created c/d/f"); }));
}

TEST_CASE_METHOD(watch_fixture, "with gaps all over, the whole is looked at") {
  auto settings = with_budget(5);
  settings.max_partly_watched = 1;
  use(settings);
  make_folders(tree, "a/b/c/d/e");
  make_folders(tree, "a/b/f/g");
  make_folders(tree, "h");
  auto w = open();
  REQUIRE(w.seen->degraded.size() == 1);
  CHECK(w.seen->degraded[0].path.empty());
  CHECK(w.seen->degraded[0].folders == 0);
  CHECK(until([&] { return watches->now().watches == 0; }));
  REQUIRE(until([&] {
    append(tree.in("a/b/f/g/x"), "1");
    return w.seen->was_told("modified a/b/f/g/x");
  }));
}

TEST_CASE_METHOD(watch_fixture, "without any watch the folder is looked at") {
  use(with_budget(0));
  make_folders(tree, "a");
  auto w = open();
  REQUIRE(w.seen->degraded.size() == 1);
  CHECK(w.seen->ready[0] == watch_ready{0, w.seen->degraded});
  REQUIRE(until([&] {
    append(tree.in("a/x"), "1");
    return w.seen->was_told("modified a/x");
  }));
  fs::remove_all(tree.in("a"));
  CHECK(until([&] { return w.seen->was_told("removed a/"); }));
}

TEST_CASE_METHOD(watch_fixture, "of too many entries only that something "
                                "changed is told") {
  auto settings = with_budget(1);
  settings.max_snapshot = 10;
  use(settings);
  make_folders(tree, "a");
  for (int i = 0; i < 20; ++i)
    write_file(tree.in("a/" + std::to_string(i)), "");
  auto w = open();
  REQUIRE(until([&] {
    append(tree.in("a/3"), "1");
    return w.seen->lost > 0;
  }));
  CHECK(w.seen->changes.empty());
}

// -- the folder itself --------------------------------------------------------

TEST_CASE_METHOD(watch_fixture, "a folder that is renamed is gone, and back "
                                "with its name") {
  make_folders(tree, "a/b");
  auto w = open("a");
  fs::rename(tree.in("a"), tree.in("elsewhere"));
  REQUIRE(until([&] { return w.seen->gone == 1; }));
  CHECK(until([&] { return watches->now().watches == 0; }));
  write_file(tree.in("elsewhere/f"), "");
  fs::rename(tree.in("elsewhere"), tree.in("a"));
  REQUIRE(until([&] { return w.seen->lost == 1; }));
  CHECK(w.seen->ready.size() == 2);
  write_file(tree.in("a/b/g"), "");
  REQUIRE(until([&] { return w.seen->was_told("created b/g"); }));
  CHECK_FALSE(w.seen->was_told("created f"));
}

TEST_CASE_METHOD(watch_fixture, "a folder that is removed and made again is "
                                "another one, and watched") {
  make_folders(tree, "a/b");
  auto w = open("a");
  SECTION("later") {
    fs::remove_all(tree.in("a"));
    REQUIRE(until([&] { return w.seen->gone == 1; }));
    make_folders(tree, "a/c");
  }
  SECTION("at once") {
    fs::remove_all(tree.in("a"));
    make_folders(tree, "a/c");
  }
  SECTION("by a rename") {
    make_folders(tree, "other/c");
    fs::remove_all(tree.in("a/b"));
    fs::rename(tree.in("other"), tree.in("a"));
  }
  REQUIRE(until([&] { return w.seen->lost == 1; }));
  CHECK(w.seen->gone == 1);
  CHECK(w.seen->ready.back() == watch_ready{2});
  write_file(tree.in("a/c/f"), "");
  CHECK(until([&] { return w.seen->was_told("created c/f"); }));
  CHECK(watches->now().watches == 2);
}

TEST_CASE_METHOD(watch_fixture, "the root itself may be removed, or renamed, "
                                "and made again") {
  make_folders(tree, "a");
  auto all = open();
  auto below = open("a");
  SECTION("removed") {
    fs::remove_all(tree.in(""));
  }
  SECTION("renamed") {
    fs::rename(tree.in(""), tree("elsewhere"));
  }
  REQUIRE(until([&] { return all.seen->gone == 1 && below.seen->gone == 1; }));
  make_folders(tree, "a/c");
  REQUIRE(until([&] { return all.seen->lost == 1 && below.seen->lost == 1; }));
  write_file(tree.in("a/c/f"), "");
  CHECK(until([&] {
    return all.seen->was_told("created a/c/f") &&
           below.seen->was_told("created c/f");
  }));
}

TEST_CASE_METHOD(watch_fixture, "a folder is gone when one above is renamed") {
  make_folders(tree, "top/a");
  auto w = open("top/a");
  fs::rename(tree.in("top"), tree.in("other"));
  REQUIRE(until([&] { return w.seen->gone == 1; }));
  fs::create_directories(tree("outside/a"));
  make_link("../outside", tree.in("top")); // this does not bring it back
  write_file(tree("outside/a/secret"), "");
  fs::remove(tree.in("top"));
  fs::rename(tree.in("other"), tree.in("top"));
  REQUIRE(until([&] { return w.seen->ready.size() == 2; }));
  write_file(tree.in("top/a/f"), "");
  REQUIRE(until([&] { return w.seen->was_told("created f"); }));
  CHECK(w.seen->changes.size() == 1);
}

TEST_CASE_METHOD(watch_fixture, "a folder that is not there is gone until it "
                                "is") {
  auto w = begin("a");
  REQUIRE(until([&] { return w.seen->gone == 1; }));
  make_folders(tree, "a");
  REQUIRE(until([&] { return !w.seen->ready.empty(); }));
  write_file(tree.in("a/f"), "");
  CHECK(until([&] { return w.seen->was_told("created f"); }));
}

TEST_CASE_METHOD(watch_fixture, "interests may end at any time") {
  for (int i = 0; i < 60; ++i)
    make_folders(tree, "d" + std::to_string(i) + "/a/b/c");
  for (int i = 0; i < 20; ++i) {
    auto w = begin();
    for (int turns = 0; turns < i; ++turns)
      loop.poll_one();
    fs::rename(tree.in("d" + std::to_string(i)),
               tree.in("e" + std::to_string(i)));
  }
  CHECK(watches->now().trees == 0);
  CHECK(until([&] { return watches->now().watches == 0; }));
  auto w = open();
  CHECK(w.seen->ready.back() == watch_ready{241});
  watches.reset(); // before the interest
}

} // namespace outrigger::os::test
