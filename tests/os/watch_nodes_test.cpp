// What watched trees are kept in: folders, their names and watches, and the
// records of the kernel.
#include "actors/os/files/folder_snapshot.hpp"
#include "actors/os/files/inotify_record.hpp"
#include "actors/os/files/watch_nodes.hpp"
#include "actors/os/files/watch_table.hpp"

#include <catch2/catch.hpp>

#include <sys/inotify.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>

namespace outrigger::os::test {

namespace {

/// As the kernel writes it: padded with NULs.
std::string record_of(int watch, std::uint32_t mask, std::uint32_t cookie,
                      const std::string& name, std::size_t padded) {
  inotify_event head{};
  head.wd = watch;
  head.mask = mask;
  head.cookie = cookie;
  head.len = static_cast<std::uint32_t>(padded);
  std::string out(reinterpret_cast<const char*>(&head), sizeof head);
  auto text = name;
  text.resize(padded, '\0');
  return out + text;
}

} // namespace

// -- records ------------------------------------------------------------------

TEST_CASE("records are taken one by one") {
  const auto bytes = record_of(3, IN_CREATE, 0, "name", 16) +
                     record_of(4, IN_DELETE_SELF, 0, "", 0) +
                     record_of(5, IN_MOVED_TO, 77, "sixteen-bytes-16", 16);
  std::string_view rest = bytes;
  auto first = take_record(rest);
  REQUIRE(first);
  CHECK((first->watch == 3 && first->mask == IN_CREATE));
  CHECK(first->name == "name");
  auto second = take_record(rest);
  REQUIRE(second);
  CHECK((second->watch == 4 && second->name.empty()));
  auto third = take_record(rest);
  REQUIRE(third);
  CHECK((third->cookie == 77 && third->name == "sixteen-bytes-16"));
  CHECK_FALSE(take_record(rest));
  CHECK(rest.empty());
}

TEST_CASE("a record that is cut off is none") {
  const auto bytes = record_of(3, IN_CREATE, 0, "name", 16);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    auto rest = std::string_view{bytes}.substr(0, size);
    CHECK_FALSE(take_record(rest));
  }
  auto huge = record_of(3, IN_CREATE, 0, "name", 16);
  huge[12] = huge[13] = huge[14] = huge[15] = '\xff'; // its length
  std::string_view rest = huge;
  CHECK_FALSE(take_record(rest));
}

// -- nodes --------------------------------------------------------------------

TEST_CASE("folders are found by their parent and name") {
  watch_nodes nodes;
  const auto a = nodes.add(root_node, "a", 1);
  const auto b = nodes.add(a, "b", 2);
  const auto other = nodes.add(root_node, "b", 3);
  CHECK(nodes.find(root_node, "a") == a);
  CHECK(nodes.find(a, "b") == b);
  CHECK(nodes.find(root_node, "b") == other);
  CHECK(nodes.find(b, "a") == no_node);
  CHECK(nodes.path(b) == "a/b");
  CHECK(nodes.path(root_node).empty());
  CHECK(nodes.size() == 4);
  nodes.move(a, other, "new");
  CHECK(nodes.path(b) == "b/new/b");
  CHECK(nodes.find(root_node, "a") == no_node);
  CHECK(nodes.is_below(b, other));
  CHECK_FALSE(nodes.is_below(other, b));
}

TEST_CASE("a folder is removed with all below it") {
  watch_nodes nodes;
  const auto a = nodes.add(root_node, "a", 1);
  const auto b = nodes.add(a, "b", 2);
  nodes.add(b, "c", 3);
  nodes.add(a, "d", 4);
  nodes.add(root_node, "e", 5);
  std::vector<int> gone;
  nodes.remove(a, [&](watch_node, int watch) { gone.push_back(watch); });
  CHECK(gone.back() == 1); // last
  std::sort(gone.begin(), gone.end());
  CHECK(gone == std::vector<int>{1, 2, 3, 4});
  CHECK(nodes.size() == 2);
  CHECK(nodes.find(root_node, "e") != no_node);
  CHECK(nodes.find(root_node, "a") == no_node);
  nodes.remove(root_node, [](watch_node, int) {});
  CHECK(nodes.size() == 1);
  CHECK(nodes.find(root_node, "e") == no_node);
}

TEST_CASE("what was not met in a round is known") {
  watch_nodes nodes;
  const auto a = nodes.add(root_node, "a", 1);
  const auto b = nodes.add(a, "b", 2);
  nodes.add(b, "c", 3);
  nodes.begin_round();
  nodes.meet(root_node);
  nodes.meet(a);
  nodes.add(a, "new", 4);
  CHECK(nodes.not_met() == std::vector<watch_node>{b}); // but not c below it
}

TEST_CASE("folders come and go as in a plain map") {
  watch_nodes nodes;
  std::map<std::string, int> model; // path, watch
  std::mt19937 random{42};
  std::vector<std::string> paths{""};
  const auto node_at = [&](const std::string& path) {
    watch_node at = root_node;
    for (std::size_t i = 0; i < path.size() && at != no_node;) {
      const auto end = std::min(path.find('/', i), path.size());
      at = nodes.find(at, path.substr(i, end - i));
      i = end + 1;
    }
    return at;
  };
  for (int round = 0; round < 20'000; ++round) {
    auto at = paths[random() % paths.size()];
    if (random() % 3 != 0) {
      const auto name = "n" + std::to_string(random() % 5000);
      const auto path = at.empty() ? name : at + "/" + name;
      if (path.size() > 60 || model.count(path) > 0)
        continue;
      nodes.add(node_at(at), name, round);
      model[path] = round;
      paths.push_back(path);
    } else if (!at.empty()) {
      std::size_t told = 0;
      nodes.remove(node_at(at), [&](watch_node, int) { ++told; });
      told -= std::erase_if(model, [&](const auto& each) {
        return each.first == at || each.first.starts_with(at + "/");
      });
      REQUIRE(told == 0);
      std::erase_if(paths, [&](const auto& path) {
        return path == at || path.starts_with(at + "/");
      });
    }
  }
  CHECK(nodes.size() == model.size() + 1);
  for (const auto& [path, watch] : model) {
    const auto node = node_at(path);
    REQUIRE(node != no_node);
    REQUIRE(nodes.watch(node) == watch);
    REQUIRE(nodes.path(node) == path);
  }
}

TEST_CASE("a hundred thousand folders take little memory") {
  watch_nodes nodes;
  watch_table table;
  int watch = 0;
  for (int i = 0; i < 100; ++i) {
    const auto top = nodes.add(root_node, "top-" + std::to_string(i), ++watch);
    for (int j = 0; j < 1000; ++j)
      table.insert(++watch,
                   {1, nodes.add(top, "folder-" + std::to_string(j), watch)});
  }
  CHECK(nodes.memory() / nodes.size() < 64);
  CHECK(table.memory() / table.size() < 40);
}

TEST_CASE("names that are no longer used do not add up") {
  watch_nodes nodes;
  for (int i = 0; i < 200'000; ++i) {
    const auto node = nodes.add(root_node, "name-" + std::to_string(i), i);
    nodes.remove(node, [](watch_node, int) {});
  }
  CHECK(nodes.memory() < 256 * 1024);
}

// -- the table ----------------------------------------------------------------

TEST_CASE("a watch may stand for several folders") {
  watch_table table;
  table.insert(7, {1, 10});
  table.insert(7, {2, 20});
  std::vector<watch_owner> found;
  table.find(7, found);
  CHECK(found.size() == 2);
  CHECK(table.contains(7, {2, 20}));
  CHECK(table.erase(7, {1, 10}));
  CHECK_FALSE(table.erase(7, {1, 10}));
  CHECK(table.contains(7));
  CHECK(table.erase(7, {2, 20}));
  CHECK_FALSE(table.contains(7));
}

TEST_CASE("watches come and go as in a plain map") {
  watch_table table;
  std::map<int, watch_node> model;
  std::mt19937 random{7};
  for (int round = 0; round < 50'000; ++round) {
    const auto watch = static_cast<int>(random() % 3000);
    if (const auto found = model.find(watch); found != model.end()) {
      REQUIRE(table.erase(watch, {1, found->second}));
      model.erase(found);
    } else {
      const auto node = static_cast<watch_node>(round);
      table.insert(watch, {1, node});
      model[watch] = node;
    }
  }
  CHECK(table.size() == model.size());
  for (const auto& [watch, node] : model)
    REQUIRE(table.contains(watch, {1, node}));
}

// -- snapshots ----------------------------------------------------------------

namespace {

struct found_entry {
  std::uint32_t depth;
  bool is_folder;
  std::uint64_t print;
  const char* name;
};

folder_snapshot snapshot_of(const std::vector<found_entry>& entries,
                            std::size_t max = 100) {
  folder_snapshot out{max};
  scan_rows rows;
  for (const auto& each : entries) {
    scan_rows::row row;
    row.depth = each.depth;
    row.is_folder = each.is_folder;
    row.print = each.print;
    rows.add(row, each.name);
  }
  out.add(rows, {{"x", "start"}});
  out.finish();
  return out;
}

} // namespace

TEST_CASE("two snapshots tell what happened between them") {
  const auto before = snapshot_of({{0, true, 1, "start"},
                                   {1, true, 2, "folder"},
                                   {2, false, 3, "gone"},
                                   {1, false, 4, "changed"},
                                   {1, false, 5, "same"}});
  const auto now = snapshot_of({{0, true, 1, "start"},
                                {1, true, 2, "folder"},
                                {2, false, 6, "new"},
                                {1, false, 7, "changed"},
                                {1, false, 5, "same"}});
  const auto changes = now.changes_since(before);
  REQUIRE(changes);
  CHECK(*changes ==
        folder_changes{{change_kind::modified, false, "x/start/changed"},
                       {change_kind::removed, false, "x/start/folder/gone"},
                       {change_kind::created, false, "x/start/folder/new"}});
  CHECK(now.changes_since(now)->empty());
  CHECK(now.folders() == 2);
}

TEST_CASE("a folder in a file's place is a new one") {
  const auto before = snapshot_of({{0, true, 1, "start"}, {1, false, 2, "a"}});
  const auto now = snapshot_of({{0, true, 1, "start"}, {1, true, 3, "a"}});
  CHECK(*now.changes_since(before) ==
        folder_changes{{change_kind::removed, false, "x/start/a"},
                       {change_kind::created, true, "x/start/a"}});
}

TEST_CASE("of too many entries it is only known that they differ") {
  const auto before =
      snapshot_of({{0, true, 1, "start"}, {1, false, 2, "a"}}, 1);
  const auto now = snapshot_of({{0, true, 1, "start"}, {1, false, 3, "a"}}, 1);
  CHECK_FALSE(now.changes_since(before));
  CHECK(before.changes_since(before)->empty());
}

} // namespace outrigger::os::test
