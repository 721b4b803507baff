// Files that decide who may come in.
#include "actors/os/error.hpp"
#include "actors/os/private_file.hpp"
#include "tests/os/holder_fixture.hpp"

#include <catch2/catch.hpp>

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace outrigger::os::test {

namespace {

struct files {
  temporary_directory root;
  std::string path = root.path() + "/file";

  void write(const std::string& text, mode_t mode = 0600) const {
    std::ofstream(path) << text;
    REQUIRE(::chmod(path.c_str(), mode) == 0);
  }

  [[nodiscard]] result<std::string> read(readers allowed) const {
    return read_private_file(path, 100, allowed);
  }

  [[nodiscard]] auto count() const {
    const std::filesystem::directory_iterator entries(root.path());
    return std::distance(begin(entries), end(entries));
  }
};

mode_t mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

} // namespace

TEST_CASE_METHOD(files, "a private file is read only when it is private") {
  CHECK(read(readers::owner_only).error() == os_error(ENOENT));
  write("secret\n");
  CHECK(read(readers::owner_only).value() == "secret\n");
  write("secret", 0400);
  CHECK(read(readers::owner_only).value() == "secret");
  for (const mode_t mode : {0640, 0604, 0620, 0602, 0610}) {
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    CHECK(read(readers::owner_only).error() == errc::exposed);
  }
}

TEST_CASE_METHOD(files, "what anybody may read nobody else may write") {
  write("public", 0644);
  CHECK(read(readers::anybody).value() == "public");
  for (const mode_t mode : {0664, 0646, 0622}) {
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    CHECK(read(readers::anybody).error() == errc::writable);
  }
}

TEST_CASE_METHOD(files, "another user's file is refused") {
  if (::geteuid() != 0) {
    WARN("skipped: only root can make another user's file");
    return;
  }
  write("mine", 0644);
  REQUIRE(::chown(path.c_str(), 65534, 65534) == 0);
  CHECK(read(readers::anybody).error() == errc::foreign_owner);
  CHECK(read(readers::owner_only).error() == errc::foreign_owner);
}

TEST_CASE_METHOD(files, "what is no file, or too large, is refused") {
  write(std::string(100, 'x'));
  CHECK(read(readers::owner_only).value().size() == 100);
  write(std::string(101, 'x'));
  CHECK(read(readers::owner_only).error() == os_error(EFBIG));
  REQUIRE(::unlink(path.c_str()) == 0);
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  CHECK(read(readers::owner_only).error() == errc::not_a_file);
  CHECK(read_private_file("/dev/null", 100, readers::anybody).error() ==
        errc::not_a_file);
  CHECK(read_private_file(root.path(), 100, readers::anybody).error() ==
        errc::not_a_file);
}

TEST_CASE_METHOD(files, "a file is replaced by a private one") {
  CHECK(!replace_private_file(path, "one"));
  CHECK(mode_of(path) == 0600);
  write("one", 0666);
  std::ofstream(path + ".new") << "left by one that was killed";
  CHECK(!replace_private_file(path, "two"));
  CHECK(read(readers::owner_only).value() == "two");
  CHECK(mode_of(path) == 0600);
  CHECK(count() == 1);
}

TEST_CASE_METHOD(files, "a link is replaced, not what it leads to") {
  const auto target = root.path() + "/target";
  std::ofstream(target) << "untouched";
  REQUIRE(::symlink(target.c_str(), path.c_str()) == 0);
  CHECK(!replace_private_file(path, "new"));
  CHECK(
      std::filesystem::is_regular_file(std::filesystem::symlink_status(path)));
  CHECK(std::filesystem::file_size(target) == 9);
}

TEST_CASE_METHOD(files, "a full disk leaves the old content") {
  write("old");
  // In a process of its own: limits cannot be raised again by everybody.
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit none{1, 1};
    ::setrlimit(RLIMIT_FSIZE, &none);
    ::_exit(replace_private_file(path, "longer") == os_error(EFBIG) ? 0 : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(read(readers::owner_only).value() == "old");
  CHECK(count() == 1);
  CHECK(replace_private_file(root.path() + "/no/file", "x") ==
        os_error(ENOENT));
}

TEST_CASE_METHOD(files, "a new file does not replace an old one") {
  CHECK(!create_private_file(path, "first"));
  CHECK(mode_of(path) == 0600);
  CHECK(create_private_file(path, "second") == os_error(EEXIST));
  CHECK(read(readers::owner_only).value() == "first");
  CHECK(count() == 1);
}

} // namespace outrigger::os::test
