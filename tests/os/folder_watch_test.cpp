// Watched folders: what is told of what happens in them, and that nothing is
// missed that happens while folders come and go.
#include "tests/os/watch_fixture.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

namespace outrigger::os::test {

namespace fs = std::filesystem;

namespace {

void append(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary | std::ios::app) << text;
}

} // namespace

TEST_CASE_METHOD(watch_fixture, "what is made, changed and removed is told") {
  write_file(tree.in("old"), "1");
  auto w = open();
  CHECK(w.seen->ready == std::vector{watch_ready{1}});
  write_file(tree.in("new"), "");
  append(tree.in("old"), "2");
  ::unlink(tree.in("old").c_str());
  make_folder_at(tree.in("folder"));
  REQUIRE(until([&] { return w.seen->was_told("created folder/"); }));
  CHECK(w.seen->told() ==
        std::vector<std::string>{"created new", "modified old", "removed old",
                                 "created folder/"});
}

TEST_CASE_METHOD(watch_fixture, "folders below are watched from the start") {
  make_folders(tree, "a/b/c");
  make_folders(tree, "d");
  auto w = open();
  CHECK(w.seen->ready == std::vector{watch_ready{5}});
  write_file(tree.in("a/b/c/f"), "");
  REQUIRE(until([&] { return w.seen->was_told("created a/b/c/f"); }));
  CHECK(watches->now().watches == 5);
}

TEST_CASE_METHOD(watch_fixture, "a new folder's content is told, made as fast "
                                "as the kernel can") {
  auto w = open();
  constexpr int rounds = 60;
  for (int i = 0; i < rounds; ++i) {
    const auto top = "t" + std::to_string(i);
    make_folders(tree, top + "/a/b");
    for (const auto* name : {"/f", "/a/f", "/a/b/f"})
      write_file(tree.in(top + name), "x");
    if (i % 10 == 0) // some are read while they are made
      loop.poll();
  }
  settle(w);
  for (int i = 0; i < rounds; ++i) {
    const auto top = "t" + std::to_string(i);
    CAPTURE(top);
    for (const auto* what : {"/", "/a/", "/a/b/", "/f", "/a/f", "/a/b/f"})
      CHECK(until([&] { return w.seen->was_told("created " + (top + what)); }));
  }
  CHECK(watches->now().watches == 1 + 3 * rounds);
  // And they are watched now.
  write_file(tree.in("t7/a/b/later"), "");
  CHECK(until([&] { return w.seen->was_told("created t7/a/b/later"); }));
}

TEST_CASE_METHOD(watch_fixture, "folders made and removed by somebody else at "
                                "the same time leave nothing out of step") {
  auto w = open();
  std::thread other{[this] {
    for (int i = 0; i < 120; ++i) {
      const auto top = tree.in("r" + std::to_string(i % 3));
      fs::create_directories(top + "/a/b");
      std::ofstream(top + "/a/b/f") << "x";
      if (i % 2 == 0)
        fs::rename(top + "/a", top + "/moved");
      fs::remove_all(top);
    }
    for (int i = 0; i < 3; ++i)
      fs::create_directories(tree.in("r" + std::to_string(i)) + "/a/b");
  }};
  bool joined = false;
  CHECK(until([&] {
    if (!joined && w.seen->was_told("created r2/a/b/"))
      joined = true;
    return joined;
  }));
  other.join();
  settle(w);
  for (const auto* top : {"r0", "r1", "r2"}) {
    const auto name = std::string{top} + "/a/b/last";
    write_file(tree.in(name), "");
    CHECK(until([&] { return w.seen->was_told("created " + name); }));
  }
  CHECK(until([&] { return watches->now().watches == 10; }));
}

TEST_CASE_METHOD(watch_fixture, "a rename within the folder has both names") {
  write_file(tree.in("a"), "");
  make_folders(tree, "x/y");
  auto w = open();
  fs::rename(tree.in("a"), tree.in("x/b"));
  REQUIRE(until([&] { return w.seen->was_told("created x/b | a"); }));
  CHECK(w.seen->told() ==
        std::vector<std::string>{"moved a | x/b", "created x/b | a"});
}

TEST_CASE_METHOD(watch_fixture, "a renamed folder keeps its watches") {
  make_folders(tree, "a/b/c");
  make_folders(tree, "other");
  auto w = open();
  fs::rename(tree.in("a/b"), tree.in("other/new"));
  REQUIRE(until([&] { return w.seen->was_told("created other/new/ | a/b"); }));
  write_file(tree.in("other/new/c/f"), "");
  REQUIRE(until([&] { return w.seen->was_told("created other/new/c/f"); }));
  CHECK(w.seen->changes.size() == 3); // not its content: that has not changed
  CHECK(watches->now().watches == 5);
}

TEST_CASE_METHOD(watch_fixture, "what goes out of the folder is moved away, "
                                "and forgotten") {
  make_folders(tree, "a/b/c");
  auto w = open();
  CHECK(watches->now().watches == 4);
  fs::rename(tree.in("a"), tree("outside"));
  REQUIRE(until([&] { return w.seen->was_told("moved a/"); }));
  REQUIRE(until([&] { return watches->now().watches == 1; }));
  write_file(tree("outside/b/c/f"), "");
  settle(w);
  CHECK(w.seen->changes.size() == 2); // and the mark
}

TEST_CASE_METHOD(watch_fixture, "a folder that comes in comes with its "
                                "content") {
  auto w = open();
  fs::create_directories(tree("outside/b"));
  write_file(tree("outside/b/f"), "");
  fs::rename(tree("outside"), tree.in("in"));
  REQUIRE(until([&] { return w.seen->was_told("created in/b/f"); }));
  CHECK(w.seen->told() == std::vector<std::string>{"created in/",
                                                   "created in/b/",
                                                   "created in/b/f"});
  write_file(tree.in("in/b/g"), "");
  CHECK(until([&] { return w.seen->was_told("created in/b/g"); }));
}

TEST_CASE_METHOD(watch_fixture, "no link is followed") {
  make_folders(tree, "a");
  fs::create_directories(tree("outside/b"));
  make_link(tree("outside"), tree.in("absolute"));
  make_link("../outside", tree.in("a/up"));
  auto w = open();
  CHECK(w.seen->ready == std::vector{watch_ready{2}});
  make_link(tree("outside/b"), tree.in("later"));
  write_file(tree("outside/f"), "");
  write_file(tree("outside/b/f"), "");
  settle(w);
  CHECK(w.seen->told() ==
        std::vector<std::string>{"created later", "created mark-1"});
}

TEST_CASE_METHOD(watch_fixture, "what is left out costs no watch and is not "
                                "told") {
  make_folders(tree, "node_modules/x/y");
  make_folders(tree, "src/node_modules/z");
  const auto filter = std::make_shared<name_filter>(
      std::set<std::string>{"node_modules", "out.log"});
  auto w = open("", filter, "1");
  CHECK(w.seen->ready == std::vector{watch_ready{2}});
  write_file(tree.in("out.log"), "");
  make_folders(tree, "src/more/node_modules/a");
  write_file(tree.in("src/node_modules/z/f"), "");
  fs::rename(tree.in("out.log"), tree.in("kept.log"));
  fs::rename(tree.in("src/more"), tree.in("node_modules/more"));
  settle(w);
  CHECK(w.seen->was_told("created kept.log"));
  CHECK(w.seen->was_told("moved src/more/"));
  for (const auto& change : w.seen->changes)
    CHECK(change.path.find("node_modules") == std::string::npos);
  CHECK(until([&] { return watches->now().watches == 2; }));
}

TEST_CASE_METHOD(watch_fixture, "what is kept closed is not told") {
  make_folders(tree, "open/state");
  auto root = tree.root();
  root.keep_closed({tree.in("open/state"), tree.in("open/token")});
  watch w;
  w.interest.emplace(watches->watch(
      {root, ""}, nullptr, "",
      [seen = w.seen](const folder_news& news) { seen->take(news); }));
  REQUIRE(until([&] { return !w.seen->ready.empty(); }));
  CHECK(w.seen->ready.back() == watch_ready{2});
  write_file(tree.in("open/state/secret"), "");
  write_file(tree.in("open/token"), "");
  fs::rename(tree.in("open/token"), tree.in("open/other"));
  settle(w);
  CHECK(w.seen->told() ==
        std::vector<std::string>{"created open/other", "created mark-1"});
  // A folder that has nothing of it keeps its content in a rename.
  make_folders(tree, "x");
  REQUIRE(until([&] { return watches->now().watches == 3; }));
  fs::rename(tree.in("x"), tree.in("y"));
  CHECK(until([&] { return w.seen->was_told("moved x/ | y"); }));
  fs::rename(tree.in("open"), tree.in("shut"));
  CHECK(until([&] { return w.seen->was_told("moved open/"); }));
}

TEST_CASE_METHOD(watch_fixture, "overlapping folders share the kernel's "
                                "watches") {
  make_folders(tree, "a/b");
  auto whole = open();
  auto part = open("a");
  auto twin = open("a");
  CHECK(watches->now().watches == 3);
  CHECK(watches->now().trees == 2);
  write_file(tree.in("a/b/f"), "");
  CHECK(until([&] {
    return whole.seen->was_told("created a/b/f") &&
           part.seen->was_told("created b/f") &&
           twin.seen->was_told("created b/f");
  }));
  whole.interest.reset();
  CHECK(until([&] { return watches->now().watches == 2; }));
  write_file(tree.in("a/b/g"), "");
  CHECK(until([&] { return part.seen->was_told("created b/g"); }));
  CHECK_FALSE(whole.seen->was_told("created a/b/g"));
  part.interest.reset();
  CHECK(watches->now().trees == 1);
  twin.interest.reset();
  CHECK(watches->now().trees == 0);
  CHECK(until([&] { return watches->now().watches == 0; }));
}

TEST_CASE_METHOD(watch_fixture, "a folder moved from one watched folder to "
                                "another keeps its watches") {
  make_folders(tree, "a/x/y");
  make_folders(tree, "b");
  auto a = open("a");
  auto b = open("b");
  for (int i = 0; i < 50; ++i) {
    const auto& from = i % 2 == 0 ? "a/x" : "b/x";
    const auto& to = i % 2 == 0 ? "b/x" : "a/x";
    auto& seen = i % 2 == 0 ? *b.seen : *a.seen;
    fs::rename(tree.in(from), tree.in(to));
    const auto name = "x/y/f" + std::to_string(i);
    REQUIRE(until([&] { return seen.was_told("created x/y/"); }));
    seen.changes.clear();
    write_file(tree.in((i % 2 == 0 ? "b/" : "a/") + name), "");
    REQUIRE(until([&] { return seen.was_told("created " + name); }));
    seen.changes.clear();
  }
}

TEST_CASE_METHOD(watch_fixture, "one who comes later is told what the others "
                                "were") {
  make_folders(tree, "a");
  auto first = open();
  write_file(tree.in("f"), "");
  settle(first);
  auto second = open();
  CHECK(second.seen->changes.empty());
  CHECK(second.seen->ready == std::vector{watch_ready{2}});
  CHECK(first.seen->ready.size() == 1);
}

TEST_CASE_METHOD(watch_fixture, "names are bytes, and may be long") {
  auto w = open();
  const std::string odd = "\xff\xfe\n\x01";
  const std::string longest(255, 'x');
  make_folders(tree, longest);
  make_folders(tree, odd);
  write_file(tree.in(longest + "/" + odd), "");
  CHECK(until([&] {
    return w.seen->was_told("created " + longest + "/" + odd) &&
           w.seen->was_told("created " + odd + "/");
  }));
}

TEST_CASE_METHOD(watch_fixture, "a tree deeper than descriptors are held is "
                                "watched to its ground") {
  std::string path;
  for (int i = 0; i < 200; ++i)
    path += (i == 0 ? "" : "/") + std::to_string(i);
  make_folders(tree, path);
  make_folders(tree, path.substr(0, 40) + "/zz");
  auto w = open();
  CHECK(w.seen->ready == std::vector{watch_ready{202}});
  write_file(tree.in(path + "/f"), "");
  CHECK(until([&] { return w.seen->was_told("created " + path + "/f"); }));
}

} // namespace outrigger::os::test
