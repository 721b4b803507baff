// Watched folders: what happens while a scan is under way, and what is told of
// it. Scans go in the smallest steps, so that the loop, which the test runs,
// has its turn between any two of them.
#include "tests/os/watch_fixture.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace outrigger::os::test {

namespace fs = std::filesystem;

namespace {

using namespace std::chrono_literals;

class race_fixture : public watch_fixture {
public:
  race_fixture() { use(small_steps()); }

  static watch_settings small_steps() {
    auto settings = quick();
    settings.step = 0ms;
    return settings;
  }

  /// So many, and the rest is looked at all the time.
  void allow_watches(std::size_t count) {
    auto settings = small_steps();
    settings.max_watches = count;
    settings.poll_min = 0ms;
    settings.poll_max = 0ms;
    use(settings);
  }

  /// A folder beside the root, with files and folders for many steps.
  void fill_outside(int files, int folders) {
    fs::create_directory(tree("outside"));
    for (int i = 0; i < files; ++i)
      write_file(tree("outside/f" + std::to_string(i)), "");
    for (int i = 0; i < folders; ++i)
      fs::create_directory(tree("outside/d" + std::to_string(i)));
  }

  /// Whether an entry is there for who goes by what was told.
  static bool seems_there(const news_record& seen, const std::string& path) {
    bool there = false;
    for (const auto& each : seen.changes)
      if (each.path == path)
        there = each.kind == change_kind::created ||
                (there && each.kind == change_kind::modified);
    return there;
  }
};

/// Two folders or files change places.
void exchange(const std::string& a, const std::string& b) {
  REQUIRE(::syscall(SYS_renameat2, AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(),
                    RENAME_EXCHANGE) == 0);
}

} // namespace

TEST_CASE_METHOD(race_fixture, "what went while its folder was scanned is not "
                               "told to be there") {
  fill_outside(3000, 300);
  auto w = open();
  fs::rename(tree("outside"), tree.in("in"));
  // The names were read, the first ones told.
  REQUIRE(until([&] { return seems_there(*w.seen, "in/d0"); }));
  REQUIRE_FALSE(seems_there(*w.seen, "in/f2999"));
  fs::remove_all(tree.in("in"));
  REQUIRE(until([&] { return w.seen->was_told("removed in/"); }));
  settle(w);
  for (const auto& each : w.seen->changes)
    if (each.path != "mark-1") {
      CAPTURE(each.path);
      CHECK_FALSE(seems_there(*w.seen, each.path));
    }
  CHECK(until([&] { return watches->now().watches == 1; }));
}

TEST_CASE_METHOD(race_fixture, "a folder that is renamed while it is scanned "
                               "is told by its new name, with all in it") {
  fill_outside(500, 300);
  auto w = open();
  fs::rename(tree("outside"), tree.in("in"));
  REQUIRE(until([&] { return seems_there(*w.seen, "in/d0"); }));
  fs::rename(tree.in("in"), tree.in("other"));
  const auto known = [&](const std::string& name) {
    return seems_there(*w.seen, "in/" + name) ||
           seems_there(*w.seen, "other/" + name);
  };
  CHECK(until([&] { return known("f499") && known("d299"); }));
  CHECK(until([&] { return watches->now().watches == 302; }));
  write_file(tree.in("other/d299/new"), "");
  CHECK(until([&] { return w.seen->was_told("created other/d299/new"); }));
  CHECK(w.seen->lost == 0);
}

TEST_CASE_METHOD(race_fixture, "a folder below that is renamed while it is "
                               "scanned for keeps one watch and one name") {
  fill_outside(0, 300);
  auto w = open();
  fs::rename(tree("outside"), tree.in("in"));
  for (int i = 0; i < 200; i += 10) {
    for (int turns = 0; turns < 3; ++turns)
      loop.poll_one();
    fs::rename(tree.in("in/d" + std::to_string(i)),
               tree.in("in/e" + std::to_string(i)));
  }
  settle(w);
  REQUIRE(until([&] { return watches->now().watches == 302; }));
  for (int i = 0; i < 200; i += 10) {
    const auto name = "in/e" + std::to_string(i) + "/new";
    write_file(tree.in(name), "");
    CHECK(until([&] { return w.seen->was_told("created " + name); }));
    CHECK_FALSE(w.seen->was_told("created in/d" + std::to_string(i) + "/new"));
  }
}

TEST_CASE_METHOD(race_fixture, "folders that change places keep their "
                               "content's names") {
  make_folders(tree, "a/x");
  make_folders(tree, "b/y");
  write_file(tree.in("f"), "");
  write_file(tree.in("g"), "");
  auto w = open();
  exchange(tree.in("a"), tree.in("b"));
  // It looks as one that went there and back.
  REQUIRE(until([&] { return w.seen->lost > 0; }));
  write_file(tree.in("a/y/f"), "");
  write_file(tree.in("b/x/f"), "");
  CHECK(until([&] {
    return w.seen->was_told("created a/y/f") &&
           w.seen->was_told("created b/x/f");
  }));
  CHECK(watches->now().watches == 5);
  const auto before = w.seen->lost;
  exchange(tree.in("f"), tree.in("g"));
  CHECK(until([&] { return w.seen->lost > before; }));
}

TEST_CASE_METHOD(race_fixture, "an empty folder that is replaced by another "
                               "one is that one") {
  make_folders(tree, "a/x");
  make_folders(tree, "b");
  auto w = open();
  fs::rename(tree.in("a"), tree.in("b"));
  REQUIRE(until([&] { return watches->now().watches == 3; }));
  write_file(tree.in("b/x/f"), "");
  CHECK(until([&] { return w.seen->was_told("created b/x/f"); }));
  CHECK(w.seen->lost == 0);
  const auto told = w.seen->told();
  CHECK(
      std::vector(told.begin(), told.begin() + 3) ==
      std::vector<std::string>{"removed b/", "moved a/ | b", "created b/ | a"});
}

namespace {

/// Leaves out one path.
class path_filter final : public watch_filter {
public:
  explicit path_filter(std::string path) : path_{std::move(path)} {}
  bool leaves_out(std::string_view folder,
                  std::string_view name) const override {
    return std::string{folder} + "/" + std::string{name} == path_;
  }
  bool looks_at_folders() const override { return true; }

private:
  std::string path_;
};

} // namespace

TEST_CASE_METHOD(race_fixture, "what a path leaves out is watched when its "
                               "folder has another name") {
  make_folders(tree, "a/tmp/x");
  auto w = open("", std::make_shared<path_filter>("a/tmp"), "path");
  CHECK(watches->now().watches == 2);
  fs::rename(tree.in("a"), tree.in("b"));
  REQUIRE(until([&] { return watches->now().watches == 4; }));
  write_file(tree.in("b/tmp/x/f"), "");
  CHECK(until([&] { return w.seen->was_told("created b/tmp/x/f"); }));
  fs::rename(tree.in("b"), tree.in("a"));
  CHECK(until([&] { return watches->now().watches == 2; }));
}

TEST_CASE_METHOD(race_fixture, "what goes from a renamed folder at once is not "
                               "there for who leaves out paths") {
  make_folders(tree, "a");
  write_file(tree.in("a/f"), "");
  auto w = open("", std::make_shared<path_filter>("x/tmp"), "path");
  fs::rename(tree.in("a"), tree.in("b"));
  fs::remove(tree.in("b/f"));
  settle(w);
  // Whoever knows of a/f either hears that b/f went, or not that a is b now.
  CHECK((w.seen->was_told("removed b/f") || w.seen->was_told("moved a/")));
  REQUIRE(until([&] { return watches->now().watches == 2; }));
  write_file(tree.in("b/g"), "");
  CHECK(until([&] { return w.seen->was_told("created b/g"); }));
}

// -- folders without a watch --------------------------------------------------

TEST_CASE_METHOD(race_fixture, "a folder that goes while it is looked at is "
                               "gone, and back later") {
  allow_watches(0);
  fs::create_directory(tree("kept"));
  for (int i = 0; i < 400; ++i)
    make_folders(tree, "a/d" + std::to_string(i));
  auto w = open("a");
  for (int i = 1; i <= 10; ++i) {
    for (int turns = 0; turns < 10 + 3 * i; ++turns)
      loop.run_one_for(1ms);
    fs::rename(tree.in("a"), tree("kept/a"));
    REQUIRE(until([&] { return w.seen->gone == i; }));
    fs::rename(tree("kept/a"), tree.in("a"));
    REQUIRE(until([&] { return w.seen->lost >= i; }));
  }
}

TEST_CASE_METHOD(race_fixture, "when the parts without a watch are gone, all "
                               "is watched, and that is told") {
  allow_watches(2);
  make_folders(tree, "a");
  auto w = open();
  make_folders(tree, "a/new");
  REQUIRE(until([&] { return w.seen->degraded.size() == 1; }));
  fs::rename(tree.in("a/new"), tree.in("a/other"));
  REQUIRE(until([&] {
    return !w.seen->ready.back().parts.empty() &&
           w.seen->ready.back().parts[0].path == "a/other";
  }));
  fs::remove_all(tree.in("a/other"));
  CHECK(until([&] { return w.seen->ready.back() == watch_ready{2}; }));
  CHECK(watches->now().degraded == 0);
}

TEST_CASE_METHOD(race_fixture, "a folder without a watch that went and came "
                               "back is told with its content") {
  allow_watches(2);
  make_folders(tree, "a");
  auto w = open();
  make_folders(tree, "a/new");
  write_file(tree.in("a/new/f"), "");
  REQUIRE(until([&] { return w.seen->was_told("created a/new/f"); }));
  fs::rename(tree.in("a/new"), tree("outside"));
  REQUIRE(until([&] { return w.seen->was_told("moved a/new/"); }));
  w.seen->changes.clear();
  fs::rename(tree("outside"), tree.in("a/new"));
  CHECK(until([&] { return w.seen->was_told("created a/new/f"); }));
}

TEST_CASE_METHOD(race_fixture, "it is ready when there is something to compare "
                               "with") {
  allow_watches(1);
  make_folders(tree, "a");
  auto w = open();
  // Whoever reads the folder now, and then goes by what is told, knows this.
  write_file(tree.in("a/f"), "");
  CHECK(until([&] { return w.seen->was_told("created a/f"); }));
}

TEST_CASE_METHOD(race_fixture, "a folder without a watch that replaces another "
                               "one is there") {
  allow_watches(1);
  make_folders(tree, "a/x");
  make_folders(tree, "b");
  auto w = open();
  REQUIRE(until([&] { return watches->is_at_rest(); }));
  fs::rename(tree.in("a"), tree.in("b"));
  write_file(tree.in("b/x/f"), "");
  REQUIRE(until([&] { return w.seen->was_told("created b/x/f"); }));
  CHECK(seems_there(*w.seen, "b"));
  CHECK(w.seen->times("removed b/") == 1);
}

TEST_CASE_METHOD(race_fixture, "what is kept of a folder without a watch that "
                               "is replaced is told with the new one") {
  allow_watches(0);
  make_folders(tree, "a/kept");
  write_file(tree.in("a/kept/f"), "");
  auto w = open();
  REQUIRE(until([&] { return watches->is_at_rest(); }));
  fs::rename(tree.in("a/kept"), tree("kept"));
  fs::rename(tree.in("a"), tree("old"));
  make_folders(tree, "a");
  fs::rename(tree("kept"), tree.in("a/kept"));
  CHECK(until([&] {
    return w.seen->was_told("created a/kept/") &&
           w.seen->was_told("created a/kept/f");
  }));
}

TEST_CASE_METHOD(race_fixture, "a folder without a watch that is renamed while "
                               "all is scanned is looked at") {
  allow_watches(1);
  constexpr int count = 60;
  for (int i = 0; i < count; ++i)
    make_folders(tree, "d" + std::to_string(i));
  write_file(tree.in("x"), "");
  write_file(tree.in("y"), "");
  auto w = open();
  for (int i = 0; i < count; ++i) {
    exchange(tree.in("x"), tree.in("y")); // all is scanned after that
    for (int turns = 0; turns < i; ++turns)
      loop.run_one_for(1ms);
    const auto number = std::to_string(i);
    fs::rename(tree.in("d" + number), tree.in("e" + number));
  }
  REQUIRE(until([&] { return watches->is_at_rest(); }));
  for (int i = 0; i < count; ++i)
    write_file(tree.in("e" + std::to_string(i) + "/f"), "");
  for (int i = 0; i < count; ++i) {
    CAPTURE(i);
    CHECK(until([&] {
      return w.seen->was_told("created e" + std::to_string(i) + "/f");
    }));
  }
}

TEST_CASE_METHOD(race_fixture, "watching may end while a step is under way") {
  for (int i = 0; i < 300; ++i)
    make_folders(tree, "d" + std::to_string(i));
  for (int i = 0; i < 30; ++i) {
    use(small_steps());
    auto w = begin();
    for (int turns = 0; turns < i; ++turns)
      loop.poll_one();
    watches.reset();
  }
}

} // namespace outrigger::os::test
