// The door: what is opened through it, and what never is.
#include "tests/os/file_tree.hpp"

#include "actors/os/files/file_info.hpp"
#include "tests/os/forked_child.hpp"
#include "tests/os/refused_calls.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace outrigger::os::test {

namespace {

using namespace std::string_literals;

/// A workspace with a bit of everything, and what is around it.
struct workspace : file_tree {
  workspace() {
    make_folder_at(in("a"));
    make_folder_at(in("a/b"));
    write_file(in("a/f"), "inside");
    write_file((*this)("secret"), "outside");
    make_folder_at((*this)("root-secret"));
    write_file((*this)("root-secret/f"), "outside");
    make_link("a", in("to-a"));
    make_link("f", in("a/to-f"));
    make_link("../../to-a/f", in("a/b/round"));
    make_link("..", in("a/up"));
    make_link(in("a"), in("absolute"));
    make_link("../secret", in("out"));
    make_link("../root-secret", in("beside"));
    make_link("../root/a", in("in-by-out"));
    make_link("/", in("slash"));
    make_link("/etc/passwd", in("passwd"));
    make_link("/proc/self/root", in("proc-root"));
    make_link("x", in("y"));
    make_link("y", in("x"));
  }

  /// What is opened, as a path from the root; else the error.
  static std::string where(const root_dir& root, std::string_view path,
                           int flags = O_PATH) {
    const auto opened = root.open(path, flags);
    if (!opened)
      return opened.error().message();
    const auto real = path_of(opened->get()).value();
    REQUIRE(real.starts_with(root.path()));
    return real == root.path() ? "." : real.substr(root.path().size() + 1);
  }
};

} // namespace

TEST_CASE_METHOD(workspace, "paths inside the root are opened") {
  const std::pair<const char*, const char*> paths[] = {
      {"", "."},
      {".", "."},
      {"a", "a"},
      {"a/", "a"},
      {"./a/./b/..", "a"},
      {"a//b", "a/b"},
      {"a/b/../../a/f", "a/f"},
      {"to-a/f", "a/f"},
      {"to-a/", "a"},
      {"a/to-f", "a/f"},
      {"a/b/round", "a/f"},
      {"a/up", "."},
      {"a/up/a/up/a/f", "a/f"},
  };
  for (const auto how : resolvers)
    for (const auto& [path, leads_to] : paths) {
      INFO(path);
      CHECK(where(root(how), path) == leads_to);
    }
}

TEST_CASE_METHOD(workspace, "nothing outside the root is opened") {
  for (const auto how : resolvers) {
    const auto inside = root(how);
    for (const char* path : {"..",
                             "../",
                             "../secret",
                             "../root-secret/f",
                             "a/../..",
                             "a/../../secret",
                             "a/../../root/a/f",
                             "a/up/..",
                             "to-a/../../secret",
                             "out",
                             "beside",
                             "beside/f",
                             "in-by-out",
                             "in-by-out/f",
                             "absolute",
                             "absolute/f",
                             "slash",
                             "slash/",
                             "slash/etc/passwd",
                             "passwd",
                             "proc-root",
                             "proc-root/etc/passwd"}) {
      INFO(path);
      for (const int flags : {O_PATH, O_RDONLY | O_NONBLOCK})
        CHECK(inside.open(path, flags).error() == os_error(EXDEV));
      CHECK(inside.find(std::string{path} + "/new").error() == os_error(EXDEV));
    }
    for (const auto& path :
         {"/"s, "/etc/passwd"s, in("a"), "a\0"s, "a\0/f"s, "\0"s, "//a"s}) {
      CHECK(inside.open(path, O_PATH).error() == os_error(EINVAL));
      CHECK(inside.find(path).error() == os_error(EINVAL));
    }
    for (const auto& path : {std::string(5000, 'a'), std::string(4096, '/'),
                             std::string(4096, '.')}) {
      CHECK(inside.open(path, O_PATH).error() != std::error_code{});
      CHECK(inside.find(path).error() != std::error_code{});
    }
    CHECK(inside.open(std::string(5000, 'a'), O_PATH).error() ==
          os_error(ENAMETOOLONG));
    CHECK(inside.find(std::string(256, 'a')).error() == os_error(ENAMETOOLONG));
    CHECK(inside.open("x", O_PATH).error() == os_error(ELOOP));
  }
}

TEST_CASE_METHOD(workspace, "a trailing slash or dot asks for a folder") {
  for (const auto how : resolvers) {
    const auto inside = root(how);
    for (const char* path : {"a/f/", "a/f/.", "a/f/..", "a/f/../f", "to-a/f/",
                             "a/to-f/", "a/f/x"}) {
      INFO(path);
      CHECK(inside.open(path, O_PATH).error() == os_error(ENOTDIR));
    }
    CHECK(inside.open("a/none/..", O_PATH).error() == os_error(ENOENT));
  }
}

TEST_CASE_METHOD(workspace, "a link is opened itself when that is asked") {
  for (const auto how : resolvers) {
    const auto inside = root(how);
    for (const char* path : {"out", "slash", "x", "a/to-f", "to-a/to-f"}) {
      INFO(path);
      CHECK(info_of(inside, path, false).value().kind == file_kind::link);
      CHECK(inside.open(path, O_RDONLY | O_NOFOLLOW).error() ==
            os_error(ELOOP));
    }
    CHECK(link_target(inside, "out").value() == "../secret");
    CHECK(link_target(inside, "a/to-f").value() == "f");
    CHECK(link_target(inside, "a/f").error() == os_error(EINVAL));
    CHECK(link_target(inside, "a").error() == os_error(EINVAL));
    // With a slash behind it, what it leads to.
    CHECK(where(inside, "to-a/", O_PATH | O_NOFOLLOW) == "a");
  }
}

TEST_CASE("links of /proc are not followed, nor is anything opened that way") {
  const file_tree tree;
  const unique_fd open_one(::open("/etc/passwd", O_RDONLY | O_CLOEXEC));
  for (const auto how : resolvers) {
    const auto all = root_dir::open("/", how).value();
    CHECK(all.open("etc/passwd", O_RDONLY).has_value());
    for (const auto& path :
         {"proc/self/root"s, "proc/self/root/etc/passwd"s, "proc/self/cwd"s,
          "proc/self/exe"s, "proc/self/fd/"s + std::to_string(open_one.get()),
          "proc/"s + std::to_string(::getpid()) + "/root/etc"s}) {
      INFO(path);
      const auto error = all.open(path, O_RDONLY).error();
      CHECK((error == os_error(ELOOP) || error == os_error(EXDEV)));
      CHECK(all.find(path + "/x").has_error());
    }
    // A root that is somewhere in there has no more of it.
    const auto self = root_dir::open("/proc/self/", how).value();
    CHECK(self.open("root/etc/passwd", O_RDONLY).has_error());
    CHECK(self.open("status", O_RDONLY).has_value());
  }
}

TEST_CASE_METHOD(workspace, "nothing is created or truncated by opening") {
  for (const auto how : resolvers) {
    const auto inside = root(how);
    for (const int flags : {O_WRONLY | O_CREAT, O_WRONLY | O_TRUNC,
                            O_RDWR | O_TMPFILE, O_WRONLY | O_CREAT | O_EXCL}) {
      CHECK(inside.open("a/f", flags).error() == os_error(EINVAL));
      CHECK(inside.open("a", flags).error() == os_error(EINVAL));
      const auto folder = inside.open("a", O_PATH | O_DIRECTORY);
      CHECK(open_entry(folder->get(), "f", flags).error() == os_error(EINVAL));
      CHECK(reopen(folder->get(), flags).error() == os_error(EINVAL));
    }
  }
  CHECK(read_file(in("a/f")) == "inside");
}

TEST_CASE_METHOD(workspace, "descriptors are closed by exec and not leaked") {
  const auto before = open_descriptors();
  for (const auto how : resolvers) {
    const auto inside = root(how);
    for (const int flags : {O_PATH, O_RDONLY}) {
      const auto opened = inside.open("a/b/round", flags);
      REQUIRE(opened.has_value());
      CHECK((::fcntl(opened->get(), F_GETFD) & FD_CLOEXEC) != 0);
    }
    (void)inside.open("a/b/../../x", O_PATH);
    (void)inside.open("out", O_PATH);
    (void)inside.find("a/b/none");
  }
  CHECK(open_descriptors() == before);
}

// -- places -------------------------------------------------------------------

TEST_CASE_METHOD(workspace, "a place is a folder and a name, there or not") {
  for (const auto how : resolvers) {
    const auto inside = root(how);
    const auto found = inside.find("to-a/b/../new/");
    REQUIRE(found.has_value());
    CHECK(found->name == "new");
    CHECK(found->folder_path == "a");
    CHECK(path_of(found->folder.get()).value() == in("a"));
    const auto top = inside.find("x");
    CHECK(top->folder_path.empty());
    CHECK(top->name == "x");
    for (const char* path : {"", ".", "..", "a/..", "a/.", "a/b/../", "/"}) {
      INFO(path);
      CHECK(inside.find(path).error() == os_error(EINVAL));
    }
    CHECK(inside.find("none/x").error() == os_error(ENOENT));
    CHECK(inside.find("a/f/x").error() == os_error(ENOTDIR));
    const auto all = root_dir::open("/", how).value();
    CHECK(all.find("tmp").value().folder_path.empty());
    CHECK(all.find("tmp/x").value().folder_path == "tmp");
  }
}

TEST_CASE_METHOD(workspace, "a folder that left the root is no place") {
  for (const auto how : resolvers) {
    const auto narrow = root(how).narrow("a").value();
    REQUIRE(::rename(in("a").c_str(), (*this)("gone").c_str()) == 0);
    CHECK(narrow.find("b/x").error() == os_error(EXDEV));
    REQUIRE(::rename((*this)("gone").c_str(), in("a").c_str()) == 0);
    CHECK(narrow.find("b/x").has_value());
  }
}

TEST_CASE_METHOD(workspace, "entries of a folder are single names") {
  const auto folder = root().open("a", O_PATH | O_DIRECTORY).value().release();
  const unique_fd guard(folder);
  for (const auto& name : {"../secret"s, "b/../f"s, ".."s, ""s, "/"s,
                           "/etc/passwd"s, "f\0"s, "f/"s}) {
    INFO(name);
    CHECK(open_entry(folder, name, O_PATH).error() == os_error(EINVAL));
    CHECK(create_entry(folder, name, 0600).error() == os_error(EINVAL));
  }
  CHECK(create_entry(folder, ".", 0600).error() == os_error(EINVAL));
  CHECK(create_entry(folder, "f", 0600).error() == os_error(EEXIST));
  CHECK(create_entry(folder, "to-f", 0600).error() == os_error(EEXIST));
  CHECK(open_entry(folder, "to-f", O_RDONLY).error() == os_error(ELOOP));
  CHECK(create_entry(folder, "new", 0640).has_value());
  CHECK(mode_of(in("a/new")) == 0640);
}

// -- narrower -----------------------------------------------------------------

TEST_CASE_METHOD(workspace, "nothing beside a narrower root is reached") {
  make_link("../a/f", in("a/b/wider"));
  for (const auto how : resolvers) {
    const auto inner = root(how).narrow("to-a/b").value();
    CHECK(inner.path() == in("a/b"));
    CHECK(inner.resolver() == how);
    for (const char* path : {"..", "../f", "wider", "round"})
      CHECK(inner.open(path, O_PATH).error() == os_error(EXDEV));
    CHECK(root(how).narrow("a/f").error() == os_error(ENOTDIR));
    CHECK(root(how).narrow("out").error() == os_error(EXDEV));
    CHECK(root(how).narrow("").value().path() ==
          in("a").substr(0, in("a").size() - 2));
  }
}

TEST_CASE_METHOD(workspace, "a root has its path without links") {
  make_link((*this)("root/a"), (*this)("linked"));
  CHECK(root_dir::open((*this)("linked"), path_resolver::walk).value().path() ==
        in("a"));
  CHECK(root_dir::open((*this)("root/"), path_resolver::walk).value().path() ==
        (*this)("root"));
  CHECK(root_dir::open((*this)("secret"), path_resolver::walk).error() ==
        os_error(ENOTDIR));
  CHECK(root_dir::open((*this)("none"), path_resolver::walk).error() ==
        os_error(ENOENT));
}

// -- kept closed --------------------------------------------------------------

TEST_CASE_METHOD(workspace, "what is kept closed stays closed by every path") {
  make_folder_at(in("a/b/keys"));
  write_file(in("a/b/keys/token"), "secret");
  write_file(in("a/b/keys-public"), "public");
  make_link("b/keys/token", in("a/to-token"));
  make_link("a/b/keys", in("to-keys"));
  for (const auto how : resolvers) {
    auto inside = root(how);
    inside.keep_closed({in("a/b/keys"), in("a/f"), "/elsewhere"});
    for (const char* path :
         {"a/b/keys", "a/b/keys/", "a/b/keys/token", "a/to-token", "to-keys",
          "to-keys/token", "a/b/../b/keys/token", "a/f", "a/to-f",
          "to-a/b/keys/token", "a/b/keys/../keys/token"}) {
      INFO(path);
      CHECK(inside.open(path, O_RDONLY).error() == os_error(EACCES));
      CHECK(inside.open(path, O_PATH).error() == os_error(EACCES));
    }
    for (const char* path : {"a/b/keys", "a/b/keys/new", "to-keys/new", "a/f"})
      CHECK(inside.find(path).error() == os_error(EACCES));
    CHECK(inside.narrow("a/b/keys").error() == os_error(EACCES));
    const auto narrow = inside.narrow("a/b").value();
    CHECK(narrow.open("keys/token", O_PATH).error() == os_error(EACCES));
    CHECK(narrow.find("keys").error() == os_error(EACCES));
    CHECK(narrow.open("keys-public", O_RDONLY).has_value());
    CHECK(inside.open("a/b", O_RDONLY).has_value());
    CHECK(inside.find("to-keys").has_value()); // the link itself
    CHECK(!inside.is_closed("a/b"));
    CHECK(inside.is_closed("a/b/keys/token"));
    CHECK(inside.has_closed("a/b"));
    CHECK(inside.has_closed(""));
    CHECK(narrow.has_closed(""));
    CHECK(narrow.is_closed("keys"));
    CHECK(!inside.has_closed("a/b/keys-public"));
  }
  auto all = root_dir::open("/", path_resolver::openat2).value();
  all.keep_closed({in("a/b/keys")});
  CHECK(all.open((in("a/b/keys/token")).substr(1), O_PATH).error() ==
        os_error(EACCES));
  CHECK(all.has_closed("tmp"));
}

// -- the kernel ---------------------------------------------------------------

TEST_CASE("the resolver is chosen by what the kernel lets us have") {
  CHECK(in_child([] {
          return choose_resolver() == path_resolver::openat2 ? 0 : 1;
        }) == 0);
  for (const int error : {ENOSYS, EPERM})
    CHECK(in_child([&] {
            if (!refuse_calls({{SCMP_SYS(openat2), error}}))
              return 90;
            return choose_resolver() == path_resolver::walk ? 0 : 1;
          }) == 0);
  CHECK(in_child([] { // the directory's own trouble is none of the call's
          if (!refuse_calls({{SCMP_SYS(openat2), EACCES}}))
            return 90;
          return choose_resolver() == path_resolver::openat2 ? 0 : 1;
        }) == 0);
}

TEST_CASE_METHOD(workspace, "a kernel that is told to give up is asked again, "
                            "but not for ever") {
  CHECK(in_child([&] {
          if (!refuse_calls({{SCMP_SYS(openat2), EAGAIN}}))
            return 90;
          return root().open("a/f", O_PATH).error() == os_error(EAGAIN) ? 0 : 1;
        }) == 0);
}

TEST_CASE_METHOD(workspace,
                 "an open file tells where it is, until it is gone") {
  const auto file = root().open("a/f", O_RDONLY).value().release();
  const unique_fd guard(file);
  CHECK(path_of(file).value() == in("a/f"));
  REQUIRE(::rename(in("a/f").c_str(), in("g").c_str()) == 0);
  CHECK(path_of(file).value() == in("g"));
  REQUIRE(::unlink(in("g").c_str()) == 0);
  CHECK(path_of(file).error() == os_error(ENOENT));
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const unique_fd one(ends[0]);
  const unique_fd two(ends[1]);
  CHECK(path_of(ends[0]).error() == os_error(ENOENT));
}

TEST_CASE_METHOD(workspace, "a path's status is that of the file") {
  write_file(in("g"), "12345", 0604);
  for (const auto how : resolvers) {
    const auto inside = root(how);
    const auto info = info_of(inside, "g").value();
    CHECK(info.kind == file_kind::file);
    CHECK(info.size == 5);
    CHECK(info.mode == 0604);
    CHECK(info_of(inside, "a/to-f").value().kind == file_kind::file);
    CHECK(info_of(inside, "a").value().kind == file_kind::directory);
    CHECK(info_of(inside, "out").error() == os_error(EXDEV));
    const auto folder = inside.open("", O_PATH | O_DIRECTORY).value().release();
    const unique_fd guard(folder);
    CHECK(version_of(info_of(folder, "g").value()) == version_of(info));
    CHECK(info_of(folder, "out").value().kind == file_kind::link);
    CHECK(info_of(folder, "none").error() == os_error(ENOENT));
  }
}

TEST_CASE("versions differ by inode, size and time") {
  file_info info;
  info.inode = 0xab;
  info.size = 16;
  info.modified_ns = 1'000'000'000;
  const auto version = version_of(info);
  CHECK(version == "ab-10-3b9aca00");
  info.modified_ns = -1; // before 1970
  CHECK(version_of(info) == "ab-10-ffffffffffffffff");
}

} // namespace outrigger::os::test
