// What clients' paths mean, and for whom: against the real file system.
#include "actors/files/workspace.hpp"

#include <chrono>
#include <thread>

#include <catch2/catch.hpp>

#include "actors/os/files/file_read.hpp"
#include "protocol/files/file_fault.hpp"
#include "tests/support/result_text.hpp"
#include "tests/support/temporary_folder.hpp"

namespace outrigger {
namespace {

constexpr auto machine = path_style::machine;
constexpr auto inside = path_style::workspace;

struct world {
  world() {
    disk.file("ws/a.txt", "a");
    disk.file("ws/docs/d.md", "d");
    disk.file("ws/docs/sub/e.md", "e");
    disk.file("ws/src/x.cpp", "x");
    disk.file("ws-secret/s", "s");
    disk.file("more/m", "m");
    disk.file("ws/state/token", "t");
    disk.link("../src", "ws/docs/out");
    disk.link("/", "ws/top");
    disk.link("ws", "alias");
  }

  workspace open(std::string everything = {}, std::string root = "ws") {
    workspace::setup wanted;
    wanted.root = disk(root);
    wanted.roots = {disk("more")};
    wanted.everything = std::move(everything);
    wanted.home = disk("ws/docs");
    wanted.closed = {disk("ws/state")};
    auto opened = workspace::open(wanted);
    REQUIRE(opened);
    return std::move(*opened);
  }

  /// What is read there, or the fault's sentence.
  std::string read(const workspace& files, std::string_view path,
                   path_style style, std::string_view scopes = "all",
                   right wanted = right::view) {
    const auto set = parse_scopes(scopes);
    REQUIRE(set);
    const auto place = files.locate(path, style, *set, wanted);
    if (!place)
      return std::string{names_of(place.error().fault).sentence};
    const auto file = os::open_regular(place->root, place->path);
    if (!file)
      return file.error().message();
    return os::read_whole(file->fd.get(), 100).value();
  }

  test::temporary_folder disk;
};

} // namespace

TEST_CASE_METHOD(world, "paths of the workspace begin at its folder") {
  const auto files = open();
  for (const auto* path : {"a.txt", "/a.txt", "//a.txt", "docs/../a.txt"})
    CHECK(read(files, path, inside) == "a");
  CHECK(read(files, "../ws/a.txt", inside) == "outside the workspace");
  CHECK(read(files, disk("ws/a.txt"), inside) == "No such file or directory");
}

TEST_CASE_METHOD(world, "paths of the machine are mapped onto the roots") {
  const auto files = open();
  CHECK(read(files, disk("ws/a.txt"), machine) == "a");
  CHECK(read(files, disk("ws/docs/../a.txt"), machine) == "a");
  CHECK(read(files, disk("more/m"), machine) == "m");
  CHECK(read(files, "a.txt", machine) == "a");
  CHECK(read(files, "~/d.md", machine) == "d");
  CHECK(read(files, disk("ws-secret/s"), machine) == "outside the workspace");
  CHECK(read(files, "/etc/passwd", machine) == "outside the workspace");
  CHECK(read(files, "../ws-secret/s", machine) == "outside the workspace");
}

TEST_CASE_METHOD(world, "the top is the workspace, unless all is served") {
  const auto all = *parse_scopes("all");
  for (const auto* top : {"", "/", "//", "/."}) {
    CHECK(open().locate(top, machine, all, right::view)->shown == disk("ws"));
    CHECK(open().locate(top, inside, all, right::view)->shown == "/");
  }
  const auto files = open("/");
  CHECK(files.locate("/", machine, all, right::view)->shown == "/");
  CHECK(files.locate("", machine, all, right::view)->shown == disk("ws"));
  CHECK(read(files, disk("ws-secret/s"), machine) == "s");
  CHECK(read(files, disk("ws/a.txt"), machine) == "a");
}

TEST_CASE_METHOD(world, "a root may be named by the link it was given by") {
  const auto files = open({}, "alias");
  CHECK(read(files, disk("alias/a.txt"), machine) == "a");
  CHECK(read(files, disk("ws/a.txt"), machine) == "a");
  const auto all = *parse_scopes("all");
  CHECK(files.locate(disk("alias/a.txt"), machine, all, right::view)->shown ==
        disk("alias/a.txt"));
}

TEST_CASE_METHOD(world, "the daemon's own files are nobody's") {
  const auto denied = std::string{"Permission denied"};
  CHECK(read(open(), "state/token", inside) == denied);
  CHECK(read(open(), "docs/../state/token", inside) == denied);
  const auto files = open("/");
  CHECK(read(files, disk("ws/state/token"), machine) == denied);
  disk.link("state", "ws/l");
  CHECK(read(files, "l/token", inside) == denied);
}

TEST_CASE_METHOD(world, "scopes decide who reads and who writes") {
  const auto files = open();
  const auto can = [&](const char* scopes, const char* path, right wanted) {
    const auto got = read(files, path, inside, scopes, wanted);
    return got == "a" || got == "d" || got == "e";
  };
  CHECK(can("read", "a.txt", right::view));
  CHECK_FALSE(can("read", "a.txt", right::use));
  CHECK(can("files", "a.txt", right::use));
  CHECK(can("files:/docs", "docs/d.md", right::use));
  CHECK(can("files:/docs", "docs/sub/e.md", right::use));
  CHECK_FALSE(can("files:/docs", "a.txt", right::view));
  CHECK(can("files:/docs:read", "docs/d.md", right::view));
  CHECK_FALSE(can("files:/docs:read", "docs/d.md", right::use));
  CHECK_FALSE(can("files:/doc", "docs/d.md", right::view));
  CHECK_FALSE(can("terminal", "a.txt", right::view));
  CHECK(can("files:/docs:read files:/docs/sub", "docs/sub/e.md", right::use));
  CHECK(read(files, "docs/d.md", inside, "files:/docs:read", right::use) ==
        "read only");
  CHECK(read(files, "a.txt", inside, "files:/docs", right::use) ==
        "permission denied");
}

TEST_CASE_METHOD(world, "a narrowed credential is not led out by links") {
  const auto files = open();
  CHECK(read(files, "docs/out/x.cpp", inside) == "x");
  CHECK(read(files, "docs/out/x.cpp", inside, "files:/docs") ==
        "Invalid cross-device link");
  CHECK(read(files, "docs/../src/x.cpp", inside, "files:/docs") ==
        "permission denied");
  CHECK(read(files, disk("more/m"), machine, "files:/docs") ==
        "permission denied");
  CHECK(read(files, disk("ws/docs/d.md"), machine, "files:/docs") == "d");
}

TEST_CASE_METHOD(world, "a credential's folder that became a link is none") {
  const auto files = open();
  CHECK(read(files, "docs/d.md", inside, "files:/docs") == "d");
  std::filesystem::rename(disk("ws/docs"), disk("ws/was"));
  disk.link("src", "ws/docs");
  disk.file("ws/src/d.md", "other");
  CHECK(read(files, "docs/d.md", inside) == "other");
  CHECK(read(files, "docs/d.md", inside, "files:/docs") == "permission denied");
  CHECK(read(files, "was/sub/e.md", inside, "files:/was/sub") == "e");
}

TEST_CASE_METHOD(world, "what holds the place together is not removed") {
  const auto files = open("/");
  const auto all = *parse_scopes("all");
  const auto removable = [&](const std::string& path, path_style style) {
    const auto place = files.locate(path, style, all, right::use);
    REQUIRE(place);
    return static_cast<bool>(files.check_removable(*place));
  };
  CHECK(removable("a.txt", inside));
  CHECK(removable("docs", inside));
  CHECK(removable("top", inside)); // the link, not what it leads to
  CHECK_FALSE(removable("/", inside));
  CHECK_FALSE(removable("docs/..", inside));
  CHECK_FALSE(removable(disk("ws"), machine));
  CHECK_FALSE(removable(disk(), machine)); // the roots are in it
  CHECK_FALSE(removable(disk("more"), machine));
  for (const auto* path : {"/", "/etc", "/usr", "/proc", "/dev", "/tmp/.."})
    CHECK_FALSE(removable(path, machine));
  const auto state = files.locate("state", inside, all, right::use);
  REQUIRE(state);
  CHECK_FALSE(files.check_removable(*state));
}

TEST_CASE_METHOD(world, "a narrowed credential does not remove its folder") {
  const auto files = open();
  const auto docs = *parse_scopes("files:/docs");
  const auto place = files.locate("docs", inside, docs, right::use);
  REQUIRE(place);
  CHECK_FALSE(files.check_removable(*place));
  const auto below = files.locate("docs/sub", inside, docs, right::use);
  REQUIRE(below);
  CHECK(files.check_removable(*below));
}

TEST_CASE_METHOD(world, "a root that is made again is found again") {
  const auto files = open();
  CHECK(read(files, "a.txt", inside) == "a");
  std::filesystem::rename(disk("ws"), disk("elsewhere"));
  disk.file("ws/a.txt", "another");
  disk.file("ws/state/token", "t");
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (read(files, "a.txt", inside) == "a" &&
         std::chrono::steady_clock::now() < end)
    std::this_thread::yield();
  CHECK(read(files, "a.txt", inside) == "another");
  CHECK(read(files, "state/token", inside) == "Permission denied");
}

TEST_CASE_METHOD(world, "a root that is not there is said to be that") {
  workspace::setup wanted;
  wanted.root = disk("none");
  const auto opened = workspace::open(wanted);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().detail ==
        "root " + disk("none") + ": No such file or directory");
}

} // namespace outrigger
