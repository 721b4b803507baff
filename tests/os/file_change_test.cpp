// Making folders, moving, copying, removing.
#include "actors/os/error.hpp"
#include "actors/os/files/file_change.hpp"
#include "tests/os/skip.hpp"
#include "tests/os/writer_fixture.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace outrigger::os::test {

namespace {

constexpr auto refuse = if_exists::refuse;
constexpr auto replace = if_exists::replace;
using names = std::vector<std::string>;

struct changes : writer_fixture {
  [[nodiscard]] std::error_code move(std::string_view from, std::string_view to,
                                     if_exists policy = refuse,
                                     bool create = false) {
    return move_entry(workspace, from, workspace, to, policy, create, *pending,
                      {});
  }

  [[nodiscard]] result<copied> copy(std::string_view from, std::string_view to,
                                    if_exists policy = refuse,
                                    bool create = false) {
    return copy_entry(workspace, from, workspace, to, policy, create, *pending,
                      {});
  }

  [[nodiscard]] result<std::uint64_t> remove(std::string_view path,
                                             bool recursive = true) {
    return remove_entry(workspace, path, recursive, {});
  }
};

} // namespace

// -- folders ------------------------------------------------------------------

TEST_CASE_METHOD(changes, "folders are made one by one or with their parents") {
  CHECK(!make_folder(workspace, "a", false, 0750));
  CHECK(mode_of(in("a")) == 0750);
  CHECK(make_folder(workspace, "a", false) == os_error(EEXIST));
  CHECK(!make_folder(workspace, "a", true));
  CHECK(make_folder(workspace, "b/c", false) == os_error(ENOENT));
  CHECK(!make_folder(workspace, "b/c/d/", true));
  CHECK(exists(in("b/c/d")));
  write_file(in("f"), "");
  CHECK(make_folder(workspace, "f", false) == os_error(EEXIST));
  CHECK(make_folder(workspace, "f", true) == os_error(ENOTDIR));
  CHECK(make_folder(workspace, "f/x", true) == os_error(ENOTDIR));
  CHECK(make_folder(workspace, "", false) == os_error(EEXIST));
  CHECK(!make_folder(workspace, "", true));
  make_link("../out", in("l"));
  make_link("b", in("to-b"));
  for (const char* path : {"../out", "l/x", "../out/x", "b/../../out"})
    for (const bool parents : {false, true})
      CHECK(make_folder(workspace, path, parents) == os_error(EXDEV));
  CHECK(!make_folder(workspace, "to-b/e/f", true));
  CHECK(exists(in("b/e/f")));
  CHECK(names_in((*this)("")) == names{"pending", "root"});
}

// -- moving -------------------------------------------------------------------

TEST_CASE_METHOD(changes, "entries are moved, links themselves") {
  make_folder_at(in("d"));
  write_file(in("d/f"), "text");
  make_link("nowhere", in("l"));
  CHECK(!move("d/f", "g"));
  CHECK(read_file(in("g")) == "text");
  CHECK(!move("l", "d/l"));
  CHECK(link_target(workspace, "d/l").value() == "nowhere");
  CHECK(!move("d", "e"));
  CHECK(names_in(in("")) == names{"e", "g"});
  CHECK(!move("g", "new/folders/g", refuse, true));
  CHECK(read_file(in("new/folders/g")) == "text");
  CHECK(move("none", "x", refuse, true) == os_error(ENOENT));
  CHECK(move("none", "made/x", refuse, true) == os_error(ENOENT));
  CHECK(!exists(in("made")));
  CHECK(move("e", "none/x") == os_error(ENOENT));
}

TEST_CASE_METHOD(changes, "moving replaces only when it may, and only like by "
                          "like") {
  write_file(in("f"), "f");
  write_file(in("g"), "g");
  make_folder_at(in("d"));
  make_folder_at(in("empty"));
  write_file(in("d/x"), "x");
  make_link("f", in("l"));
  CHECK(move("f", "g") == os_error(EEXIST));
  CHECK(move("f", "l") == os_error(EEXIST));
  CHECK(move("d", "empty") == os_error(EEXIST));
  CHECK(move("f", "d", replace) == os_error(EISDIR));
  CHECK(move("d", "f", replace) == os_error(ENOTDIR));
  CHECK(move("empty", "d", replace) == os_error(ENOTEMPTY));
  CHECK(!move("d", "empty", replace));
  CHECK(read_file(in("empty/x")) == "x");
  CHECK(!move("g", "l", replace)); // the link goes, not what it led to
  CHECK(read_file(in("l")) == "g");
  CHECK(read_file(in("f")) == "f");
}

TEST_CASE_METHOD(changes, "whole trees are replaced when that is asked for") {
  const auto make = [&] {
    make_folder_at(in("new"));
    write_file(in("new/n"), "n");
    make_folder_at(in("old"));
    make_folder_at(in("old/deep"));
    write_file(in("old/deep/o"), "o");
    write_file(in("file"), "f");
  };
  constexpr auto all = if_exists::replace_all;
  make();
  CHECK(!move("new", "old", all));
  CHECK(names_in(in("")) == names{"file", "old"});
  CHECK(names_in(in("old")) == names{"n"});
  CHECK(!move("old", "file", all));
  CHECK(names_in(in("")) == names{"file"});
  CHECK(!remove("file").has_error());
  make();
  CHECK(copy("new", "old", all).has_value());
  CHECK(names_in(in("")) == names{"file", "new", "old"});
  CHECK(names_in(in("old")) == names{"n"});
  CHECK(copy("file", "old", all).has_value());
  CHECK(read_file(in("old")) == "f");
  CHECK(pending_below(in("")) == 0);
}

TEST_CASE_METHOD(changes, "what an entry is in is not replaced by it") {
  make_folder_at(in("d"));
  write_file(in("d/f"), "f");
  write_file(in("d/g"), "g");
  for (const auto policy : {replace, if_exists::replace_all}) {
    CHECK(move("d/f", "d", policy));
    CHECK(copy("d/f", "d", policy).has_error());
  }
  CHECK(names_in(in("d")) == names{"f", "g"});
  CHECK(pending_below(in("")) == 0);
}

TEST_CASE_METHOD(changes, "of two names of one file the new one is left") {
  write_file(in("a"), "text");
  make_folder_at(in("d"));
  for (const auto policy : {replace, if_exists::replace_all}) {
    REQUIRE(::link(in("a").c_str(), in("d/b").c_str()) == 0);
    CHECK(!move("a", "d/b", policy));
    CHECK(!exists(in("a")));
    CHECK(read_file(in("d/b")) == "text");
    CHECK(!move("d/b", "a"));
  }
  REQUIRE(::link(in("a").c_str(), in("b").c_str()) == 0);
  CHECK(move("a", "b") == os_error(EEXIST));
  CHECK(exists(in("a")));
}

TEST_CASE_METHOD(changes, "moving to where it is does nothing") {
  write_file(in("f"), "f");
  make_folder_at(in("d"));
  make_link(".", in("here"));
  for (const auto policy : {refuse, replace}) {
    CHECK(!move("f", "f", policy));
    CHECK(!move("f", "here/f", policy));
    CHECK(!move("d", "d/", policy));
  }
  CHECK(read_file(in("f")) == "f");
}

TEST_CASE_METHOD(changes, "a folder is neither moved nor copied into itself") {
  make_folder_at(in("d"));
  make_folder_at(in("d/e"));
  make_link("d/e", in("l"));
  for (const char* to : {"d/x", "d/e/x", "l/x", "d/new/x"}) {
    INFO(to);
    CHECK(move("d", to, replace, true) == os_error(EINVAL));
    CHECK(copy("d", to, replace, true).error() == os_error(EINVAL));
  }
  CHECK(copy("d", "d", replace).error() == os_error(EINVAL));
  CHECK(copy("d", "d", refuse).error() == os_error(EEXIST));
  CHECK(!move("d", "dd")); // no more than a prefix
  CHECK(names_in(in("")) == names{"dd", "l"});
  CHECK(names_in(in("dd")) == names{"e"});
}

TEST_CASE_METHOD(changes, "nothing is moved, copied or removed outside") {
  write_file((*this)("secret"), "outside");
  make_folder_at((*this)("beside"));
  write_file((*this)("beside/f"), "outside");
  write_file(in("f"), "inside");
  make_link("../beside", in("l"));
  make_link((*this)("beside"), in("absolute"));
  for (const char* path : {"../secret", "l/f", "absolute/f", "../beside",
                           "l/new", "absolute/new"}) {
    INFO(path);
    CHECK(move(path, "x", replace) == os_error(EXDEV));
    CHECK(move("f", path, replace, true) == os_error(EXDEV));
    CHECK(copy(path, "x", replace).error() == os_error(EXDEV));
    CHECK(copy("f", path, replace, true).error() == os_error(EXDEV));
    CHECK(remove(path).error() == os_error(EXDEV));
  }
  CHECK(remove("").error() == os_error(EINVAL));
  CHECK(remove("..").error() == os_error(EINVAL));
  CHECK(move("", "x") == os_error(EINVAL));
  // Links themselves are ours to move, copy and remove.
  CHECK(!move("l", "m"));
  CHECK(copy("m", "n").value().entries == 1);
  CHECK(remove("n").value() == 1);
  CHECK(remove("absolute").value() == 1);
  CHECK(names_in((*this)("beside")) == names{"f"});
  CHECK(read_file((*this)("secret")) == "outside");
}

TEST_CASE_METHOD(changes, "between file systems there is always one whole",
                 "[root]") {
  make_folder_at(in("disk"));
  const small_disk disk(in("disk"), "1m");
  if (!disk.mounted())
    return skip("mounting needs root");
  make_folder_at(in("d"));
  make_folder_at(in("d/e"));
  write_file(in("d/e/f"), "text", 0640);
  make_link("e/f", in("d/l"));
  REQUIRE(::chown(in("d/e/f").c_str(), 1234, 5678) == 0);
  REQUIRE(!move("d", "disk/d"));
  CHECK(!exists(in("d")));
  CHECK(read_file(in("disk/d/e/f")) == "text");
  CHECK(read_file(in("disk/d/l")) == "text");
  CHECK(mode_of(in("disk/d/e/f")) == 0640);
  struct stat status {};
  REQUIRE(::stat(in("disk/d/e/f").c_str(), &status) == 0);
  CHECK(status.st_uid == 1234);
  // What is in the way is told, and stays.
  write_file(in("f"), "here");
  write_file(in("disk/f"), "there");
  CHECK(move("f", "disk/f") == os_error(EEXIST));
  CHECK(!move("f", "disk/f", replace));
  CHECK(read_file(in("disk/f")) == "here");
  CHECK(!exists(in("f")));
  write_file(in("g"), "g");
  CHECK(move("g", "disk/d", replace) == os_error(EISDIR));
  CHECK(read_file(in("g")) == "g");
  // A disk that is full.
  write_file(in("large"), std::string(2 << 20, 'x'));
  CHECK(move("large", "disk/large") == os_error(ENOSPC));
  CHECK(exists(in("large")));
  // What cannot be copied is not moved by halves.
  make_folder_at(in("odd"));
  write_file(in("odd/f"), "f");
  REQUIRE(::mkfifo(in("odd/fifo").c_str(), 0600) == 0);
  CHECK(move("odd", "disk/odd") == errc::not_a_file);
  CHECK(names_in(in("odd")) == names{"f", "fifo"});
  CHECK(names_in(in("disk")) == names{"d", "f"});
  CHECK(!move("disk/d", "back"));
  CHECK(read_file(in("back/e/f")) == "text");
}

// -- what is kept closed ------------------------------------------------------

TEST_CASE_METHOD(changes, "what is kept closed is not moved, copied or removed "
                          "with the folder it is in") {
  make_folder_at(in("home"));
  make_folder_at(in("home/state"));
  write_file(in("home/state/token"), "secret");
  workspace.keep_closed({in("home/state")});
  CHECK(move("home", "x") == os_error(EACCES));
  CHECK(move("home/state", "x") == os_error(EACCES));
  CHECK(copy("home", "x").error() == os_error(EACCES));
  CHECK(remove("home").error() == os_error(EACCES));
  CHECK(remove("home/state/token").error() == os_error(EACCES));
  make_folder_at(in("other"));
  CHECK(move("other", "home/state", replace) == os_error(EACCES));
  CHECK(move("other", "home", replace) == os_error(EACCES));
  CHECK(copy("other", "home/state/x").error() == os_error(EACCES));
  CHECK(make_folder(workspace, "home/state/x", true) == os_error(EACCES));
  CHECK(write("home/state/token", "mine").error() == os_error(EACCES));
  CHECK(read_file(in("home/state/token")) == "secret");
  CHECK(!move("other", "home/other"));
}

} // namespace outrigger::os::test
