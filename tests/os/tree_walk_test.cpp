// The walk through a tree: its order, what it shows, what it holds open, and
// that it stays in its tree whatever others do meanwhile.
#include "actors/os/error.hpp"
#include "actors/os/files/tree_walk.hpp"
#include "tests/os/file_tree.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

namespace outrigger::os::test {

namespace {

using paths = std::vector<std::string>;

tree_walk walk_in(const root_dir& root, std::string_view folder = "",
                  const walk_options& options = {},
                  walk_filter* filter = nullptr) {
  auto walk = tree_walk::begin(root, folder, options, filter);
  REQUIRE(walk.has_value());
  return std::move(*walk);
}

paths rest_of(tree_walk& walk) {
  paths seen;
  while (const auto* entry = walk.next())
    seen.push_back(entry->path);
  return seen;
}

paths paths_in(const root_dir& root, std::string_view folder = "",
               const walk_options& options = {},
               walk_filter* filter = nullptr) {
  auto walk = walk_in(root, folder, options, filter);
  return rest_of(walk);
}

/// Goes on until an entry is the current one.
void go_to(tree_walk& walk, std::string_view path) {
  while (const auto* entry = walk.next())
    if (entry->path == path)
      return;
  FAIL("not in the walk: " << path);
}

walk_options deep(std::size_t max_open) {
  walk_options options;
  options.max_open = max_open;
  return options;
}

/// a/x, a/b/x, a/b/c/x and so on, with one file behind each folder.
void make_deep(const file_tree& tree, int depth) {
  std::string path;
  for (int i = 0; i < depth; ++i) {
    path += (i == 0 ? "" : "/") + std::string(1, static_cast<char>('a' + i));
    make_folder_at(tree.in(path));
    write_file(tree.in(path + "/x"), path);
  }
}

/// Leaves out what is named, and notes what it is asked.
class noting_filter final : public walk_filter {
public:
  void enter(std::string_view path, const reader& read) override {
    log.push_back("enter " + std::string{path});
    if (const auto text = read(".rules"))
      log.push_back("read " + (text->size() < 50 ? *text : "much"));
  }
  void leave() override { log.emplace_back("leave"); }
  bool wants(std::string_view path, bool is_folder) override {
    log.push_back(std::string{path} + (is_folder ? "/" : ""));
    return std::find(unwanted.begin(), unwanted.end(), path) == unwanted.end();
  }

  paths unwanted;
  paths log;
};

} // namespace

TEST_CASE("a walk shows folders first, then names in the order of bytes") {
  const file_tree tree;
  for (const char* folder : {"b", "b/z", "B", "lib", "empty"})
    make_folder_at(tree.in(folder));
  for (const char* file :
       {"a", "C", "b/y", "b/z/1", "B/f", "lib.cpp", "common_prefix_1",
        "common_prefix_", "common_prefix_10", "z\x01", "z"})
    write_file(tree.in(file), "");
  const paths expected{"B",
                       "B/f",
                       "b",
                       "b/z",
                       "b/z/1",
                       "b/y",
                       "empty",
                       "lib",
                       "C",
                       "a",
                       "common_prefix_",
                       "common_prefix_1",
                       "common_prefix_10",
                       "lib.cpp",
                       "z",
                       "z\x01"};
  for (const auto how : resolvers)
    CHECK(paths_in(tree.root(how)) == expected);
  CHECK(paths_in(tree.root(), "b") == paths{"z", "z/1", "y"});
  CHECK(paths_in(tree.root(), "b/../lib/.") == paths{});
}

TEST_CASE("a walk can show names in the order of their lower-case forms") {
  const file_tree tree;
  make_folder_at(tree.in("b"));
  make_folder_at(tree.in("C"));
  for (const char* file : {"Z", "a", "B", "b/f", "y", "_", ".rules"})
    write_file(tree.in(file), "rules");
  walk_options options;
  options.fold_case = true;
  noting_filter filter;
  CHECK(paths_in(tree.root(), "", options, &filter) ==
        paths{"b", "b/f", "C", ".rules", "_", "a", "B", "y", "Z"});
  CHECK(filter.log.at(1) == "read rules");
}

TEST_CASE("names that are not UTF-8 are kept as they are") {
  const file_tree tree;
  make_folder_at(tree.in("d\xff"));
  write_file(tree.in("d\xff/\xc3\x28"), "");
  write_file(tree.in("new\nline"), "");
  CHECK(paths_in(tree.root()) == paths{"d\xff", "d\xff/\xc3\x28", "new\nline"});
}

TEST_CASE("an entry tells what it is and where it is") {
  const file_tree tree;
  make_folder_at(tree.in("d"));
  write_file(tree.in("d/f"), "12345", 0640);
  REQUIRE(::mkfifo(tree.in("p").c_str(), 0600) == 0);
  auto walk = walk_in(tree.root());
  const auto* entry = walk.next();
  REQUIRE(entry != nullptr);
  CHECK(entry->info.kind == file_kind::directory);
  CHECK(entry->depth == 1);
  entry = walk.next();
  REQUIRE(entry != nullptr);
  CHECK(entry->path == "d/f");
  CHECK(entry->name() == "f");
  CHECK(entry->depth == 2);
  CHECK(entry->info.kind == file_kind::file);
  CHECK(entry->info.size == 5);
  CHECK(entry->info.mode == 0640);
  const auto there = info_of(entry->folder, "f");
  REQUIRE(there.has_value());
  CHECK(version_of(*there) == version_of(entry->info));
  entry = walk.next();
  REQUIRE(entry != nullptr);
  CHECK(entry->info.kind == file_kind::other);
  CHECK(walk.next() == nullptr);
  CHECK(walk.next() == nullptr);
}

TEST_CASE("a light walk tells kinds and nothing else") {
  const file_tree tree;
  make_folder_at(tree.in("d"));
  write_file(tree.in("f"), "12345");
  make_link("f", tree.in("l"));
  walk_options options;
  options.light = true;
  auto walk = walk_in(tree.root(), "", options);
  for (const auto kind :
       {file_kind::directory, file_kind::file, file_kind::link}) {
    const auto* entry = walk.next();
    REQUIRE(entry != nullptr);
    CHECK(entry->info.kind == kind);
    CHECK(entry->info.inode == 0);
    CHECK(entry->info.size == 0);
  }
}

TEST_CASE("links are shown and not followed") {
  const file_tree tree;
  make_folder_at(tree("beside"));
  write_file(tree("beside/secret"), "");
  make_folder_at(tree.in("d"));
  write_file(tree.in("d/f"), "");
  make_link("../beside", tree.in("out"));
  make_link("d", tree.in("inside"));
  make_link(".", tree.in("loop"));
  make_link("nowhere", tree.in("broken"));
  CHECK(paths_in(tree.root()) ==
        paths{"d", "d/f", "broken", "inside", "loop", "out"});
  auto walk = walk_in(tree.root());
  go_to(walk, "inside");
  CHECK(walk.next()->info.kind == file_kind::link);
}

TEST_CASE("a walk ends at its depth") {
  const file_tree tree;
  make_deep(tree, 4);
  walk_options options;
  options.max_depth = 1;
  CHECK(paths_in(tree.root(), "", options) == paths{"a"});
  options.max_depth = 2;
  CHECK(paths_in(tree.root(), "", options) == paths{"a", "a/b", "a/x"});
}

TEST_CASE("a folder can be skipped") {
  const file_tree tree;
  make_deep(tree, 2);
  write_file(tree.in("z"), "");
  auto walk = walk_in(tree.root());
  REQUIRE(walk.next()->path == "a");
  walk.skip_folder();
  CHECK(rest_of(walk) == paths{"z"});
  CHECK(walk.unreadable() == 0);
}

TEST_CASE("what went meanwhile is passed over, folders are counted") {
  const file_tree tree;
  for (const char* folder : {"a", "b", "c"})
    make_folder_at(tree.in(folder));
  write_file(tree.in("b/f"), "");
  write_file(tree.in("x"), "");
  write_file(tree.in("y"), "");
  auto walk = walk_in(tree.root());
  REQUIRE(walk.next()->path == "a");
  std::filesystem::remove(tree.in("a"));
  std::filesystem::remove(tree.in("x"));
  CHECK(rest_of(walk) == paths{"b", "b/f", "c", "y"});
  CHECK(walk.unreadable() == 1);
}

TEST_CASE("a folder that becomes a link is not followed") {
  const file_tree tree;
  make_folder_at(tree("beside"));
  write_file(tree("beside/secret"), "");
  make_folder_at(tree.in("d"));
  for (const bool shown : {true, false}) {
    auto walk = walk_in(tree.root());
    if (shown)
      REQUIRE(walk.next()->path == "d");
    std::filesystem::rename(tree.in("d"), tree("gone"));
    make_link("../beside", tree.in("d"));
    CHECK(rest_of(walk) == (shown ? paths{} : paths{"d"}));
    CHECK(walk.unreadable() == (shown ? 1 : 0));
    std::filesystem::remove(tree.in("d"));
    std::filesystem::rename(tree("gone"), tree.in("d"));
  }
}

TEST_CASE("a file that becomes a folder is walked") {
  const file_tree tree;
  write_file(tree.in("f"), "");
  auto walk = walk_in(tree.root());
  std::filesystem::remove(tree.in("f"));
  make_folder_at(tree.in("f"));
  write_file(tree.in("f/g"), "");
  CHECK(rest_of(walk) == paths{"f", "f/g"});
}

TEST_CASE("a walk holds as many folders open as it may") {
  const file_tree tree;
  make_deep(tree, 9);
  const auto root = tree.root();
  const auto expected = paths_in(root);
  REQUIRE(expected.size() == 18);
  for (const std::size_t limit : {0, 1, 2, 5}) {
    INFO(limit);
    const auto most =
        open_descriptors() + 1 /* the walk's root */ + std::max(limit, 1UL);
    auto walk = walk_in(root, "", deep(limit));
    paths seen;
    while (const auto* entry = walk.next()) {
      seen.push_back(entry->path);
      CHECK(open_descriptors() <= most);
      CHECK(info_of(entry->folder, entry->name()).has_value());
    }
    CHECK(seen == expected);
    CHECK(walk.unreadable() == 0);
  }
}

TEST_CASE("a folder that was closed is walked on only if it is the same") {
  const file_tree tree;
  make_deep(tree, 4);
  make_folder_at(tree("beside"));
  write_file(tree("beside/x"), "");
  make_folder_at(tree.in("other"));
  write_file(tree.in("other/x"), "");
  for (const char* target : {"../beside", "other", ""}) {
    auto walk = walk_in(tree.root(), "", deep(1));
    go_to(walk, "a/b/c/d/x");
    std::filesystem::rename(tree.in("a/b"), tree("gone"));
    if (*target != '\0')
      make_link(target, tree.in("a/b"));
    else
      make_folder_at(tree.in("a/b"));
    CHECK(rest_of(walk) == paths{"a/x", "other", "other/x"});
    CHECK(walk.unreadable() == 2); // a/b/c and a/b
    std::filesystem::remove(tree.in("a/b"));
    std::filesystem::rename(tree("gone"), tree.in("a/b"));
  }
}

TEST_CASE("what the root keeps closed is in no walk") {
  const file_tree tree;
  for (const char* folder : {"s", "s/state", "t"})
    make_folder_at(tree.in(folder));
  for (const char* file : {"s/state/token", "s/key", "s/open", "t/key"})
    write_file(tree.in(file), "");
  auto root = tree.root();
  root.keep_closed({root.path() + "/s/state", root.path() + "/s/key"});
  const auto expected = paths{"s", "s/open", "t", "t/key"};
  CHECK(paths_in(root) == expected);
  CHECK(paths_in(root, "s") == paths{"open"});
  CHECK(paths_in(tree.root(path_resolver::openat2, "root/t")) == paths{"key"});
  CHECK(tree_walk::begin(root, "s/state", {}, nullptr).error() ==
        os_error(EACCES));
}

TEST_CASE("a filter is asked in the order of the walk") {
  const file_tree tree;
  make_deep(tree, 2);
  make_folder_at(tree.in("n"));
  write_file(tree.in("n/hidden"), "");
  write_file(tree.in("a/.rules"), "rules of a");
  noting_filter filter;
  filter.unwanted = {"n", "a/b/x"};
  CHECK(paths_in(tree.root(), "", {}, &filter) ==
        paths{"a", "a/b", "a/.rules", "a/x"});
  CHECK(filter.log == paths{"enter ", "a/", "enter a", "read rules of a",
                            "a/b/", "enter a/b", "a/b/x", "leave", "a/.rules",
                            "a/x", "leave", "n/", "leave"});
}

TEST_CASE("a filter reads regular files of at most a mebibyte") {
  const file_tree tree;
  const auto rules = tree.in(".rules");
  const auto root = tree.root();
  const auto read = [&] {
    noting_filter filter;
    paths_in(root, "", {}, &filter);
    std::filesystem::remove_all(rules);
    return filter.log.at(1).starts_with("read ");
  };
  write_file(rules, "");
  CHECK(read());
  write_file(rules, std::string(1024 * 1024, 'x'));
  CHECK(read());
  write_file(rules, std::string(1024 * 1024 + 1, 'x'));
  CHECK(!read());
  write_file(tree.in("target"), "target");
  make_link("target", rules);
  CHECK(!read());
  REQUIRE(::mkfifo(rules.c_str(), 0600) == 0);
  CHECK(!read());
  make_folder_at(rules);
  CHECK(!read());
}

TEST_CASE("a folder with more names than allowed is passed over") {
  const file_tree tree;
  make_folder_at(tree.in("many"));
  for (int i = 0; i < 100; ++i)
    write_file(tree.in("many/" + std::to_string(i)), "");
  write_file(tree.in("z"), "");
  walk_options options;
  options.max_names = 200;
  auto walk = walk_in(tree.root(), "", options);
  CHECK(rest_of(walk) == paths{"many", "z"});
  CHECK(walk.unreadable() == 1);
  CHECK(tree_walk::begin(tree.root(), "many", options, nullptr).error() ==
        os_error(EFBIG));
}

TEST_CASE("names of all the folders a walk is in count together") {
  const file_tree tree;
  const std::string name(200, 'n');
  for (const std::string folder : {"a", "a/b", "a/b/c", "a/d"}) {
    make_folder_at(tree.in(folder));
    write_file(tree.in(folder + "/" + name), "");
  }
  walk_options options;
  options.max_names = 600;
  auto walk = walk_in(tree.root(), "", options);
  CHECK(rest_of(walk) == paths{"a", "a/b", "a/b/c", "a/b/" + name, "a/d",
                               "a/d/" + name, "a/" + name});
  CHECK(walk.unreadable() == 1);
}

TEST_CASE("a walk begins in a folder below the root") {
  const file_tree tree;
  make_folder_at(tree("beside"));
  make_folder_at(tree.in("d"));
  write_file(tree.in("f"), "");
  make_link("../beside", tree.in("out"));
  const auto root = tree.root();
  const auto failure = [&](std::string_view folder) {
    return tree_walk::begin(root, folder, {}, nullptr).error();
  };
  CHECK(failure("f") == os_error(ENOTDIR));
  CHECK(failure("absent") == os_error(ENOENT));
  CHECK(failure("..") == os_error(EXDEV));
  CHECK(failure("out") == os_error(EXDEV));
  auto walk = walk_in(root, "d");
  walk = walk_in(root);
  CHECK(rest_of(walk) == paths{"d", "f", "out"});
}

TEST_CASE("a walk that ends early leaves nothing open") {
  const file_tree tree;
  make_deep(tree, 5);
  const auto root = tree.root();
  const auto before = open_descriptors();
  {
    auto walk = walk_in(root);
    go_to(walk, "a/b/c/d");
    CHECK(open_descriptors() > before);
  }
  CHECK(open_descriptors() == before);
}

} // namespace outrigger::os::test
